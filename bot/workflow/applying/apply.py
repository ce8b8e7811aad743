"""Applying an approved request: read the tenant, write down the intent, call, read back, record item by item.

A worker may die between any two lines of this. What it leaves is either nothing, or an intent: and an intent is
settled by reading the tenant, never by sending blindly again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes.findings import Found, find
from bot.domain.policies.reassessing import RefusedNow, refused_now
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.requests.requested_change import change_for, reference
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError, TenantUnavailable
from bot.store import Job, UnitOfWork
from bot.workflow.applying.apply_change import Settled, apply_change, make_way
from bot.workflow.applying.progress import Progress
from bot.workflow.applying.recording import Attempt, record
from bot.workflow.requesting.reassess import reassess
from bot.workflow.shared.conclusion import queue_result_file, schedule_follow_ups, summary_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import strides
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import JobKind, RequestPayload, alert, notify, read_lists_anew
from bot.workflow.shared.keeping import EntryKeeper, records
from bot.workflow.submitting import submit

#: A service that accepts a change and then doesn't show it gets this many tries; after that it is left to the
#: confirmation, and to the entry's end.
ATTEMPTS_UNSEEN = 6
PAST_END = "its end date has passed"

#: After so many attempts, about a minute, the alert channel is told that an approved change has to wait.
TELL_OF_DELAY_AT = 4


async def apply(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: bring an approved request to the tenant. Raises TenantError to be tried again later."""
    request = await _begin(context, job, payload.request_id)
    if request is None:
        return
    try:
        if request.operation is Operation.SUBMIT:
            await submit.carry_out(context, job, request)
        else:
            await _carry_out(context, job, request)
    except TenantError as error:
        if job.attempts == TELL_OF_DELAY_AT:
            async with context.store.write() as uow:
                await uow.jobs.hold(job)
                await alert(uow, "request_delayed", request_id=request.id, details=str(error))
        raise


async def _begin(context: Context, job: Job, request_id: int) -> Request | None:
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
        if (await uow.requests.summary(request_id, items=1)).status is not Status.APPLYING:
            await uow.jobs.finish(job)
            return None
    async with context.store.read() as uow:
        return await uow.requests.get(request_id)


@dataclass(slots=True, kw_only=True)
class _Run:
    """What one attempt has come to so far."""

    waiting: Sequence[Item]
    read_at: datetime
    refused_now: RefusedNow = field(default_factory=RefusedNow)
    found: Found = field(default_factory=Found)
    settled: Settled = field(default_factory=Settled)
    sending: bool = False

    @property
    def doubtful(self) -> list[Item]:
        """What an attempt before this one may have sent."""
        return [item for item in self.waiting if item.state is ItemState.INTENDED]


async def _carry_out(context: Context, job: Job, request: Request) -> None:
    run = _Run(waiting=[item for item in request.items if item.state.is_open], read_at=context.now())
    try:
        if not run.waiting:
            pass  # all of it was recorded by an attempt that died before its last line
        elif _has_ended(request, run.read_at):
            await _too_late(context, request, run)
        else:
            await _make_so(context, job, request, run)
    except (SignInFailed, PermissionMissing) as error:
        if run.doubtful or run.sending:
            # Sent, and the list can't be read: neither done nor refused may be said of it.
            raise OutcomeUnknown(
                f"Whether request {request.id} was applied can't be read back: {error.what}", error.remedy
            ) from error
        # Nothing was sent, and trying again changes nothing until the operator acts.
        run.settled = Settled(refused={item.value: str(error) for item in run.waiting})
    # A value that was sent before and is refused now may be the one that was sent: a list can show it late.
    sent_before = {item.value for item in run.doubtful}
    unseen = run.settled.unseen | (sent_before & run.settled.refused.keys())
    if unseen and job.attempts < ATTEMPTS_UNSEEN:
        raise OutcomeUnknown(
            f"The tenant accepted request {request.id}, but its list does not show all of it yet.",
            "Portcullis reads again and goes on from what it finds.",
        )
    attempt = Attempt(
        waiting=run.waiting,
        found=run.found,
        settled=replace(run.settled, unseen=unseen),
        barred={**run.found.barred, **_forbidden_values(run)},
        read_at=run.read_at,
    )
    await record(context, job, request, attempt)


def _has_ended(request: Request, now: datetime) -> bool:
    return request.operation.gives_an_end and request.expires is not None and request.expires <= now


