"""Handing an approved request over to Microsoft: write down the intent, file, write down the reference, item by item.

Filing twice is not the same as filing once. A submission whose answer was lost is therefore looked for among those that
Microsoft has, and never filed again: what can't be found stays unknown, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.outcomes.conclusion import conclude
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.submissions.filing_plan import LOST, Filing, awaits_file, may_still_show, plan, under_way
from bot.domain.submissions.submission import Filed, FiledStatus, Submitted
from bot.domain.submissions.texts import filed_words, not_filed_words
from bot.domain.telling.alert_facts import AlertName
from bot.errors import (
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)
from bot.store import Job, UnitOfWork
from bot.tenant.submission_service import SubmissionService
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.conclusion import summary_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import later, notify

#: How long after it was filed a submission is asked about for the first time.
FIRST_LOOK = timedelta(minutes=1)


async def carry_out(context: Context, job: Job, request: Request) -> None:
    """Part of the job that applies a request: file what is still to be filed, and say how it went.

    Raises TenantError to be tried again later; whatever is known by then is on disk.
    """
    now = context.now()
    waiting = [item for item in request.items if item.state.is_open]
    doubtful = [item for item in waiting if item.state is ItemState.INTENDED]
    async with context.store.read() as uow:
        kept = await uow.attachments.get(request.id)
        filed = {record.item_id: record for record in await uow.submissions.of_request(request.id)}
    content = kept[1] if kept else None
    fresh = [item for item in waiting if item not in doubtful]
    is_on = context.submissions is not None
    if fresh and is_on and awaits_file(request, content=content, now=now):
        raise TenantUnavailable(f"The file of #{request.proposal_id} is still on its way from Slack.")
    planned = plan(request, fresh, content=content, is_on=is_on, now=now)
    await _refuse(context, job, request, planned.refused)
    if context.submissions is not None:
        for piece in under_way(request, doubtful, filed, content=content, now=now):
            await _look_for(context, context.submissions, job, request, piece, filed)
        for piece in planned.pieces:
            await _file(context, context.submissions, job, request, piece)
    await _conclude(context, job, request)


async def _file(context: Context, submissions: SubmissionService, job: Job, request: Request, piece: Filing) -> None:
    await _intend(context, job, request, piece)
    try:
        submitted = await submissions.file(piece.submission, reference=piece.submission.note)
    except (ValueRefused, PermissionMissing, SignInFailed) as error:
        # Final until somebody acts, and certain not to have been taken.
        words = error.service_text if isinstance(error, ValueRefused) and error.service_text else str(error)
        await _take_back(context, job, request, piece, FiledStatus.NOT_FILED)
        said = {item.id: not_filed_words(f"Microsoft did not take it: {words}", request.list) for item in piece.items}
        await _refuse(context, job, request, said)
    except (Throttled, TenantUnavailable):
        await _take_back(context, job, request, piece, FiledStatus.NOT_FILED)
        raise
    else:
        await _note_filed(context, job, request, piece, submitted)


async def _look_for(
    context: Context,
    submissions: SubmissionService,
    job: Job,
    request: Request,
    piece: Filing,
    filed: Mapping[int, Filed],
) -> None:
    """Find out whether an attempt before this one made a submission, and note it if so."""
    since = min((filed[item.id].filed_at for item in piece.items if item.id in filed), default=request.created_at)
    try:
        found = await submissions.find(piece.submission, since=since)
    except (SignInFailed, PermissionMissing) as error:
        raise OutcomeUnknown(
            f"Whether #{request.proposal_id} was submitted can't be read: {error.what}", error.remedy
        ) from error
    if found is not None:
        await _note_filed(context, job, request, piece, found)
    elif may_still_show(since=since, now=context.now()):
        raise OutcomeUnknown(
            f"#{request.proposal_id} was sent to Microsoft with no answer, and its list doesn't show it yet.",
            "Portcullis looks again, and does not submit it a second time.",
        )
    else:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.requests.set_items({item.id: (ItemState.INTENDED, LOST) for item in piece.items})


async def _intend(context: Context, job: Job, request: Request, piece: Filing) -> None:
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.set_items({item.id: (ItemState.INTENDED, "") for item in piece.items})
        for item in piece.items:
            filed = await uow.submissions.add(
                Filed(
                    id=0,
                    request_id=request.id,
                    item_id=item.id,
                    kind=piece.submission.kind,
                    reference="",
                    status=FiledStatus.INTENDED,
                    filed_at=now,
                )
            )
            await uow.submissions.set(filed.id, status=FiledStatus.INTENDED, filed_at=now)


async def _take_back(context: Context, job: Job, request: Request, piece: Filing, status: FiledStatus) -> None:
    """The intent came to nothing, for certain."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.set_items({item.id: (ItemState.PROPOSED, "") for item in piece.items})
        await _set_status(uow, request.id, piece.items, status=status)


