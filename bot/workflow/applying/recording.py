"""Recording what an attempt at applying a request came to: items, who keeps them, and the events that tell it.

Of a large request it takes several transactions. One that dies in between leaves the rest of the items open, and the
next attempt records what it then reads of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation, reaches_tenant
from bot.domain.lists.entries import Entry
from bot.domain.outcomes.findings import Found
from bot.domain.outcomes.texts import another_end, there_already
from bot.domain.requests.keeping import takes_over
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.requests.requested_change import change_for
from bot.store import Job, UnitOfWork
from bot.workflow.applying.apply_change import Settled
from bot.workflow.shared.conclusion import counts, failure, queue_result_file, result, schedule_follow_ups, summary_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import current_states, strides
from bot.workflow.shared.jobs import alert, notify, read_lists_anew
from bot.workflow.shared.keeping import EntryKeeper

UNSEEN = "the tenant accepted the call, but its list, read back, is not as asked"
SETTLED_BY_READING = "settled by reading the list"
NOT_KNOWN = "the list keeps no notes, and Portcullis keeps none for an entry that it doesn't know: extend it first"

#: The order in which items are recorded: events of one kind that follow each other are told as one step.
_ORDER = (ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.INTENDED, ItemState.REFUSED)

_EVENTS = {
    ItemState.APPLIED: EventKind.ITEM_APPLIED,
    ItemState.ALREADY_SO: EventKind.ITEM_ALREADY_SO,
    ItemState.REFUSED: EventKind.ITEM_REFUSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What one attempt found and did."""

    waiting: Sequence[Item]  #: the items that it was about
    found: Found  #: what the list said before anything was sent
    settled: Settled  #: what became of what was sent
    barred: Mapping[str, str]  #: what was not sent, because it can't be or may not be
    read_at: datetime  #: when the list was read


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    item: Item
    state: ItemState
    words: str = ""


async def record(context: Context, job: Job, request: Request, attempt: Attempt) -> None:
    """Record what became of each item, and conclude the request with the last of them."""
    outcomes = sorted((_outcome(request, attempt, item) for item in attempt.waiting), key=_rank)
    parts = list(strides(outcomes)) or [()]
    states = {item.id: item.state for item in request.items}
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            states = await current_states(uow, request.id, states)
            # What another request has taken out since it was sent is told already, and isn't kept.
            still = [one for one in part if states[one.item.id].is_open]
            states |= await _record(uow, request, attempt, still, at=context.now())
            if part is parts[-1]:
                await _conclude(context, uow, request.id)
                await uow.jobs.finish(job)


def _rank(outcome: _Outcome) -> tuple[int, int]:
    return _ORDER.index(outcome.state), outcome.item.id


def _outcome(request: Request, attempt: Attempt, item: Item) -> _Outcome:
    value, settled = item.value, attempt.settled
    if value in settled.done:
        return _Outcome(
            item=item, state=ItemState.APPLIED, words=_as_the_tenant_has_it(request, settled.entries.get(value))
        )
    if value in settled.unseen:
        # Neither made nor refused, for all that is known: the service's words of a later try stand beside it.
        said = settled.refused.get(value)
        return _Outcome(item=item, state=ItemState.INTENDED, words=f"sent, then refused: {said}" if said else UNSEEN)
    refused = settled.refused.get(value) or attempt.barred.get(value)
    if refused is not None:
        return _Outcome(item=item, state=ItemState.REFUSED, words=refused)
    if item.state is ItemState.INTENDED:
        another = _as_the_tenant_has_it(request, attempt.found.entries.get(value))
        words = f"{SETTLED_BY_READING}: {another}" if another else SETTLED_BY_READING
        return _Outcome(item=item, state=ItemState.APPLIED, words=words)
    if not reaches_tenant(change_for(request, [])):
        return _Outcome(item=item, state=ItemState.APPLIED)  # only Portcullis's own record changes
    return _Outcome(item=item, state=ItemState.ALREADY_SO)


def _as_the_tenant_has_it(request: Request, entry: Entry | None) -> str:
    """What to say of an entry that was made with another end than was asked for."""
    if entry is None or request.operation is not Operation.ADD:
        return ""
    another = another_end(request, entry)
    return f"made, but in the tenant it {'is ' if another.startswith('without') else ''}{another}" if another else ""


