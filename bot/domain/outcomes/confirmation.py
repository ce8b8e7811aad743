"""Some minutes after a change: what still stands, what is gone, what turned up late, and what nobody knows yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from bot.domain.requests.keeping import EntryRecords, removed_by, removed_event
from bot.domain.requests.noted import requests_named
from bot.domain.requests.request import Item, ItemState, Request

CHANGED_BACK = "somebody else changed it back"
LATE = "the list showed it late"

_NOTHING: Mapping[str, Request] = MappingProxyType({})

#: How often a change that was sent and never seen is looked for, each time after twice the wait: about a day in all.
LOOKS = 9

#: How many of what is gone are named in the alert.
_NAMED = 10


class Standing(StrEnum):
    """How it stands with an item."""

    STANDS = "stands"  #: the list is as it was left
    LATE = "late"  #: it was sent and not seen; the list is as asked now
    GONE = "gone"  #: the list is no longer as it was left
    UNKNOWN = "unknown"  #: it was sent, and the list is still not as asked
    OVERTAKEN = "overtaken"  #: a later request has changed the entry on: this one's change no longer matters
    TAKEN_OUT = "taken out"  #: a request that was approved later has taken it out, which was on no record
    RECORDED = "recorded"  #: something newer was recorded of the item while the list was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What a look at the list comes to for some items."""

    items: tuple[Item, ...] = ()  #: those to be recorded anew, with their states and words
    gone: tuple[str, ...] = ()  #: the values that somebody else changed back
    late: tuple[str, ...] = ()  #: the values for which it has to be recorded now what was done
    kept_no_more: tuple[str, ...] = ()  #: the values of which the request keeps no entry any more
    unknown: int = 0  #: how many items nobody knows of yet
    events: tuple[NewEvent, ...] = ()


def to_confirm(items: Iterable[Item]) -> list[Item]:
    """The items to look after: what was applied or was so already, and what was sent with no known outcome."""
    return [item for item in items if item.state.awaits_confirmation or item.state is ItemState.INTENDED]


def standing_first(items: Iterable[Item], outcomes: Outcomes) -> list[Item]:
    """The items in the order of recording: all that stand, then all that don't, so that each is told once."""
    return sorted(items, key=lambda item: (outcomes[item.value].step is not Step.AS_ASKED, item.id))


def standing(
    request: Request,
    item: Item,
    outcome: Outcome,
    records: EntryRecords,
    *,
    state_now: ItemState,
    taken_out: Mapping[str, Request] = _NOTHING,
) -> Standing:
    """How it stands with an item. `outcome` is what the list, just read, says of its value (`findings.find`), `records`
    what is on record, `state_now` the item's state by now, and `taken_out` has which request has taken out a value.
    """
    if state_now is not item.state:
        # A later request may have ended an entry while this one read: what it recorded is newer.
        return Standing.RECORDED
    is_doubtful = item.state is ItemState.INTENDED
    if outcome.step is Step.AS_ASKED:
        return Standing.LATE if is_doubtful else Standing.STANDS
    if _is_overtaken(request, item.value, outcome, records):
        return Standing.OVERTAKEN
    if is_doubtful:
        return Standing.UNKNOWN
    return Standing.TAKEN_OUT if item.value in taken_out and outcome.entry is None else Standing.GONE


def _is_overtaken(request: Request, value: str, outcome: Outcome, records: EntryRecords) -> bool:
    """Whether a later request gave the entry yet another end, or other notes."""
    if not request.operation.edits or outcome.entry is None:
        return False
    if request.operation is Operation.EXTEND:
        return bool(records.others(value))
    if any(record.notes != request.reason for record in records.of(value)):
        return True
    # The last: what somebody wrote stands before it, and may name another request.
    named = requests_named(outcome.entry.notes)
    return bool(named) and named[-1] > request.id


def confirm(
    request: Request,
    items: Sequence[Item],
    outcomes: Outcomes,
    records: EntryRecords,
    *,
    states_now: Mapping[int, ItemState],
    at: datetime,
    taken_out: Mapping[str, Request] = _NOTHING,
) -> Confirmation:
    """What a look at the list comes to for some items. `states_now` has the states of the items, by their ids, and
    `taken_out`, by value, the request that was approved later and has taken it out if it is gone."""
    judged = [
        (
            item,
            standing(request, item, outcomes[item.value], records, state_now=states_now[item.id], taken_out=taken_out),
        )
        for item in items
    ]
    confirmed = [item for item, how in judged if how in {Standing.STANDS, Standing.LATE}]
    gone = [item for item, how in judged if how is Standing.GONE]
    out = [(item, taken_out[item.value]) for item, how in judged if how is Standing.TAKEN_OUT]
    return Confirmation(
        items=(
            *(_confirmed(item) for item in confirmed),
            *(replace(item, state=ItemState.REMOVED, outcome=CHANGED_BACK) for item in gone),
            *(replace(item, state=ItemState.REMOVED, outcome=removed_by(removal)) for item, removal in out),
        ),
        gone=tuple(item.value for item in gone),
        late=tuple(item.value for item, how in judged if how is Standing.LATE),
        kept_no_more=_kept_no_more(request, [*gone, *(item for item, _ in out)], outcomes),
        unknown=sum(how is Standing.UNKNOWN for _, how in judged),
        events=(
            *(looked_for_event(EventKind.ITEM_CONFIRMED, request, item, at=at) for item in confirmed),
            *(looked_for_event(EventKind.ITEM_MISSING, request, item, at=at) for item in gone),
            *(removed_event(removal, request.id, item.value, at=at) for item, removal in out),
        ),
    )


def _confirmed(item: Item) -> Item:
    return replace(item, state=ItemState.CONFIRMED, outcome=LATE if item.state is ItemState.INTENDED else item.outcome)


def _kept_no_more(request: Request, gone: Iterable[Item], outcomes: Outcomes) -> tuple[str, ...]:
    """Nothing is kept of an entry that is no longer there; one that merely has another end is."""
    if not request.operation.gives_an_end:
        return ()
    return tuple(item.value for item in gone if outcomes[item.value].entry is None)


def looked_for_event(kind: EventKind, request: Request, item: Item, *, at: datetime) -> NewEvent:
    """What is logged of an item that was looked for in the list: `kind` says whether it stands."""
    return NewEvent(
        kind=kind,
        actor=PORTCULLIS,
        target=item.value,
        request_id=request.id,
        payload={"operation": request.operation, "action": request.action, "list": request.list},
        at=at,
    )


def next_look(looks: int, *, now: datetime, confirm_after: timedelta) -> datetime | None:
    """When what nobody knows of is looked for again, after so many `looks`; None: no more."""
    return now + confirm_after * 2**looks if looks < LOOKS else None


def named(gone: Sequence[str]) -> str:
    """What is gone, in the alert's words: the first few values, and how many more."""
    more = f" and {len(gone) - _NAMED:,} more" if len(gone) > _NAMED else ""
    return ", ".join(gone[:_NAMED]) + more
