"""Following what was submitted: what Microsoft makes of it, which allow entries come of it, and when those end.

What is learnt each time, and when to look again, is decided by `bot.domain.submissions.following`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, Request
from bot.domain.submissions.entry_records import entry_changes
from bot.domain.submissions.filing_plan import Filing, under_way
from bot.domain.submissions.following import (
    Look,
    by_reference,
    given_up_for_lost,
    learn,
    look_at,
    lost_answers,
    next_look,
    result_event,
)
from bot.domain.submissions.submission import Filed, FiledStatus, Submitted
from bot.domain.submissions.unnamed import newly_unnamed, unnamed_event, with_unnamed
from bot.domain.telling.alert_facts import AlertName
from bot.store import Job, UnitOfWork
from bot.tenant.submission_service import SubmissionService
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import set_items
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later, notify
from bot.workflow.shared.kept_lists import index_anew, keep_lists
from bot.workflow.submitting.submit import note_filed

#: After the attempts were given up, the next ones begin.
AGAIN_AFTER = timedelta(hours=6)

#: Where an entry can be told to have come of a submission: a spoof pair carries neither its date nor its origin.
_LISTS = tuple(name for name in ListName if name.traits.takes_submissions)


async def follow(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: ask Microsoft about a request's submissions and read the lists; tell what is new; come back if need be.

    Raises TenantError to be tried again.
    """
    request_id = payload.request_id
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        filed = [
            record
            for record in await uow.submissions.of_request(request_id)
            if record.status is not FiledStatus.NOT_FILED
        ]
    if not filed:
        return
    now = context.now()
    if context.submissions is None:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await _come_back(uow, request_id, (), now)
            await uow.jobs.finish(job)
        return
    reading = await context.tenant.read_lists(_LISTS)
    found = await _found_late(context.submissions, request, filed, now)
    looks = [await _look(context.submissions, request, group, reading, now) for group in by_reference(filed)]
    # What a check and a proposal go by has to show what came of it too.
    await keep_lists(context, job, reading, _LISTS)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        current = {item.id: item for item in (await uow.requests.get(request_id, lock=True)).items}
        for piece, submitted in found:
            await note_filed(uow, request, piece.items, submitted, at=now)
        gone, unnamed = await _keep(uow, request, looks, reading, at=now)
        recorded = [await _record(uow, request, look, current, reading, gone, at=now) for look in looks]
        news = [look for look in recorded if look is not None]
        told = result_event(request, news, at=now)
        await uow.audit.append_all([told] if told is not None else [])
        await _tell_of_unnamed(uow, request, unnamed, at=now)
        await _give_up_lost(uow, request_id, now)
        await correct_status(uow, request_id, at=now)
        await _come_back(uow, request_id, looks, now)
        await uow.jobs.finish(job)
    await index_anew(context)


async def give_up(context: Context, uow: UnitOfWork, payload: RequestPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: a submission is followed until its time is over."""
    await later(uow, JobKind.FOLLOW, payload.request_id, at=context.now() + AGAIN_AFTER)


FOLLOW_JOB = JobDefinition(kind=JobKind.FOLLOW, handle=follow, give_up=give_up)


async def _found_late(
    submissions: SubmissionService, request: Request, filed: Sequence[Filed], now: datetime
) -> list[tuple[Filing, Submitted]]:
    """The submissions with a lost answer that turned up after all."""
    items, lost = lost_answers(request, filed)
    found = []
    for piece in under_way(request, items, lost, content=None, now=now):
        since = min(lost[item.id].filed_at for item in piece.items)
        submitted = await submissions.find(piece.submission, since=since)
        if submitted is not None:
            found.append((piece, submitted))
    return found


async def _look(
    submissions: SubmissionService, request: Request, filed: tuple[Filed, ...], reading: Snapshot, now: datetime
) -> Look:
    submitted = await submissions.read(filed[0].kind, filed[0].reference)
    return look_at(request, filed, submitted, reading, now=now)


async def _keep(
    uow: UnitOfWork, request: Request, looks: Sequence[Look], reading: Snapshot, *, at: datetime
) -> tuple[Sequence[KnownEntry], Sequence[Entry]]:
    """Know who asked for the entries that came of it, so that a check names them.

    Returns the records of those that are gone, and the entries that are new and that nobody asked for.
    """
    entries = [entry for look in looks for entry in (*look.entries, *look.unnamed)]
    own = await uow.known.active(request_id=request.id)
    changes = entry_changes(
        request,
        entries,
        reading,
        own=own,
        on_record=await uow.known.active(values=[entry.value for entry in entries], lock=True),
        now=at,
    )
    await uow.known.end_all(changes.expired, at, "expired")
    await uow.known.end_all(changes.missing, at, "found missing")
    await uow.known.put_all(changes.kept)
    kept = {(record.list, record.value) for record in changes.kept}
    fresh = newly_unnamed(request, [entry for entry in entries if (entry.list, entry.value) in kept], own)
    return changes.gone, fresh


async def _tell_of_unnamed(uow: UnitOfWork, request: Request, entries: Sequence[Entry], *, at: datetime) -> None:
    """Log each allow that nobody asked for, and alert: the request's card is no success any more."""
    if not entries:
        return
    current = await uow.requests.summary(request.id, items=1)
    await uow.requests.set_warnings(request.id, with_unnamed(current, entries), current.approvals_needed)
    for event in await uow.audit.append_all([unnamed_event(request, entry, at=at) for entry in entries]):
        await alert(uow, AlertName.UNNAMED_ALLOW, request_id=request.id, event=event.seq)
    await notify(uow, request.id)


async def _record(
    uow: UnitOfWork,
    request: Request,
    look: Look,
    current: Mapping[int, Item],
    reading: Snapshot,
    gone: Sequence[KnownEntry],
    *,
    at: datetime,
) -> Look | None:
    """Write down what was learnt of a submission. Returns it when it is news."""
    for filed in look.filed:
        await uow.submissions.set(filed.id, status=look.status, result=look.result, checked_at=at)
    learnt = learn(request, look, current, reading, gone, now=at)
    await set_items(uow, learnt.items)
    if learnt.items:
        await notify(uow, request.id)
    await uow.audit.append_all(learnt.events)
    return learnt.news


async def _give_up_lost(uow: UnitOfWork, request_id: int, now: datetime) -> None:
    for filed in given_up_for_lost(await uow.submissions.of_request(request_id), now=now):
        await uow.submissions.set(filed.id, status=FiledStatus.LOST, checked_at=now)


async def _come_back(uow: UnitOfWork, request_id: int, looks: Sequence[Look], now: datetime) -> None:
    """Queue the next look, if there is to be one."""
    states = {item.id: item.state for item in (await uow.requests.get(request_id)).items}
    moment = next_look(await uow.submissions.of_request(request_id), states, looks, now=now)
    if moment is not None:
        await later(uow, JobKind.FOLLOW, request_id, at=moment)
