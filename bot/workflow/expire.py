"""The end date of entries in lists that keep none: when it comes, Portcullis takes them out."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.requests import Item, ItemState, Operation, Request
from bot.errors import TenantUnavailable
from bot.store import Job, UnitOfWork
from bot.workflow.apply import change_for
from bot.workflow.context import Context
from bot.workflow.keeping import of_same_entry, put_right
from bot.workflow.kinds import JobKind, later, notify
from bot.workflow.settle import Reading, Settled, settle, still_to_do

#: What was added or adopted, and what was sent and never seen: a list may show it only now.
_STANDING = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED, ItemState.INTENDED})

ENDED = "at its end date"
GONE_BEFORE = "somebody else had removed it before its end date"
NEVER_SEEN = "sent, and not on the list when its end date came"
#: Written down before the removal is sent: an attempt that finds the entry gone then knows that it was its own doing.
ENDING = "its end date has come: being removed"


async def expire(context: Context, job: Job) -> None:
    """Job: remove the entries that a request keeps, now that their end date has come.

    Only entries that are still this request's are touched: one that was removed since, or that another request keeps
    on, is not. One that somebody else took out is simply gone. Raises TenantError to be tried again.
    """
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        ending = await _ours(uow, request)
    change = change_for(request, ending, operation=Operation.REMOVE)
    reading = await still_to_do(context.tenant, change, now=context.now()) if ending else Reading()
    missing = [item for item in ending if item.value in reading.missing]
    if missing:
        missing = await _intend(context, job, missing)
    removal = change_for(request, missing, operation=Operation.REMOVE)
    settled = await settle(context.tenant, removal, now=context.now()) if missing else Settled()
    if settled.unseen or settled.refused:
        words = "; ".join(sorted(set(settled.refused.values()))) or "the list still shows it"
        raise TenantUnavailable(
            f"An entry of request {request_id} is past its end date and could not be removed: {words}"
        )
    await _record(context, job, request, ending, reading)


async def _ours(uow: UnitOfWork, request: Request) -> list[Item]:
    """The items whose entries this request keeps."""
    known = [entry for entry in await uow.known.active(request.list) if entry.request_id == request.id]
    return [item for item in request.items if item.state in _STANDING and of_same_entry(known, request, item.value)]


async def _intend(context: Context, job: Job, items: list[Item]) -> list[Item]:
    """Write down what is about to be removed. Returns what is still to be: another request may keep some on by now."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        request = await uow.requests.get(int(job.payload["request_id"]), lock=True)
        ours = {item.id: item for item in await _ours(uow, request)}
        still = [ours[item.id] for item in items if item.id in ours]
        await uow.requests.set_items({item.id: (_seen(item.state), ENDING) for item in still})
    return still


def _seen(state: ItemState) -> ItemState:
    """The state of an item whose entry is on the list."""
    return ItemState.APPLIED if state is ItemState.INTENDED else state


async def _record(context: Context, job: Job, request: Request, ending: list[Item], reading: Reading) -> None:
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        current = {item.id: item for item in (await uow.requests.get(request.id, lock=True)).items}
        ours = {item.id for item in await _ours(uow, await uow.requests.get(request.id))}
        for item in ending:
            if item.id not in ours:
                continue
            state, how = _outcome(current[item.id], was_there=item.value in reading.missing)
            await uow.requests.set_items({item.id: (state, how)})
            for entry in of_same_entry(await uow.known.active(request.list), request, item.value):
                await uow.known.end(entry.list, entry.action, entry.value, now, "expired", request_id=request.id)
            if state is ItemState.EXPIRED:
                await uow.audit.append(
                    EventKind.ITEM_EXPIRED,
                    actor=PORTCULLIS,
                    target=item.value,
                    request_id=request.id,
                    payload={"action": request.action, "list": request.list, "outcome": how},
                    at=now,
                )
        await put_right(uow, request.id, at=now)
        if ending:
            await notify(uow, request.id)
            await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
        await uow.jobs.finish(job)


def _outcome(item: Item, *, was_there: bool) -> tuple[ItemState, str]:
    if was_there:
        return ItemState.EXPIRED, ENDED
    if item.outcome == ENDING:
        return ItemState.EXPIRED, f"{ENDED}, settled by reading the list"
    if item.state is ItemState.INTENDED:
        return ItemState.INTENDED, NEVER_SEEN
    return ItemState.EXPIRED, GONE_BEFORE


#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)


async def give_up(context: Context, uow: UnitOfWork, job: Job) -> None:
    """Called in the transaction that buries a job of this kind: an entry past its end date is never left for good.

    The operator is told of the buried job; a new one goes on trying, since what it has to end may be an IP allow.
    """
    await later(uow, JobKind.EXPIRE, int(job.payload["request_id"]), at=context.now() + AGAIN_AFTER)
