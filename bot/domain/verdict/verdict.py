"""Is it allowed? Which entries matter, and which of them win, by the rules of precedence over all lists.

Sources: Microsoft, "Configure connection filtering" (the allow list wins over the block list there) and "Manage allows
and blocks in the Tenant Allow/Block List" (a block wins over an allow there).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import together_hold
from bot.domain.indicators.reader import read, read_as
from bot.domain.lists.coverage import (
    Effect,
    concerned_lists,
    covers,
    related_lists,
    relates,
    span_of,
    stands_beside,
    value_key,
)
from bot.domain.lists.entries import Entry, Snapshot, has_ended
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for, title
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.verdict.elsewhere import Elsewhere, look_elsewhere
from bot.domain.verdict.explanation import explain
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.limits import limits_of
from bot.errors import InvalidIndicator

#: An entry that has to do with the indicator, and how.
_Found: TypeAlias = tuple[Entry, Effect]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with everything that led to it. `unseen` names what could not be read: say so beside the answer.

    The judgement is the lists'. What the places say of it stands in `elsewhere`, and is told beside it.
    """

    indicator: Indicator
    judgement: Judgement
    because: str
    matches: tuple[Match, ...] = ()
    limits: tuple[str, ...] = ()  #: what the verdict does not mean
    unseen: tuple[str, ...] = ()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)  #: what else lets it through or stops it
    as_of: datetime


def judge(
    indicator: Indicator,
    lists: Snapshot,
    *,
    now: datetime,
    known: Sequence[KnownEntry] = (),
    index: ListIndex | None = None,
) -> Verdict:
    """What the tenant's lists say of an indicator at `now`, with every entry that matters, the winners first.

    `known` is what Portcullis has on record; it is joined to the entries by list, action and value. `index` is that of
    these very lists: with it, a long list costs no more than a short one. Never raises on what the lists hold.
    """
    name = list_for(indicator.kind)
    found = tuple(_find(indicator, _looked_at(indicator, lists, index), now))
    unreadable = name in lists.unreadable
    judgement, deciding, by = _decide(indicator, name, found, unreadable=unreadable)
    below = any(effect is Effect.BESIDE and entry.value.startswith("*.") for entry, effect in found)
    records = {(record.list, record.action, value_key(record.list, record.value)): record for record in known}
    matches = tuple(
        sorted(
            (
                Match(
                    entry=entry,
                    effect=effect,
                    wins=entry.action is deciding and effect in by,
                    known=_record_of(entry, records) if records else None,
                )
                for entry, effect in found
                # It is decided: what could be taken for a reason and isn't would only be in the way.
                if deciding is None or effect is not Effect.BESIDE
            ),
            key=_rank,
        )
    )
    return Verdict(
        indicator=indicator,
        judgement=judgement,
        because=explain(indicator, judgement, matches, now=now, unreadable=unreadable, below=below),
        matches=matches,
        limits=()
        if judgement is Judgement.UNKNOWN
        else limits_of(
            indicator.kind, lists, allowed=judgement is Judgement.ALLOWED, blocked=judgement is Judgement.BLOCKED
        ),
        unseen=_unseen(indicator, lists) if lists.unreadable else (),
        elsewhere=look_elsewhere(indicator, lists, judgement),
        as_of=lists.as_of,
    )


def spellings(indicator: Indicator, lists: Snapshot, *, index: ListIndex | None = None) -> frozenset[str]:
    """How the entries that matter for a verdict can be spelled in what Portcullis has on record.

    That is as the tenant spells them, and in the normal form of what somebody asked for.
    """
    found: set[str] = {indicator.value}
    for entry, _ in _find(indicator, _looked_at(indicator, lists, index), lists.as_of):
        found.add(entry.value)
        with suppress(InvalidIndicator):
            found.add(_of_list(entry.list, entry.value).value)
    return frozenset(found)


def _of_list(name: ListName, value: str) -> Indicator:
    """An entry's value. Those of some lists read as another kind, or as none, when nobody says what they are."""
    if name is ListName.URL:
        return read_as(Kind.URL, value)
    return read_as(Kind.SPOOF_PAIR, value) if name is ListName.SPOOF else read(value)


def _looked_at(indicator: Indicator, lists: Snapshot, index: ListIndex | None) -> Iterable[Entry]:
    return lists.entries if index is None else index.concerning(indicator)


def _find(indicator: Indicator, entries: Iterable[Entry], now: datetime) -> Iterable[_Found]:
    name = list_for(indicator.kind)
    others = related_lists(indicator.kind)
    for entry in entries:
        effect: Effect | None = None
        if entry.list is name:
            effect = covers(entry, indicator)
        elif entry.list in others and relates(entry, indicator):
            effect = Effect.RELATED
        if effect is None and not has_ended(entry, now) and stands_beside(entry, indicator):
            effect = Effect.BESIDE
        if effect is not None:
            yield entry, Effect.EXPIRED if has_ended(entry, now) else effect


def _decide(
    indicator: Indicator, name: ListName, found: Sequence[_Found], *, unreadable: bool
) -> tuple[Judgement, Action | None, frozenset[Effect]]:
    """The judgement; whose entries bring it about, those of which action (None: no entry does) and which effects."""
    strong = name.traits.stronger_action
    for action in (strong, strong.other) if found else ():
        judgement = Judgement.ALLOWED if action is Action.ALLOW else Judgement.BLOCKED
        of_action = [(entry, effect) for entry, effect in found if entry.action is action]
        if any(effect in _WHOLE for _, effect in of_action):
            return judgement, action, _WHOLE
        if _parts_make_whole(indicator, [entry for entry, effect in of_action if effect is Effect.PART]):
            return judgement, action, _IN_PART
    return Judgement.UNKNOWN if unreadable else Judgement.NOT_LISTED, None, frozenset()


#: The effects of entries that bring a judgement about: each by itself, or all together.
_WHOLE = frozenset({Effect.EXACT, Effect.COVERS})
_IN_PART = frozenset({Effect.PART})


def _parts_make_whole(indicator: Indicator, parts: Sequence[Entry]) -> bool:
    """Whether several entries together hold every address of a range or network, as two halves do."""
    whole = span_of(indicator.value) if len(parts) > 1 and indicator.kind in _IP_KINDS else None
    if whole is None:
        return False
    spans = [span for entry in parts if (span := span_of(entry.value)) is not None]
    return together_hold(spans, whole)


_IP_KINDS = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK})


def _record_of(entry: Entry, records: Mapping[tuple[ListName, Action, object], KnownEntry]) -> KnownEntry | None:
    return records.get((entry.list, entry.action, value_key(entry.list, entry.value)))


_ORDER: Mapping[str, int] = {
    Effect.EXACT: 0,
    Effect.COVERS: 1,
    Effect.PART: 2,
    Effect.RELATED: 3,
    Effect.BESIDE: 4,
    Effect.EXPIRED: 5,
}


def _rank(match: Match) -> tuple[bool, int, str, str, str, str]:
    entry = match.entry
    return (not match.wins, _ORDER[match.effect], entry.value, entry.list, entry.action, entry.policy)


def _unseen(indicator: Indicator, lists: Snapshot) -> tuple[str, ...]:
    return tuple(
        f"{title(name)}: {lists.unreadable[name]}"
        for name in concerned_lists(indicator.kind)
        if name in lists.unreadable
    )
