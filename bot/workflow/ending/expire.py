"""The end of what a request keeps: what is Portcullis's to end is taken out, and the rest is looked after."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.requests.ends import ENDING, is_ours_to_end, on
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.requests.requested_change import change_for, reference
from bot.errors import TenantUnavailable
from bot.store import Job, UnitOfWork
from bot.workflow.applying.apply_change import apply_change
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import strides
from bot.workflow.shared.jobs import JobKind, later, notify
from bot.workflow.shared.keeping import EntryKeeper, kept_by

#: What was added or adopted, and what was sent and never seen: a list may show it only now.
STANDING = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED, ItemState.INTENDED})

ENDED = "at its end date"
ENDED_BY_SERVICE = "ended by the service"
GONE_BEFORE = "somebody else had removed it before its end date"
NEVER_SEEN = "sent, and not on the list when its end date came"
KEPT_ON = "kept on by somebody else"
NOT_REMOVED = "its end date has come, but it could not be removed"

#: From an item as it is now to its state and the words for people, now that its end has come.
_Judge: TypeAlias = Callable[[Item], tuple[ItemState, str]]


async def expire(context: Context, job: Job) -> None:
    """Job: end the entries that a request keeps, now that their end date has come.

    Only entries that are still this request's are touched: one that was removed since, or that another request keeps
    on, is not. One that somebody else took out is simply gone, and one that they gave another end stays. Raises
    TenantError to be tried again.
    """
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        ending = await still_kept(uow, request)
    if not ending:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await correct_status(uow, request_id, at=context.now())
            await uow.jobs.finish(job)
        return
    change = change_for(request, ending, operation=Operation.REMOVE)
    reading = await context.tenant.read_for(change)
    listed = await asyncio.to_thread(_listed, reading, change)
    stuck: Mapping[str, str] = {}
    if is_ours_to_end(request):
        judge, stuck = await _take_out(context, job, request, ending, reading, listed)
    else:
        judge = _ended_by_the_service(listed, context.now())
    await _record(context, job, request, [item for item in ending if item.value not in stuck], judge, last=not stuck)
    if stuck:
        await _still_there(context, job, request, [item for item in ending if item.value in stuck], stuck)


async def still_kept(uow: UnitOfWork, request: Request) -> list[Item]:
    """The items whose entries a request keeps."""
    kept = await kept_by(uow, request)
    return [item for item in request.items if item.state in STANDING and kept.of(item.value)]


def _listed(reading: ListSnapshot, change: Change) -> dict[str, Entry]:
    entries = {value: reading.holds(value, change.action) for value in change.values}
    return {value: entry for value, entry in entries.items() if entry is not None}


async def _take_out(
    context: Context,
    job: Job,
    request: Request,
    ending: Sequence[Item],
    reading: ListSnapshot,
    listed: Mapping[str, Entry],
) -> tuple[_Judge, Mapping[str, str]]:
    """Take the entries out that Portcullis ends, but for those that somebody else gave an end of their own.

    Returns, beside what to say of them, the values that are still there, each with the service's words, if it had any.
    """
    now = context.now()
    dated = {
        value: entry.expires for value, entry in listed.items() if entry.expires is not None and entry.expires > now
    }
    removing = [item for item in ending if item.value in listed and item.value not in dated]
    by_value = {item.value: item for item in removing}
    stuck: Mapping[str, str] = {}

    async def intend(values: Sequence[str]) -> Sequence[str]:
        still = await _intend(context, job, request, [by_value[value] for value in values])
        return [item.value for item in still]

    if removing:
        settled = await apply_change(
            context.tenant,
            change_for(request, removing, operation=Operation.REMOVE),
            reading=reading,
            now=context.now,
            reference=reference(request),
            before=intend,
        )
        stuck = {**dict.fromkeys(settled.unseen, ""), **settled.refused}

    def judge(item: Item) -> tuple[ItemState, str]:
        if item.value in dated:
            return _seen(item.state), f"{KEPT_ON}, until {on(dated[item.value])}"
        if item.value in listed:
            return ItemState.EXPIRED, ENDED
        if item.outcome == ENDING:
            return ItemState.EXPIRED, f"{ENDED}, settled by reading the list"
        if item.state is ItemState.INTENDED:
            return ItemState.INTENDED, NEVER_SEEN
        return ItemState.EXPIRED, GONE_BEFORE

    return judge, stuck


async def _still_there(
    context: Context, job: Job, request: Request, items: Sequence[Item], stuck: Mapping[str, str]
) -> None:
    """Say of what could not be removed why not. Raises TenantUnavailable, so that it is tried again."""
    refused = [item for item in items if stuck[item.value]]
    for part in strides(refused):
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            keeper = await _keeper(uow, request, part)
            told = {
                item.id: (_seen(item.state), f"{NOT_REMOVED}: {stuck[item.value]}")
                for item in part
                if keeper.known.own(item.value)
            }
            await uow.requests.set_items(told)
            await notify(uow, request.id)
    words = "; ".join(sorted(set(filter(None, stuck.values())))[:5]) or "the list still shows it"
    raise TenantUnavailable(f"An entry of request {request.id} is past its end date and could not be removed: {words}")


def _ended_by_the_service(listed: Mapping[str, Entry], now: datetime) -> _Judge:
    def judge(item: Item) -> tuple[ItemState, str]:
        entry = listed.get(item.value)
        if entry is not None and (entry.expires is None or entry.expires > now):
            end = "without an end" if entry.expires is None else f"until {on(entry.expires)}"
            return _seen(item.state), f"{KEPT_ON}, {end}"
        if entry is None and item.state is ItemState.INTENDED:
            return ItemState.INTENDED, NEVER_SEEN
        return ItemState.EXPIRED, ENDED_BY_SERVICE

    return judge


async def _intend(context: Context, job: Job, request: Request, items: Sequence[Item]) -> list[Item]:
    """Write down what is about to be removed. Returns what is still to be: another request may keep some on by now."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        keeper = await _keeper(uow, request, items)  # locked: whoever keeps one on from here on sees what is coming
        still = [item for item in items if keeper.known.own(item.value)]
        await uow.requests.set_items({item.id: (_seen(item.state), ENDING) for item in still})
    return still