async def _too_late(context: Context, request: Request, run: _Run) -> None:
    """After the end date nothing is sent any more; what an attempt before it may have sent is looked for."""
    run.refused_now = RefusedNow(
        values={item.value: PAST_END for item in run.waiting if item.state is not ItemState.INTENDED}
    )
    if run.doubtful:
        change = change_for(request, run.doubtful)
        reading = await context.tenant.read_for(change)
        run.found = await asyncio.to_thread(find, reading, change, now=context.now())
        run.settled = Settled(unseen=run.found.missing)


async def _make_so(context: Context, job: Job, request: Request, run: _Run) -> None:
    """Send what is still to be sent, once policy has been asked again, and read it back."""
    reading: ListSnapshot | None = None
    if not any(item.state.was_sent for item in request.items):
        reading = await _ask_policy_again(context, job, request, run)
    refused = _forbidden_values(run)
    items = [item for item in run.waiting if item.value not in refused]
    if not items:
        return
    change = change_for(request, items)
    if reading is None:
        run.read_at = context.now()
        reading = await context.tenant.read_for(change)
    run.found = await asyncio.to_thread(find, reading, change, now=run.read_at)
    missing = [item for item in items if item.value in run.found.missing]
    if not missing:
        return
    change = change_for(request, missing)
    await make_way(context.tenant, change, reading, run.found, reference=reference(request))
    run.sending = True
    progress = Progress(context, job, request, missing)
    run.settled = await apply_change(
        context.tenant,
        change,
        reading=reading,
        now=context.now,
        reference=reference(request),
        before=progress.about_to_send,
        after=progress.was_sent,
    )


async def _ask_policy_again(context: Context, job: Job, request: Request, run: _Run) -> ListSnapshot | None:
    """Take a fresh snapshot of all lists, keep it, and hold the request against policy on it.

    Returns the request's own list, where the snapshot has all that it takes. Raises TenantError when that list can't be
    read; others may be unreadable.
    """
    change = change_for(request, run.waiting)
    lists = await context.tenant.read_lists()
    snapshot = await context.store.prepare(lists)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.snapshots.save(snapshot)
    if (why := lists.unreadable.get(request.list)) is not None:
        await context.tenant.read_for(change)  # says with its own kind of error why not
        raise TenantUnavailable(f"A list that request {request.id} is about could not be read: {why}")
    async with context.store.read() as uow:
        known = await records(uow, request.list, change.values)
    run.refused_now = refused_now(
        await reassess(request, run.waiting, lists, context.rules, known=known, now=context.now())
    )
    run.read_at = lists.as_of
    return await _reading_in(lists, change)


async def _reading_in(lists: Snapshot, change: Change) -> ListSnapshot | None:
    """The change's own list as the snapshot has it. None where applying goes by more than its entries."""
    if not change.list.traits.adds_by_value_alone:
        return None
    entries = tuple(entry for entry in lists.entries if entry.list is change.list)
    return await asyncio.to_thread(ListSnapshot, list=change.list, as_of=lists.as_of, entries=entries)


def _forbidden_values(run: _Run) -> dict[str, str]:
    if run.refused_now.whole is not None:
        return {item.value: run.refused_now.whole.text for item in run.waiting}
    return dict(run.refused_now.values)


async def give_up(context: Context, uow: UnitOfWork, payload: RequestPayload, why: str) -> None:
    """Called in the transaction that gives up a job of this kind: the request must not look as if it were under way.

    Its items stay as they are: what was intended and never settled stays unknown, and says so, until the confirmation
    finds it; and it ends like everything else that was sent.
    """
    request_id = payload.request_id
    await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING)
    request = await uow.requests.get(request_id)
    if request.operation is Operation.SUBMIT:
        await submit.give_up(context, uow, request, why)
        return
    sent = [item for item in request.items if item.state is ItemState.INTENDED]
    if sent:
        why = f"{why} Some of it may have been made all the same: look at the tenant's list before you ask again."
    if await uow.requests.move(request_id, expected=Status.APPLYING, to=Status.FAILED, failure=why):
        now = context.now()
        if request.operation is Operation.ADD:
            for stride in strides(sent):
                values = [item.value for item in stride]
                keeper = await EntryKeeper.open(uow, request, values)
                await keeper.keep(dict.fromkeys(values), at=now, given_up=True)
        request = await summary_of(uow, request_id)
        await schedule_follow_ups(context, uow, request)
        await queue_result_file(uow, request)
        await uow.audit.append(
            EventKind.REQUEST_FAILED,
            actor=PORTCULLIS,
            target=f"request {request_id}",
            request_id=request_id,
            payload={"error": why},
            at=now,
        )
        await read_lists_anew(uow)
        await notify(uow, request_id)


APPLY_JOB = JobDefinition(kind=JobKind.APPLY, handle=apply, give_up=give_up)