async def _note_filed(context: Context, job: Job, request: Request, piece: Filing, submitted: Submitted) -> None:
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await note_filed(uow, request, piece.items, submitted, at=context.now())


async def note_filed(
    uow: UnitOfWork, request: Request, items: Sequence[Item], submitted: Submitted, *, at: datetime
) -> None:
    """Write down that Microsoft has a submission, under which reference, for some items of a request."""
    words = filed_words(submitted.reference, asks_allow=submitted.asks_allow, name=request.list)
    await uow.requests.set_items({item.id: (ItemState.APPLIED, words) for item in items})
    # Whatever Microsoft said already is told when it is asked: with the entries, as one piece of news.
    await _set_status(uow, request.id, items, status=FiledStatus.RUNNING, reference=submitted.reference)
    for item in items:
        await uow.audit.append(
            EventKind.SUBMISSION_FILED,
            actor=PORTCULLIS,
            target=item.value,
            request_id=request.id,
            payload={
                "kind": submitted.kind,
                "reference": submitted.reference,
                "list": request.list,
                "asks_allow": submitted.asks_allow,
                "expires": request.expires,
            },
            at=at,
        )


async def _set_status(
    uow: UnitOfWork, request_id: int, items: Sequence[Item], *, status: FiledStatus, reference: str | None = None
) -> None:
    ids = {item.id for item in items}
    for filed in await uow.submissions.of_request(request_id):
        if filed.item_id in ids:
            await uow.submissions.set(filed.id, status=status, reference=reference)


async def _refuse(context: Context, job: Job, request: Request, refused: Mapping[int, str]) -> None:
    if not refused:
        return
    values = {item.id: item.value for item in request.items}
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.set_items({item_id: (ItemState.REFUSED, words) for item_id, words in refused.items()})
        for item_id, words in refused.items():
            await uow.audit.append(
                EventKind.ITEM_REFUSED,
                actor=PORTCULLIS,
                target=values[item_id],
                request_id=request.id,
                payload={
                    "operation": request.operation,
                    "action": request.action,
                    "list": request.list,
                    "outcome": words,
                },
                at=context.now(),
            )


async def _conclude(context: Context, job: Job, request: Request) -> None:
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        conclusion = conclude(await summary_of(uow, request.id), at=now)
        await uow.requests.move(request.id, expected=Status.APPLYING, to=conclusion.status, failure=conclusion.failure)
        await uow.audit.append_all([conclusion.event])
        if conclusion.fell_short:
            await alert(uow, AlertName.REQUEST_FAILED, request_id=request.id, details=conclusion.failure)
        await _leave(uow, request.id, at=now)
        await uow.jobs.finish(job)


async def give_up(context: Context, uow: UnitOfWork, request: Request, why: str) -> None:
    """Called in the transaction that gives up the job which applies a submission, with the request as it is then.

    What was sent with no known answer is still looked for.
    """
    if not await uow.requests.move(request.id, expected=Status.APPLYING, to=Status.FAILED, failure=why):
        return
    await uow.audit.append(
        EventKind.REQUEST_FAILED,
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={"error": why},
        at=context.now(),
    )
    await _leave(uow, request.id, at=context.now())


async def _leave(uow: UnitOfWork, request_id: int, *, at: datetime) -> None:
    """What follows once all is sent: its file goes, and Microsoft is asked about what it has, or may have."""
    await forget_file(uow, request_id)
    if any(filed.status.is_open for filed in await uow.submissions.of_request(request_id)):
        await later(uow, JobKind.FOLLOW, request_id, at=at + FIRST_LOOK)
    await notify(uow, request_id)


async def forget_file(uow: UnitOfWork, request_id: int) -> None:
    """Delete the file that was kept with a request: it has been handed over, or never will be.

    For every end of a request: filed, denied, withdrawn, lapsed.
    """
    await uow.attachments.drop(request_id)
