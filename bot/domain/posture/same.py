"""Which findings and which changes that nobody requested are about the same entry, switch or other override."""

from __future__ import annotations

from bot.domain.lists.comparison import comparable
from bot.domain.lists.differences import Held
from bot.domain.lists.traits import ListName
from bot.domain.posture.finding import Finding

_LISTS = frozenset(name.value for name in ListName)


def name_of(finding: Finding) -> object:
    """By what a finding is the same as an override that has this among its `names_of`."""
    override = finding.override
    if override is not None and override.detail:
        return _named(finding.place, f"{override.name} ({override.detail})")
    return _named(finding.place, finding.value)


def names_of(held: Held) -> frozenset[object]:
    """What a finding about an override may be called: by the override itself, or by the policy that has it."""
    values = (held.value,) if held.list is not None else (held.value, held.within)
    return frozenset(_named(held.place, value) for value in values)


def _named(place: str, value: str) -> object:
    return place, comparable(ListName(place), value) if place in _LISTS else value.casefold()
