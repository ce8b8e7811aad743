"""The end of what a request keeps: what is Portcullis's to end is taken out, and the rest is looked after.

What becomes of each entry is decided by `bot.domain.requests.expiring`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.requests.expiring import (
    KEPT_ON,
    being_taken_out,
    ended,
    expired_event,
    not_taken_out,
    still_kept,
    to_take_out,
    why_not_taken_out,
)
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.logged import end_contradictions
from bot.domain.requests.logged_proposal import Contradiction
from bot.domain.requests.noted import reference
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.requests.requested_change import change_for
from bot.domain.telling.alert_facts import AlertName
from bot.errors import LogContradicted, TenantUnavailable
from bot.store import Job, UnitOfWork
from bot.workflow.applying.change_run import apply_change
from bot.workflow.applying.sending import Sending
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import set_items, strides
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later, notify
from bot.workflow.shared.keeping import EntryKeeper
from bot.workflow.shared.kept_lists import index_anew, keep_list
from bot.workflow.shared.proving import in_words, read_proved, tell_once_a_day

#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)


async def expire(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: end the entries that a request keeps, now that their end date has come.

    Only entries that are still this request's are touched: one that was removed since, or that another request keeps
    on, is not. One that somebody else took out is simply gone, and one that they gave another end stays. Raises
    TenantError to be tried again, and LogContradicted where the log doesn't prove that they end.
    """
    request_id = payload.request_id
    async with context.store.read() as uow:
        request, found = await read_proved(uow, request_id)
        kept = await uow.known.active(request.list, request_id=request_id)
    ending = await asyncio.to_thread(lambda: still_kept(request, EntryRecords(request, kept)))
    if kept:
        await _require_proved(context, job, request, found)
    if not ending:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await correct_status(uow, request_id, at=context.now())
            await uow.jobs.finish(job)
        return
    change = change_for(request, ending, operation=Operation.REMOVE)
    reading = await context.tenant.read_for(change)
    listed = await asyncio.to_thread(_listed, reading, change)
    now = context.now()
    removing = to_take_out(request, ending, listed, now=now)
    stuck: Mapping[str, str] = {}
    if removing:
        await _require_proved(context, job, request, end_contradictions(request, kept, now=now))
        outcomes = await _take_out(context, job, request, removing, reading)
        stuck, reading = outcomes.words_at(Step.UNSEEN, Step.REFUSED), outcomes.reading or reading
    await keep_list(context, job, reading)
    items = await asyncio.to_thread(_ended, request, ending, listed, stuck, now)
    await _record(context, job, request, items, last=not stuck)
    if stuck:
        await _note_why(context, job, request, [item for item in removing if stuck.get(item.value)], stuck)
        raise TenantUnavailable(why_not_taken_out(request, stuck.values()))
    await index_anew(context)


async def _require_proved(context: Context, job: Job, request: Request, found: Sequence[Contradiction]) -> None:
    """Raises LogContradicted where the log doesn't say that these entries end: they stay until somebody has looked.

    It is tried again like anything else that failed: once the database says again what the log does, they end. Until
    then it is told once a day, and at once where something else is found, whichever attempt finds it.
    """
    if not found:
        return
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await tell_once_a_day(context, uow, request, found)
    raise LogContradicted(
        f"The entries of #{request.proposal_id} are not removed: the database says otherwise of it than the log. "
        f"{in_words(found)}",
        "Run `portcullis audit verify`, and find out who changed the database.",
    )


def _ended(
    request: Request, ending: Sequence[Item], listed: Mapping[str, Entry], stuck: Collection[str], now: datetime
) -> list[Item]:
    return [ended(request, item, listed.get(item.value), now=now) for item in ending if item.value not in stuck]


def _listed(reading: ListSnapshot, change: Change) -> dict[str, Entry]:
    entries = {value: reading.holds(value, change.action) for value in change.values}
    return {value: entry for value, entry in entries.items() if entry is not None}


async def _take_out(
    context: Context, job: Job, request: Request, removing: Sequence[Item], reading: ListSnapshot
) -> Outcomes:
    """Take entries out. Of those that are still there, the outcome has the service's words, if it had any."""
    by_value = {item.value: item for item in removing}

    async def intend(values: Sequence[str]) -> Sequence[str]:
        still = await _intend(context, job, request, [by_value[value] for value in values])
        return [item.value for item in still]

    return await apply_change(
        Sending(
            tenant=context.tenant,
            change=change_for(request, removing, operation=Operation.REMOVE),
            reading=reading,
            now=context.now,
            reference=reference(request),
            before=intend,
        )
    )


async def _intend(context: Context, job: Job, request: Request, items: Sequence[Item]) -> list[Item]:
    """Write down what is about to be removed. Returns what is still to be: another request may keep some on by now."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        keeper = await _keeper(uow, request, items)  # locked: whoever keeps one on from here on sees what is coming
        still = [item for item in items if keeper.known.own(item.value)]
        await set_items(uow, map(being_taken_out, still))
    return still


async def _note_why(
    context: Context, job: Job, request: Request, items: Sequence[Item], stuck: Mapping[str, str]
) -> None:
    """Say beside the items that the service refused to remove what it said."""
    for part in strides(items):
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            keeper = await _keeper(uow, request, part)
            still = [item for item in part if keeper.known.own(item.value)]
            await set_items(uow, [not_taken_out(item, stuck[item.value]) for item in still])
            await notify(uow, request.id)


async def _record(context: Context, job: Job, request: Request, items: Sequence[Item], *, last: bool) -> None:
    """Record how each item ended. Unless this is the `last` of it, the job goes on."""
    parts = list(strides(items))
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await _record_some(uow, request, part, at=context.now())
            if last and part is parts[-1]:
                await correct_status(uow, request.id, at=context.now())
                await notify(uow, request.id)
                await uow.jobs.finish(job)


async def _record_some(uow: UnitOfWork, request: Request, part: Sequence[Item], *, at: datetime) -> None:
    keeper = await _keeper(uow, request, part)
    own = [item for item in part if keeper.known.own(item.value)]
    over = [item for item in own if item.state is ItemState.EXPIRED]
    await keeper.end([item.value for item in over], "expired", at=at)
    await keeper.end([item.value for item in own if item.state is not ItemState.EXPIRED], KEPT_ON, at=at)
    await set_items(uow, own)
    await uow.audit.append_all([expired_event(request, item, at=at) for item in over])


async def _keeper(uow: UnitOfWork, request: Request, items: Sequence[Item]) -> EntryKeeper:
    return await EntryKeeper.open(uow, request, [item.value for item in items])


async def give_up(context: Context, uow: UnitOfWork, payload: RequestPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: an entry past its end date is never left for good.

    The operator is told of the dead job; a new one goes on trying, since what it has to end may be an IP allow.
    """
    await later(uow, JobKind.EXPIRE, payload.request_id, at=context.now() + AGAIN_AFTER)


EXPIRE_JOB = JobDefinition(kind=JobKind.EXPIRE, handle=expire, give_up=give_up, late=AlertName.END_DELAYED)
