"""The end date of entries in lists that keep none: when it comes, Portcullis takes them out."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.requests import ItemState, Operation
from bot.errors import TenantUnavailable
from bot.store import Job, UnitOfWork
from bot.workflow.apply import change_for
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind, later, notify
from bot.workflow.settle import Settled, settle, still_to_do

_STANDING = frozenset({ItemState.APPLIED, ItemState.CONFIRMED})


async def expire(context: Context, job: Job) -> None:
    """Job: remove the entries that a request added, now that their end date has come.

    Only entries that are still this request's are touched: one that was removed since, or added anew by a later
    request, is not. One that somebody else took out is simply gone. Raises TenantError to be tried again.
    """
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        ours = {
            entry.value
            for entry in await uow.known.active(request.list)
            if entry.request_id == request_id and entry.action == request.action
        }
    ending = [item for item in request.items if item.state in _STANDING and item.value in ours]
    change = change_for(request, ending, operation=Operation.REMOVE)
    to_do = await still_to_do(context.tenant, change, now=context.now()) if ending else frozenset()
    missing = [item for item in ending if item.value in to_do]
    removal = change_for(request, missing, operation=Operation.REMOVE)
    settled = await settle(context.tenant, removal, now=context.now()) if missing else Settled()
    if settled.unseen or settled.refused:
        words = "; ".join(sorted(set(settled.refused.values()))) or "the list still shows it"
        raise TenantUnavailable(
            f"An entry of request {request_id} is past its end date and could not be removed: {words}"
        )
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        for item in ending:
            how = "at its end date" if item.value in to_do else "somebody else had removed it before its end date"
            await uow.requests.set_items({item.id: (ItemState.EXPIRED, how)})
            await uow.known.end(request.list, request.action, item.value, at=now, how="expired")
            await uow.audit.append(
                EventKind.ITEM_EXPIRED,
                actor=PORTCULLIS,
                target=item.value,
                request_id=request_id,
                payload={"action": request.action, "list": request.list, "outcome": how},
                at=now,
            )
        if ending:
            await notify(uow, request_id)
            await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
        await uow.jobs.finish(job)


#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)


async def give_up(context: Context, uow: UnitOfWork, job: Job) -> None:
    """Called in the transaction that buries a job of this kind: an entry past its end date is never left for good.

    The operator is told of the buried job; a new one goes on trying, since what it has to end may be an IP allow.
    """
    await later(uow, JobKind.EXPIRE, int(job.payload["request_id"]), at=context.now() + AGAIN_AFTER)
