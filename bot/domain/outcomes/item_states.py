"""What is recorded of each item of a request once an attempt at applying it is over: its state, words and event."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation, reaches_tenant
from bot.domain.lists.entries import Entry
from bot.domain.outcomes.outcome import Outcome, Outcomes, Step
from bot.domain.outcomes.texts import LIKE_BEFORE, KeptLonger, another_end, there_already
from bot.domain.requests.keeping import EntryRecords, takes_over
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.requests.requested_change import change_for

UNSEEN = "the tenant accepted the call, but its list, read back, is not as asked"
SETTLED_BY_READING = "settled by reading the list"
NOT_KNOWN = "the list keeps no notes, and Portcullis keeps none for an entry that it doesn't know: extend it first"

#: The order in which items are recorded: events of one kind that follow each other are told as one step.
_ORDER = (ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.INTENDED, ItemState.REFUSED)

_EVENTS: Mapping[ItemState, EventKind] = {
    ItemState.APPLIED: EventKind.ITEM_APPLIED,
    ItemState.ALREADY_SO: EventKind.ITEM_ALREADY_SO,
    ItemState.REFUSED: EventKind.ITEM_REFUSED,
}


def items_after(request: Request, items: Iterable[Item], outcomes: Outcomes) -> list[Item]:
    """Some items with the states and words that the outcomes of their values come to, in the order of recording.

    What is on record of the entries can change that further: see the other functions here. Raises ValueError for an
    outcome that says nothing yet of what became of the value.
    """
    after = [_after(request, item, outcomes[item.value]) for item in items]
    return sorted(after, key=lambda item: (_ORDER.index(item.state), item.id))


def _after(request: Request, item: Item, outcome: Outcome) -> Item:
    match outcome.step:
        case Step.DONE:
            return replace(item, state=ItemState.APPLIED, outcome=_as_the_tenant_has_it(request, outcome.entry))
        case Step.UNSEEN:
            # Neither made nor refused, for all that is known: the service's words of a later try stand beside it.
            words = f"sent, then refused: {outcome.words}" if outcome.words else UNSEEN
            return replace(item, state=ItemState.INTENDED, outcome=words)
        case Step.FORBIDDEN | Step.BARRED | Step.REFUSED:
            return replace(item, state=ItemState.REFUSED, outcome=outcome.words)
        case Step.AS_ASKED:
            return _found_as_asked(request, item, outcome.entry)
        case Step.MISSING | Step.TAKEN | Step.UNANSWERED | Step.LEFT:
            raise ValueError(f"What became of {item.value!r} is not known yet: {outcome.step.value}")


def _found_as_asked(request: Request, item: Item, entry: Entry | None) -> Item:
    if item.state is ItemState.INTENDED:
        another = _as_the_tenant_has_it(request, entry)
        words = f"{SETTLED_BY_READING}: {another}" if another else SETTLED_BY_READING
        return replace(item, state=ItemState.APPLIED, outcome=words)
    if not reaches_tenant(change_for(request, [])):
        return replace(item, state=ItemState.APPLIED, outcome="")  # only Portcullis's own record changes
    words = "" if request.operation is Operation.REMOVE else LIKE_BEFORE
    return replace(item, state=ItemState.ALREADY_SO, outcome=words)


def _as_the_tenant_has_it(request: Request, entry: Entry | None) -> str:
    """What to say of an entry that was made with another end than was asked for."""
    if entry is None or request.operation is not Operation.ADD:
        return ""
    another = another_end(request, entry)
    return f"made, but in the tenant it {'is ' if another.startswith('without') else ''}{another}" if another else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToKeep:
    """Which entries a request to add keeps, if no other request keeps them until later."""

    #: By value: when the list was read and did not hold it; None where it did, or nobody knows.
    values: Mapping[str, datetime | None]
    taken_over: frozenset[str]  #: those of them that were there before it


def to_keep(request: Request, items: Iterable[Item], outcomes: Outcomes, records: EntryRecords) -> ToKeep:
    """Whatever was added, or may have been, is kept; an entry that was there already only where it is taken over.

    `items` are as `items_after` has them.
    """
    values: dict[str, datetime | None] = {}
    taken_over: set[str] = set()
    for item in items:
        outcome = outcomes[item.value]
        if item.state.was_sent:
            values[item.value] = outcomes.read_at if outcome.step is Step.DONE else None
        elif item.state is ItemState.ALREADY_SO and takes_over(request, outcome.entry, records.of(item.value)):
            values[item.value] = None
            taken_over.add(item.value)
    return ToKeep(values=values, taken_over=frozenset(taken_over))


def after_keeping(
    request: Request, items: Iterable[Item], outcomes: Outcomes, kept: ToKeep, longer: Mapping[str, KeptLonger]
) -> list[Item]:
    """The items of a request to add, now that its entries are kept. `longer` are those that another keeps until later.

    What the service ends itself, it ends when it was told to: the words say when that is.
    """
    return [_after_keeping(request, item, outcomes, kept, longer.get(item.value)) for item in items]


def _after_keeping(request: Request, item: Item, outcomes: Outcomes, kept: ToKeep, longer: KeptLonger | None) -> Item:
    is_applied = item.state is ItemState.APPLIED
    if item.state is not ItemState.ALREADY_SO and not (is_applied and longer is not None):
        return item
    taken_over = is_applied or item.value in kept.taken_over
    words = there_already(request, outcomes[item.value].entry, longer, taken_over=taken_over)
    return replace(item, outcome=words)


def after_extension(request: Request, items: Iterable[Item], moved: Collection[str]) -> list[Item]:
    """The items of a request for another end, now that it is on record. `moved`: where another one was until now."""
    if change_for(request, []).expires is not None:
        return list(items)
    # The tenant has the entry without an end before and afterwards: what has changed is when Portcullis ends it.
    return [
        replace(item, state=ItemState.APPLIED, outcome="")
        if item.state is ItemState.ALREADY_SO and item.value in moved
        else item
        for item in items
    ]


def after_annotation(request: Request, items: Iterable[Item], unknown: Collection[str]) -> list[Item]:
    """The items of a request for other notes, now that they are noted. `unknown`: what is on no record.

    Where the list keeps no notes, that record is all there is.
    """
    if reaches_tenant(change_for(request, [])):
        return list(items)
    return [
        replace(item, state=ItemState.REFUSED, outcome=NOT_KNOWN) if item.value in unknown else item for item in items
    ]


def item_events(request: Request, items: Iterable[Item], *, at: datetime) -> list[NewEvent]:
    """The events that tell how it went with some items: none of one of which nothing is known."""
    return [
        NewEvent(
            kind=_EVENTS[item.state],
            actor=PORTCULLIS,
            target=item.value,
            request_id=request.id,
            payload={
                "operation": request.operation,
                "action": request.action,
                "list": request.list,
                "outcome": item.outcome,
            },
            at=at,
        )
        for item in items
        if item.state in _EVENTS
    ]