async def _keeper(uow: UnitOfWork, request: Request, items: Sequence[Item]) -> EntryKeeper:
    return await EntryKeeper.open(uow, request, [item.value for item in items])


def _seen(state: ItemState) -> ItemState:
    """The state of an item whose entry is on the list."""
    return ItemState.APPLIED if state is ItemState.INTENDED else state


async def _record(
    context: Context, job: Job, request: Request, ending: Sequence[Item], judge: _Judge, *, last: bool
) -> None:
    """Record how each item ended. Unless this is the `last` of it, the job goes on."""
    parts = list(strides(ending))
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await _record_some(uow, request, part, judge, at=context.now())
            if last and part is parts[-1]:
                await correct_status(uow, request.id, at=context.now())
                await notify(uow, request.id)
                await uow.jobs.enqueue(JobKind.WATCH, {}, key=JobKind.WATCH)
                await uow.jobs.finish(job)


async def _record_some(uow: UnitOfWork, request: Request, part: Sequence[Item], judge: _Judge, *, at: datetime) -> None:
    keeper = await _keeper(uow, request, part)
    ours = [item for item in part if keeper.known.own(item.value)]
    outcomes = {item.id: judge(item) for item in ours}
    expired = [item.value for item in ours if outcomes[item.id][0] is ItemState.EXPIRED]
    await keeper.end(expired, "expired", at=at)
    await keeper.end([item.value for item in ours if item.value not in expired], KEPT_ON, at=at)
    await uow.requests.set_items(outcomes)
    await uow.audit.append_all(
        [
            NewEvent(
                kind=EventKind.ITEM_EXPIRED,
                actor=PORTCULLIS,
                target=item.value,
                request_id=request.id,
                payload={"action": request.action, "list": request.list, "outcome": outcomes[item.id][1]},
                at=at,
            )
            for item in ours
            if outcomes[item.id][0] is ItemState.EXPIRED
        ]
    )


#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)


async def give_up(context: Context, uow: UnitOfWork, job: Job) -> None:
    """Called in the transaction that gives up a job of this kind: an entry past its end date is never left for good.

    The operator is told of the dead job; a new one goes on trying, since what it has to end may be an IP allow.
    """
    await later(uow, JobKind.EXPIRE, int(job.payload["request_id"]), at=context.now() + AGAIN_AFTER)
