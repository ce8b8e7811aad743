"""What a list, read just now, says of each value of a change: still to do, done already, or not to be done at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action

NOT_LISTED = "the list doesn't have it any more: if it is still wanted, it has to be proposed anew"
ENDED_ALREADY = "its end date has passed: it acts no more, and has to be proposed anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the list says of the values of a change. One that is neither missing nor barred is as asked."""

    missing: frozenset[str] = frozenset()  #: not yet as asked
    barred: Mapping[str, str] = field(default_factory=dict)  #: can't be done, and why: nothing is sent for it
    entries: Mapping[str, Entry] = field(default_factory=dict)  #: the live entries, but of what is to be taken out


def find(reading: ListSnapshot, change: Change, *, now: datetime) -> Found:
    """Hold a change against a reading that was made for it. Thousands of values take a moment: do it in a thread."""
    as_asked = reading.state(change, now=now)
    if change.operation.takes_out:
        return Found(missing=frozenset(value for value, so in as_asked.items() if not so))
    entries: dict[str, Entry] = {}
    barred: dict[str, str] = {}
    for value in change.values:
        entry = reading.holds(value, change.action, now=now)
        if entry is not None:
            entries[value] = entry
        elif why := _barred(reading, change, value, now):
            barred[value] = why
    missing = frozenset(value for value, so in as_asked.items() if not so and value not in barred)
    return Found(missing=missing, barred=barred, entries=entries)


def _barred(reading: ListSnapshot, change: Change, value: str, now: datetime) -> str:
    """Why an entry that isn't live can't be added or edited; empty where it can."""
    if change.operation.edits:
        return ENDED_ALREADY if reading.held(value, change.action) else NOT_LISTED
    other = change.action.other
    if change.list.traits.one_entry_a_value and reading.holds(value, other, now=now) is not None:
        listed = "allowed" if other is Action.ALLOW else "blocked"
        return f"the list has it as {listed}, and a value only once: take that entry out first"
    return ""


def in_the_way(reading: ListSnapshot, change: Change, found: Found) -> Mapping[Action, tuple[str, ...]]:
    """The values to be added that are still listed with an end date that has passed, by that entry's action.

    Such an entry acts no more, and would make the new one a duplicate.
    """
    if change.operation is not Operation.ADD:
        return {}
    actions = tuple(Action) if change.list.traits.one_entry_a_value else (change.action,)
    held = {
        action: tuple(value for value in change.values if value in found.missing and reading.held(value, action))
        for action in actions
    }
    return {action: values for action, values in held.items() if values}
