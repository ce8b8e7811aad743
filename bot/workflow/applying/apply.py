"""Applying an approved request: read the tenant, write down the intent, call, read back, record item by item.

A worker may die between any two lines of this. What it leaves is either nothing, or an intent: and what
became of an intent is found out by reading the tenant, never by sending blindly again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.aside import aside
from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes import attempt
from bot.domain.outcomes.conclusion import conclude_given_up
from bot.domain.outcomes.findings import find
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.policies.reassessing import forbidden
from bot.domain.requests.logged_proposal import Contradiction
from bot.domain.requests.noted import reference
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.requests.requested_change import change_for
from bot.domain.telling.alert_facts import AlertName
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError, TryLater
from bot.store import Job, UnitOfWork
from bot.workflow.applying.change_run import apply_change, remove_ended_entries
from bot.workflow.applying.others import SETTLED_AFTER, look_at_others
from bot.workflow.applying.progress import Progress, tell_sent
from bot.workflow.applying.readings import read_to_decide
from bot.workflow.applying.recording import record
from bot.workflow.applying.sending import Sending
from bot.workflow.requesting.reassess import reassess
from bot.workflow.shared.conclusion import queue_result_file, schedule_follow_ups, summary_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import strides
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import ApplyPayload, JobKind
from bot.workflow.shared.jobs import notify, notify_of, read_lists_anew
from bot.workflow.shared.keeping import EntryKeeper, alone_with_records, records
from bot.workflow.shared.kept_lists import index_anew, keep_list
from bot.workflow.shared.proving import in_words, read_proved, tell_of_contradictions
from bot.workflow.submitting import submit

#: That a request is being applied is shown once it has taken so long.
SHOWN_AFTER = timedelta(seconds=3)


async def apply(context: Context, job: Job, payload: ApplyPayload) -> None:
    """Job: bring an approved request to the tenant.

    Raises TenantError to be tried again later, and TryLater while its list doesn't show yet what was just sent.
    """
    request = await _begin(context, job, payload.request_id)
    if request is None:
        return
    if request.operation is Operation.SUBMIT:
        await submit.carry_out(context, job, request)
    else:
        await _carry_out(context, job, request, sent_at=payload.sent_at)


async def _begin(context: Context, job: Job, request_id: int) -> Request | None:
    """The request as it is sent, once the log has proved it; None where nothing is to be sent."""
    async with context.store.read() as uow:
        request, found = await read_proved(uow, request_id)
    if found and request.status in {Status.APPROVED, Status.APPLYING}:
        await _refuse(context, job, request, found)
        return None
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        if await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING):
            await uow.audit.append(
                EventKind.REQUEST_APPLYING,
                actor=PORTCULLIS,
                target=f"request {request.proposal_id}",
                request_id=request_id,
                at=context.now(),
            )
            # Most are applied by then, and the card shows that at once.
            await notify_of(uow, request.proposal_id, at=context.store.clock() + SHOWN_AFTER)
        elif (await uow.requests.summary(request_id, items=1)).status is not Status.APPLYING:
            await uow.jobs.finish(job)
            return None
    return replace(request, status=Status.APPLYING)


async def _refuse(context: Context, job: Job, request: Request, found: Sequence[Contradiction]) -> None:
    """Send nothing: somebody changed the request past Portcullis, since it was proposed or approved."""
    why = f"Nothing was sent: the database says otherwise of it than the log. {in_words(found)}"
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.requests.move(request.id, expected=Status.APPROVED, to=Status.APPLYING)
        conclusion = conclude_given_up(request, why, at=context.now())
        if await uow.requests.move(
            request.id, expected=Status.APPLYING, to=conclusion.status, failure=conclusion.failure
        ):
            await uow.attachments.drop(request.id)
            await tell_of_contradictions(context, uow, request, found)
            await uow.audit.append_all([conclusion.event])
            await notify(uow, request.id)
        await uow.jobs.finish(job)


async def _carry_out(context: Context, job: Job, request: Request, *, sent_at: datetime | None) -> None:
    waiting = [item for item in request.items if item.state.is_open]
    try:
        outcomes = await _outcomes(context, job, request, waiting, sent_at=sent_at)
    except (SignInFailed, PermissionMissing) as error:
        if attempt.doubtful(waiting):
            raise _not_to_be_read_back(request, error) from error
        # Nothing was sent, and trying again changes nothing until the operator acts.
        outcomes = Outcomes.of((item.value for item in waiting), Step.REFUSED, str(error))
    is_new = outcomes.reading is not None and await keep_list(context, job, outcomes.reading)
    outcomes = attempt.doubt(outcomes, waiting)
    if not attempt.is_last_word(outcomes, job.attempts):
        raise _not_shown(request)
    await record(context, job, request, waiting, outcomes)
    if is_new:
        await index_anew(context)


async def _outcomes(
    context: Context, job: Job, request: Request, waiting: Sequence[Item], *, sent_at: datetime | None
) -> Outcomes:
    """What has become of the waiting items, once what can be done for them now is done."""
    if not waiting:
        return Outcomes()  # all of it was recorded by an attempt that died before its last line
    if not attempt.has_ended(request, context.now()):
        return await _make_so(context, job, request, waiting, sent_at=sent_at)
    # Nothing is sent any more; what an attempt before this one may have sent is looked for.
    doubtful = attempt.doubtful(waiting)
    if not doubtful:
        return attempt.too_late(waiting, Outcomes())
    change = change_for(request, doubtful)
    return attempt.too_late(waiting, await _find(await context.tenant.read_for(change), change))


async def _make_so(
    context: Context, job: Job, request: Request, waiting: Sequence[Item], *, sent_at: datetime | None
) -> Outcomes:
    """Send what is still to be sent, once policy has been asked again, and read it back.

    What an attempt sent a moment ago is not sent again before the list had its time to show it, and what another
    request does to the same values is waited for. Raises TryLater until then, so that no place is held meanwhile. What
    another request that was approved later decides otherwise is not sent at all.
    """
    outcomes, reading = Outcomes(), None
    # What is read of the store once the list is here is read in one transaction.
    async with context.store.one_look():
        if asked := attempt.for_policy(waiting):
            outcomes, reading = await _ask_policy_again(context, job, request, waiting, asked)
        items = [item for item in waiting if item.value not in outcomes]
        if not items:
            return outcomes
        change = change_for(request, items)
        if reading is None:
            reading = await context.tenant.read_for(change)
        outcomes |= await _find(reading, change)
        async with context.store.read() as uow:
            others = await look_at_others(uow, request, items)
    missing = [item for item in items if outcomes[item.value].step is Step.MISSING]
    decided = missing if request.operation is Operation.ADD else [item for item in items if item not in missing]
    others.wait(decided)
    if sent_at is None and any(item.value in others.later for item in attempt.doubtful(missing)):
        # A worker that died may have sent it a moment ago. Said to be unsent, it would be left to a list that is late.
        sent_at = await _note_sent(context, job, request)
    if sent_at is not None and (unseen := attempt.doubtful(missing)):
        if (wait := attempt.next_look(sent_at, context.now())) is not None:
            raise TryLater(wait, f"#{request.proposal_id} was sent, and its list does not show all of it yet.")
        if attempt.was_sent_often_enough(job.attempts):
            outcomes |= Outcomes.of((item.value for item in unseen), Step.UNSEEN)
            missing = [item for item in missing if item not in unseen]
    outcomes |= Outcomes.worded(
        {item.value: others.later[item.value] for item in missing if item.value in others.later}, Step.FORBIDDEN
    )
    missing = [item for item in missing if item.value not in others.later]
    if not missing:
        return outcomes
    return outcomes | await _send(context, job, request, missing, reading, again=sent_at is not None)


async def _send(
    context: Context, job: Job, request: Request, missing: Sequence[Item], reading: ListSnapshot, *, again: bool
) -> Outcomes:
    """Send what is missing, `again` where the job was told that something was sent before, and read it back once.

    Raises OutcomeUnknown where the list doesn't show all of it yet, and TryLater where another request has begun with
    some of it meanwhile.
    """
    progress = Progress(context, job, request, missing, again=again)
    sending = Sending(
        tenant=context.tenant,
        change=change_for(request, missing),
        reading=reading,
        now=context.now,
        reference=reference(request),
        before=progress.about_to_send,
        after=progress.was_sent,
    )
    await remove_ended_entries(sending)
    try:
        outcomes = await apply_change(sending)
    except (SignInFailed, PermissionMissing) as error:
        raise _not_to_be_read_back(request, error) from error
    except OutcomeUnknown:
        await _note_sent(context, job, request)
        raise
    if outcomes.at(Step.UNSEEN):
        await _note_sent(context, job, request, attempt.not_taken(outcomes, missing))
        raise _not_shown(request)
    later = progress.held_up.later
    if not again and any(item.value in later for item in attempt.doubtful(missing)):
        # As before something is sent: a worker that died may have sent it a moment ago.
        await _note_sent(context, job, request, attempt.not_taken(outcomes, missing))
        raise TryLater(SETTLED_AFTER, f"#{request.proposal_id} was sent, and its list does not show all of it yet.")
    outcomes |= Outcomes.worded(
        {value: later[value] for value in outcomes.at(Step.MISSING) if value in later}, Step.FORBIDDEN
    )
    if outcomes.at(Step.MISSING):
        await _note_sent(context, job, request, attempt.not_taken(outcomes, missing))
        progress.held_up.wait(missing)
    return outcomes


async def _note_sent(context: Context, job: Job, request: Request, not_taken: Sequence[Item] = ()) -> datetime:
    """Write down that something was sent just now that the list doesn't show, so that it isn't sent again too early.

    What was certainly `not_taken` doesn't wait to be seen. Returns what is written down as the time of it.
    """
    sent_at = context.now()
    async with context.store.write() as uow:
        await tell_sent(uow, job, request, sent_at)
        await uow.requests.set_items({item.id: (ItemState.PROPOSED, "") for item in not_taken})
    return sent_at


def _not_shown(request: Request) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"The tenant accepted #{request.proposal_id}, but its list does not show all of it yet.",
        "Portcullis reads again and goes on from what it finds.",
    )


async def _find(reading: ListSnapshot, change: Change) -> Outcomes:
    return await aside(len(reading.entries) + len(change.values), find, reading, change, now=reading.as_of)


def _not_to_be_read_back(request: Request, error: TenantError) -> OutcomeUnknown:
    """Sent, and the list can't be read: neither done nor refused may be said of it."""
    return OutcomeUnknown(f"Whether #{request.proposal_id} was applied can't be read back: {error.what}", error.remedy)


