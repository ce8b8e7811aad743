"""Applying an approved request: read the tenant, write down the intent, call, read back, record item by item.

A worker may die between any two lines of this. What it leaves is either nothing, or an intent: and an intent is
settled by reading the tenant, never by sending blindly again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.requests import Item, ItemState, Operation, Request, Status
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError
from bot.store import Job, UnitOfWork
from bot.tenant.changes import Change
from bot.workflow.context import Context
from bot.workflow.keeping import (
    counts,
    failure,
    keep,
    let_go,
    result,
    see_to_it,
    takes_over,
    there_already,
)
from bot.workflow.kinds import JobKind, alert, notify
from bot.workflow.settle import Reading, Settled, look, settle, still_to_do

#: States in which nobody knows yet, or nothing has been tried.
OPEN_STATES = frozenset({ItemState.PROPOSED, ItemState.INTENDED})

#: A service that accepts a change and then doesn't show it gets this many tries; after that it is left to the
#: confirmation, and to the entry's end.
ATTEMPTS_UNSEEN = 6
UNSEEN = "the tenant accepted the call, but its list, read back, is not as asked"
SETTLED_BY_READING = "settled by reading the list"
PAST_END = "its end date has passed"

#: After so many attempts, about a minute, the alert channel is told that an approved change has to wait.
TELL_OF_DELAY_AT = 4

Outcomes = Mapping[int, tuple[ItemState, str]]


async def apply(context: Context, job: Job) -> None:
    """Job: bring an approved request to the tenant. Raises TenantError to be tried again later."""
    request = await _begin(context, job)
    if request is None:
        return
    try:
        await _carry_out(context, job, request)
    except TenantError as error:
        if job.attempts == TELL_OF_DELAY_AT:
            async with context.store.write() as uow:
                await uow.jobs.hold(job)
                await alert(uow, "request_delayed", request_id=request.id, details=str(error))
        raise


async def _carry_out(context: Context, job: Job, request: Request) -> None:
    waiting = [item for item in request.items if item.state in OPEN_STATES]
    # What an attempt before this one may have sent.
    doubtful = [item for item in waiting if item.state is ItemState.INTENDED]
    sending = False
    read_at = context.now()
    settled = Settled()
    try:
        if _has_ended(request, read_at):
            reading, settled = await _too_late(context, request, waiting, doubtful)
        else:
            reading = await still_to_do(context.tenant, change_for(request, waiting), now=read_at)
            missing = [item for item in waiting if item.value in reading.missing]
            await _intend(context, job, missing)
            if missing:
                sending = True
                settled = await settle(context.tenant, change_for(request, missing), now=context.now())
    except (SignInFailed, PermissionMissing) as error:
        if doubtful or sending:
            # Sent, and the list can't be read: neither done nor refused may be said of it.
            raise OutcomeUnknown(
                f"Whether request {request.id} was applied can't be read back: {error.what}", error.remedy
            ) from error
        # Nothing was sent, and trying again changes nothing until the operator acts.
        values = [item.value for item in waiting]
        reading = Reading(missing=frozenset(values))
        settled = Settled(refused=dict.fromkeys(values, str(error)))
    # A value that was sent before and is refused now may be the one that was sent: a list can show it late.
    sent_before = {item.value for item in doubtful}
    unseen = settled.unseen | (sent_before & settled.refused.keys())
    if unseen and job.attempts < ATTEMPTS_UNSEEN:
        raise OutcomeUnknown(
            f"The tenant accepted request {request.id}, but its list does not show all of it yet.",
            "Portcullis reads again and goes on from what it finds.",
        )
    settled = replace(settled, unseen=unseen)
    await _record(context, job, request, _outcomes(waiting, reading, settled), reading, read_at)


def _has_ended(request: Request, now: datetime) -> bool:
    return request.operation is Operation.ADD and request.expires is not None and request.expires <= now


async def _too_late(
    context: Context, request: Request, waiting: list[Item], doubtful: list[Item]
) -> tuple[Reading, Settled]:
    """After the end date nothing is sent any more; what an attempt before it may have sent is looked for."""
    found = await look(context.tenant, change_for(request, doubtful), now=context.now()) if doubtful else Reading()
    never_sent = {item.value for item in waiting if item not in doubtful}
    reading = replace(found, missing=found.missing | never_sent)
    return reading, Settled(unseen=found.missing, refused=dict.fromkeys(never_sent, PAST_END))


def change_for(request: Request, items: list[Item], *, operation: Operation | None = None) -> Change:
    """What goes to the tenant for some items of a request."""
    return Change(
        operation=operation or request.operation,
        action=request.action,
        list=request.list,
        values=tuple(item.value for item in items),
        expires=request.expires,
        # The tenant's own audit log shows the application only; this is the way back to the people.
        notes=f"Portcullis request {request.id}",
    )


async def _begin(context: Context, job: Job) -> Request | None:
    request_id = int(job.payload["request_id"])
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        if await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING):
            await uow.audit.append(
                EventKind.REQUEST_APPLYING,
                actor=PORTCULLIS,
                target=f"request {request_id}",
                request_id=request_id,
                at=context.now(),
            )
            await notify(uow, request_id)
        request = await uow.requests.get(request_id)
        if request.status is Status.APPLYING:
            return request
        await uow.jobs.finish(job)
    return None


async def _intend(context: Context, job: Job, items: list[Item]) -> None:
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.set_items({item.id: (ItemState.INTENDED, "") for item in items})


def _outcomes(waiting: list[Item], reading: Reading, settled: Settled) -> Outcomes:
    outcomes: dict[int, tuple[ItemState, str]] = {}
    for item in waiting:
        if item.value in settled.done:
            outcomes[item.id] = (ItemState.APPLIED, "")
        elif item.value in settled.unseen:
            # Neither made nor refused, for all that is known: the service's words of a later try stand beside it.
            words = settled.refused.get(item.value)
            outcomes[item.id] = (ItemState.INTENDED, f"sent, then refused: {words}" if words else UNSEEN)
        elif item.value in settled.refused:
            outcomes[item.id] = (ItemState.REFUSED, settled.refused[item.value])
        elif item.value not in reading.missing and item.state is ItemState.INTENDED:
            outcomes[item.id] = (ItemState.APPLIED, SETTLED_BY_READING)
        else:
            outcomes[item.id] = (ItemState.ALREADY_SO, "")
    return outcomes


async def _record(
    context: Context, job: Job, request: Request, outcomes: Outcomes, reading: Reading, read_at: datetime
) -> None:
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        kept: dict[int, tuple[ItemState, str]] = {}
        for item in request.items:
            if item.id in outcomes:
                kept[item.id] = await _kept(uow, request, item, outcomes[item.id], reading, read_at, now)
        await uow.requests.set_items(kept)
        for item in request.items:
            if item.id in kept:
                await _log_item(uow, request, item, *kept[item.id], now)
        after = await uow.requests.get(request.id)
        status, kind = result(after)
        await uow.requests.move(request.id, expected=Status.APPLYING, to=status, failure=failure(after))
        await uow.audit.append(
            kind,
            actor=PORTCULLIS,
            target=f"request {request.id}",
            request_id=request.id,
            payload=counts(after),
            at=now,
        )
        await see_to_it(context, uow, after)
        if status is not Status.APPLIED:
            await alert(uow, "request_failed", request_id=request.id, details=failure(after))
        await notify(uow, request.id)
        await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
        await uow.jobs.finish(job)


async def _kept(
    uow: UnitOfWork,
    request: Request,
    item: Item,
    outcome: tuple[ItemState, str],
    reading: Reading,
    read_at: datetime,
    now: datetime,
) -> tuple[ItemState, str]:
    """Keep who asked and until when, or, for a removal, that it ended. Returns the outcome with what came of that.

    An entry that was there already may be kept too; what the service ends itself, it ends when it was told to.
    """
    state, words = outcome
    longer = None
    taken_over = state is ItemState.ALREADY_SO and await takes_over(uow, request, item.value)
    if request.operation is Operation.REMOVE:
        if state is ItemState.APPLIED:
            await let_go(uow, request, item.value, at=now)
    elif state in {ItemState.APPLIED, ItemState.INTENDED} or taken_over:
        was_missing = state is ItemState.APPLIED and item.value in reading.missing
        longer = await keep(uow, request, item.value, at=now, missing_at=read_at if was_missing else None)
    if state is ItemState.ALREADY_SO:
        return state, there_already(request, reading.found.get(item.value), longer, taken_over=taken_over)
    if state is ItemState.APPLIED and longer is not None:
        return state, there_already(request, None, longer, taken_over=True)
    return state, words


_ITEM_EVENTS = {
    ItemState.APPLIED: EventKind.ITEM_APPLIED,
    ItemState.ALREADY_SO: EventKind.ITEM_ALREADY_SO,
    ItemState.REFUSED: EventKind.ITEM_REFUSED,
}


async def _log_item(
    uow: UnitOfWork, request: Request, item: Item, state: ItemState, outcome: str, at: datetime
) -> None:
    if state not in _ITEM_EVENTS:  # nothing is known of it: the request's own event counts it
        return
    await uow.audit.append(
        _ITEM_EVENTS[state],
        actor=PORTCULLIS,
        target=item.value,
        request_id=request.id,
        payload={"operation": request.operation, "action": request.action, "list": request.list, "outcome": outcome},
        at=at,
    )


async def give_up(context: Context, uow: UnitOfWork, job: Job, why: str) -> None:
    """Called in the transaction that buries a job of this kind: the request must not look as if it were under way.

    Its items stay as they are: what was intended and never settled stays unknown, and says so, until the confirmation
    finds it; and it ends like everything else that was sent.
    """
    request_id = int(job.payload["request_id"])
    await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING)
    request = await uow.requests.get(request_id)
    sent = [item for item in request.items if item.state is ItemState.INTENDED]
    if sent:
        why = f"{why} Some of it may have been made all the same: look at the tenant's list before you ask again."
    if await uow.requests.move(request_id, expected=Status.APPLYING, to=Status.FAILED, failure=why):
        now = context.now()
        if request.operation is Operation.ADD:
            for item in sent:
                await keep(uow, request, item.value, at=now)
        await see_to_it(context, uow, request)
        await uow.audit.append(
            EventKind.REQUEST_FAILED,
            actor=PORTCULLIS,
            target=f"request {request_id}",
            request_id=request_id,
            payload={"error": why},
            at=now,
        )
        await notify(uow, request_id)