async def _record(
    uow: UnitOfWork, request: Request, attempt: Attempt, part: Sequence[_Outcome], *, at: datetime
) -> dict[int, ItemState]:
    """Write down some outcomes. Returns the items' states as they are then."""
    removed: list[NewEvent] = []
    match request.operation:
        case Operation.ADD:
            part = await _kept(uow, request, attempt, part, at)
        case Operation.REMOVE:
            gone = [one.item.value for one in part if one.state is ItemState.APPLIED]
            keeper = await EntryKeeper.open(uow, request, gone)
            removed = await keeper.release(gone, at=at)
        case Operation.EXTEND:
            so = [one.item.value for one in part if one.state.holds]
            keeper = await EntryKeeper.open(uow, request, so)
            moved = await keeper.extend(so, at=at)
            part = [_extended(request, attempt, one, moved=one.item.value in moved) for one in part]
        case Operation.ANNOTATE:
            part = await _annotated(uow, request, part)
        case _:
            part = [_worded(request, attempt, one) for one in part]
    await uow.requests.set_items({one.item.id: (one.state, one.words) for one in part})
    events = [_event(request, one, at) for one in part if one.state in _EVENTS]
    await uow.audit.append_all([*removed, *events])
    return {one.item.id: one.state for one in part}


async def _kept(
    uow: UnitOfWork, request: Request, attempt: Attempt, part: Sequence[_Outcome], at: datetime
) -> list[_Outcome]:
    """Keep who asked and until when. Returns the outcomes with what came of that.

    An entry that was there already may be kept too; what the service ends itself, it ends when it was told to.
    """
    keeper = await EntryKeeper.open(uow, request, [one.item.value for one in part])
    taken_over = {
        one.item.value
        for one in part
        if one.state is ItemState.ALREADY_SO
        and takes_over(request, attempt.found.entries.get(one.item.value), keeper.known.of(one.item.value))
    }
    values: dict[str, datetime | None] = {}
    for one in part:
        value = one.item.value
        if one.state.was_sent or value in taken_over:
            was_missing = one.state is ItemState.APPLIED and value in attempt.found.missing
            values[value] = attempt.read_at if was_missing else None
    longer = await keeper.keep(values, at=at)
    outcomes = []
    for one in part:
        value = one.item.value
        words = one.words
        if one.state is ItemState.ALREADY_SO or (one.state is ItemState.APPLIED and value in longer):
            words = there_already(
                request,
                attempt.found.entries.get(value),
                longer.get(value),
                taken_over=one.state is ItemState.APPLIED or value in taken_over,
            )
        outcomes.append(_Outcome(item=one.item, state=one.state, words=words))
    return outcomes


def _worded(request: Request, attempt: Attempt, one: _Outcome) -> _Outcome:
    if one.state is not ItemState.ALREADY_SO:
        return one
    words = there_already(request, attempt.found.entries.get(one.item.value), None, taken_over=False)
    return _Outcome(item=one.item, state=one.state, words=words)


def _extended(request: Request, attempt: Attempt, one: _Outcome, *, moved: bool) -> _Outcome:
    """The outcome of another end. `moved`: the end on record was another one."""
    if moved and one.state is ItemState.ALREADY_SO and change_for(request, []).expires is None:
        # The tenant has the entry without an end before and afterwards: what has changed is when Portcullis ends it.
        return _Outcome(item=one.item, state=ItemState.APPLIED)
    return _worded(request, attempt, one)


async def _annotated(uow: UnitOfWork, request: Request, part: Sequence[_Outcome]) -> list[_Outcome]:
    """Note the notes where Portcullis keeps a record; where the list keeps none, that record is all there is."""
    so = [one.item.value for one in part if one.state.holds]
    unknown = await (await EntryKeeper.open(uow, request, so)).annotate(so)
    if reaches_tenant(change_for(request, [])):
        return [one if one.state is not ItemState.ALREADY_SO else _as_before(one) for one in part]
    return [
        _Outcome(item=one.item, state=ItemState.REFUSED, words=NOT_KNOWN) if one.item.value in unknown else one
        for one in part
    ]


def _as_before(one: _Outcome) -> _Outcome:
    return _Outcome(item=one.item, state=one.state, words="it was like this before")


def _event(request: Request, one: _Outcome, at: datetime) -> NewEvent:
    return NewEvent(
        kind=_EVENTS[one.state],
        actor=PORTCULLIS,
        target=one.item.value,
        request_id=request.id,
        payload={"operation": request.operation, "action": request.action, "list": request.list, "outcome": one.words},
        at=at,
    )


async def _conclude(context: Context, uow: UnitOfWork, request_id: int) -> None:
    """Say what the request came to, and queue what follows."""
    after = await summary_of(uow, request_id)
    status, kind = result(after)
    await uow.requests.move(request_id, expected=Status.APPLYING, to=status, failure=failure(after))
    await uow.audit.append(
        kind,
        actor=PORTCULLIS,
        target=f"request {request_id}",
        request_id=request_id,
        payload=counts(after),
        at=context.now(),
    )
    await schedule_follow_ups(context, uow, after)
    await queue_result_file(uow, after)
    if status is not Status.APPLIED:
        await alert(uow, "request_failed", request_id=request_id, details=failure(after))
    await notify(uow, request_id)
    await read_lists_anew(uow)