async def _ask_policy_again(
    context: Context, job: Job, request: Request, waiting: Sequence[Item], asked: Sequence[Item]
) -> tuple[Outcomes, ListSnapshot]:
    """Hold those of the waiting items that are `asked` about against policy on what their list holds now. Returns what
    is forbidden, and that list.

    Raises TenantError when it can't be read.
    """
    values = [item.value for item in asked]
    lists, reading = await read_to_decide(context, job, change_for(request, waiting))
    async with context.store.read() as uow:
        known = await records(uow, request.list, values)
    today = await reassess(request, asked, lists, context.rules, known=known, now=context.now())
    return forbidden(today, values), reading


async def give_up(context: Context, uow: UnitOfWork, payload: ApplyPayload, why: str) -> None:
    """Called in the transaction that gives up a job of this kind: the request must not look as if it were under way.

    Its items stay as they are: what was intended and never seen stays unknown, and says so, until the confirmation
    finds it; and it ends like everything else that was sent.
    """
    request_id = payload.request_id
    await uow.requests.move(request_id, expected=Status.APPROVED, to=Status.APPLYING)
    in_short = await uow.requests.summary(request_id, items=0)
    if in_short.operation is Operation.SUBMIT:
        await submit.give_up(context, uow, in_short, why)
        return
    await alone_with_records(uow, in_short)
    request = await uow.requests.get(request_id)  # a removal may have stopped some of it until now
    now = context.now()
    conclusion = conclude_given_up(request, why, at=now)
    if await uow.requests.move(request_id, expected=Status.APPLYING, to=conclusion.status, failure=conclusion.failure):
        if request.operation is Operation.ADD:
            for values in strides([item.value for item in attempt.doubtful(request.items)]):
                keeper = await EntryKeeper.open(uow, request, values)
                await keeper.keep(dict.fromkeys(values), at=now, given_up=True)
        request = await summary_of(uow, request_id)
        await schedule_follow_ups(context, uow, request)
        await queue_result_file(uow, request)
        await uow.audit.append_all([conclusion.event])
        await read_lists_anew(uow)
        await notify(uow, request_id)


APPLY_JOB = JobDefinition(kind=JobKind.APPLY, handle=apply, give_up=give_up, late=AlertName.REQUEST_DELAYED)
