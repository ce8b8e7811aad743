"""Applying an approved request: read the tenant, write down the intent, call, read back, record item by item.

A worker may die between any two lines of this. What it leaves is either nothing, or an intent: and an intent is
settled by reading the tenant, never by sending blindly again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.lists import ListName
from bot.domain.requests import Item, ItemState, Operation, Request, Status
from bot.domain.verdict import KnownEntry
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError
from bot.store import Job, UnitOfWork
from bot.tenant.changes import Change
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind, alert, later, notify
from bot.workflow.settle import Settled, settle, still_to_do

#: The lists whose entries carry no end date in the tenant: Portcullis removes them itself when it comes.
WITHOUT_END_DATE = frozenset({ListName.CONNECTION_FILTER, ListName.SPOOF})

#: States in which nobody knows yet, or nothing has been tried.
OPEN_STATES = frozenset({ItemState.PROPOSED, ItemState.INTENDED})

#: A service that accepts a change and then doesn't show it gets this many tries before that counts as a refusal.
ATTEMPTS_UNSEEN = 6
UNSEEN = "the tenant accepted the call, but its list, read back, is not as asked"

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
    doubtful = {item.value for item in waiting if item.state is ItemState.INTENDED}
    sending = False
    change = change_for(request, waiting)
    settled = Settled()
    try:
        to_do = await still_to_do(context.tenant, change, now=context.now())
        missing = [item for item in waiting if item.value in to_do]
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
        to_do = frozenset(change.values)
        settled = Settled(refused=dict.fromkeys(change.values, str(error)))
    # A value that was sent before and is refused now may be the one that was sent: a list can show it late.
    unseen = settled.unseen or doubtful & settled.refused.keys()
    if unseen and job.attempts < ATTEMPTS_UNSEEN:
        raise OutcomeUnknown(
            f"The tenant accepted request {request.id}, but its list does not show all of it yet.",
            "Portcullis reads again and goes on from what it finds.",
        )
    await _record(context, job, request, _outcomes(waiting, to_do, settled))


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


def _outcomes(waiting: list[Item], to_do: frozenset[str], settled: Settled) -> Outcomes:
    outcomes: dict[int, tuple[ItemState, str]] = {}
    for item in waiting:
        if item.value in settled.done:
            outcomes[item.id] = (ItemState.APPLIED, "")
        elif item.value in settled.refused:
            outcomes[item.id] = (ItemState.REFUSED, settled.refused[item.value])
        elif item.value in settled.unseen:
            outcomes[item.id] = (ItemState.REFUSED, UNSEEN)
        elif item.value not in to_do and item.state is ItemState.INTENDED:
            outcomes[item.id] = (ItemState.APPLIED, "settled by reading the list")
        else:
            outcomes[item.id] = (ItemState.ALREADY_SO, "it was like this before")
    return outcomes


async def _record(context: Context, job: Job, request: Request, outcomes: Outcomes) -> None:
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.set_items(dict(outcomes))
        for item in request.items:
            if item.id in outcomes:
                state, outcome = outcomes[item.id]
                await _log_item(uow, request, item, state, outcome, now)
                if state is ItemState.APPLIED:
                    await _remember(uow, request, item.value, now)
        after = await uow.requests.get(request.id)
        status, kind = _result(after)
        await uow.requests.move(request.id, expected=Status.APPLYING, to=status, failure=_failure(after))
        await uow.audit.append(
            kind,
            actor=PORTCULLIS,
            target=f"request {request.id}",
            request_id=request.id,
            payload=_counts(after),
            at=now,
        )
        if status is not Status.FAILED:
            await later(uow, JobKind.CONFIRM, request.id, at=now + context.confirm_after)
            if request.operation is Operation.ADD and request.expires and request.list in WITHOUT_END_DATE:
                await later(uow, JobKind.EXPIRE, request.id, at=request.expires)
        if status is not Status.APPLIED:
            await alert(uow, "request_failed", request_id=request.id, details=_failure(after))
        await notify(uow, request.id)
        await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
        await uow.jobs.finish(job)


def _result(request: Request) -> tuple[Status, EventKind]:
    refused = sum(item.state is ItemState.REFUSED for item in request.items)
    if refused == 0:
        return Status.APPLIED, EventKind.REQUEST_APPLIED
    if refused < len(request.items):
        return Status.PARTLY_APPLIED, EventKind.REQUEST_PARTLY_APPLIED
    return Status.FAILED, EventKind.REQUEST_FAILED


def _failure(request: Request) -> str:
    words = {item.outcome for item in request.items if item.state is ItemState.REFUSED}
    return "; ".join(sorted(words))[:1000]


def _counts(request: Request) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in request.items:
        counts[item.state] = counts.get(item.state, 0) + 1
    return counts


async def _remember(uow: UnitOfWork, request: Request, value: str, now: datetime) -> None:
    """Keep who asked and until when, or, for a removal, that it ended: the connection filter itself keeps neither."""
    if request.operation is Operation.REMOVE:
        await _end_known(uow, request, value, now)
        return
    await uow.known.put(
        KnownEntry(
            list=request.list,
            action=request.action,
            value=value,
            requester=request.requester,
            request_id=request.id,
            reason=request.reason,
            since=now,
            expires=request.expires,
        )
    )


async def _end_known(uow: UnitOfWork, request: Request, value: str, now: datetime) -> None:
    """The request that added the entry must not look for it any more: neither to confirm it nor to end it."""
    for entry in await uow.known.active(request.list):
        if entry.value != value or entry.action != request.action:
            continue
        adding = await uow.requests.get(entry.request_id)
        how = f"by request {request.id}"
        await uow.requests.set_items(
            {item.id: (ItemState.REMOVED, how) for item in adding.items if item.value == value}
        )
        await uow.known.end(request.list, request.action, value, at=now, how=how)
        await uow.audit.append(
            EventKind.ITEM_REMOVED,
            actor=PORTCULLIS,
            target=value,
            request_id=adding.id,
            payload={"action": request.action, "list": request.list, "outcome": how},
            at=now,
        )
        await notify(uow, adding.id)


_ITEM_EVENTS = {
    ItemState.APPLIED: EventKind.ITEM_APPLIED,
    ItemState.ALREADY_SO: EventKind.ITEM_ALREADY_SO,
    ItemState.REFUSED: EventKind.ITEM_REFUSED,
}


async def _log_item(
    uow: UnitOfWork, request: Request, item: Item, state: ItemState, outcome: str, at: datetime
) -> None:
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

    Its items stay as they are: what was intended and never settled stays unknown, and says so.
    """
    request_id = int(job.payload["request_id"])
    await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING)
    items = (await uow.requests.get(request_id)).items
    if any(item.state is ItemState.INTENDED for item in items):
        why = f"{why} Some of it may have been made all the same: look at the tenant's list before you ask again."
    if await uow.requests.move(request_id, expected=Status.APPLYING, to=Status.FAILED, failure=why):
        await uow.audit.append(
            EventKind.REQUEST_FAILED,
            actor=PORTCULLIS,
            target=f"request {request_id}",
            request_id=request_id,
            payload={"error": why},
            at=context.now(),
        )
        await notify(uow, request_id)
