"""Some minutes after a change: is the tenant still as it was left, and has what was not to be seen turned up?"""

from __future__ import annotations

from datetime import datetime

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.requests import Item, ItemState, Operation, Request
from bot.store import Job, UnitOfWork
from bot.workflow.apply import change_for
from bot.workflow.context import Context
from bot.workflow.keeping import let_go, put_right
from bot.workflow.kinds import JobKind, alert, notify
from bot.workflow.settle import Reading, look

_LASTING = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO})

#: How often a change that was sent and never seen is looked for, each time after twice the wait: about a day in all.
LOOKS = 9


async def confirm(context: Context, job: Job) -> None:
    """Job: read the list once more and say of each item whether it stands. Raises TenantError to be tried again.

    An item of which nothing is known is looked for as well: found, it is as good as any other, and the request is put
    right; not found, it stays unknown.
    """
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
    waiting = [item for item in request.items if item.state in _LASTING | {ItemState.INTENDED}]
    now = context.now()
    reading = await look(context.tenant, change_for(request, waiting), now=now) if waiting else Reading()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        # A later request may have ended an entry while this one read: what it recorded is newer.
        current = {item.id: item.state for item in (await uow.requests.get(request_id, lock=True)).items}
        unchanged = [item for item in waiting if current[item.id] is item.state]
        standing = [item for item in unchanged if item.value not in reading.missing]
        gone = [item for item in unchanged if item.value in reading.missing and item.state in _LASTING]
        # All that stands, then all that is gone: events of one kind that follow each other are told as one step.
        for item in standing:
            words = "the list showed it late" if item.state is ItemState.INTENDED else item.outcome
            await uow.requests.set_items({item.id: (ItemState.CONFIRMED, words)})
            await _log(uow, EventKind.ITEM_CONFIRMED, request, item, now)
        for item in gone:
            await uow.requests.set_items({item.id: (ItemState.REMOVED, "somebody else changed it back")})
            if request.operation is Operation.ADD:
                await uow.known.end(
                    request.list, request.action, item.value, now, "found missing", request_id=request_id
                )
            await _log(uow, EventKind.ITEM_MISSING, request, item, now)
        await put_right(uow, request_id, at=now)
        if request.operation is Operation.REMOVE:
            for item in standing:
                if item.state is ItemState.INTENDED:
                    await let_go(uow, request, item.value, at=now)
        if gone:
            await alert(
                uow, "entry_missing", request_id=request_id, details=", ".join(item.value for item in gone[:10])
            )
        if len(standing) + len(gone) < len(unchanged):
            await _look_again(context, uow, job, request_id)
        await notify(uow, request_id)
        await uow.jobs.finish(job)


async def _look_again(context: Context, uow: UnitOfWork, job: Job, request_id: int) -> None:
    looks = int(job.payload.get("looks", 1))
    if looks < LOOKS:
        await uow.jobs.enqueue(
            JobKind.CONFIRM,
            {"request_id": request_id, "looks": looks + 1},
            run_at=context.now() + context.confirm_after * 2**looks,
            key=f"{JobKind.CONFIRM}:{request_id}",
        )


async def _log(uow: UnitOfWork, kind: EventKind, request: Request, item: Item, at: datetime) -> None:
    await uow.audit.append(
        kind,
        actor=PORTCULLIS,
        target=item.value,
        request_id=request.id,
        payload={"operation": request.operation, "action": request.action, "list": request.list},
        at=at,
    )
