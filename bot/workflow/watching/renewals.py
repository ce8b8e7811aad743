"""Looks which entries come back to their owners, and what became of those that did.

Everything goes in portions, each a transaction of its own that is alone with the renewals: a thousand entries that are
due at once hold up nobody, and a worker that dies between two portions leaves the rest to the next look. Whoever is to
answer is told by a job of their own, which reads what there is to tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action
from bot.domain.policies.drafting import draft_removal
from bot.domain.requests.people import Person, Role
from bot.domain.requests.renewal import Renewal, RenewalState
from bot.domain.requests.renewing import (
    Close,
    PassOn,
    ProposeRemoval,
    Renewing,
    Reopen,
    Step,
    Unanswered,
    next_step,
    renewal_event,
)
from bot.domain.requests.request import ItemState, Status
from bot.store import Job, UnitOfWork
from bot.store.databases import in_chunks
from bot.store.renewal_messages import RenewalMessage
from bot.workflow.asking.renewals import OpenRenewals, waiting_for, waiting_for_approvers
from bot.workflow.requesting.consider import Considered, consider
from bot.workflow.requesting.propose import write_all
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import ask_owner, count_for_owner, tell_of_renewals
from bot.workflow.shared.renewals import entries_of
from bot.workflow.shared.rights import Proposer
from bot.workflow.watching.renewals_due import open_due

_log = structlog.get_logger(__name__)

#: How often it is looked; of a period of minutes, as for a trial, more often.
LOOK_EVERY = timedelta(minutes=5)
_LOOK_AT_MOST_EVERY = timedelta(seconds=1)
#: So many at a time.
_PORTION = 100
#: So many owners at a time.
_OWNERS = 200
#: By whose message the approvers read what is passed on to them.
APPROVERS = "approvers"

_OPEN = frozenset(RenewalState) - {RenewalState.CLOSED}
#: Who proposes what nobody answered for.
_BOT = Proposer(Person(user_id=PORTCULLIS, roles=frozenset({Role.REQUESTER})))


def look_every(rules: Renewing) -> timedelta:
    """How often it is looked under these rules."""
    return LOOK_EVERY if rules.every is None else max(_LOOK_AT_MOST_EVERY, min(LOOK_EVERY, rules.every / 10))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """A renewal, and the step that it takes."""

    renewal: Renewal
    step: Step


async def look(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: bring every open renewal to where it stands now, open those that are due, and have whoever is to answer told
    what they haven't been told."""
    after = 0
    while True:
        async with context.store.read() as uow:
            renewals = await uow.renewals.page(_OPEN, after=after, limit=_PORTION)
            taken = await _steps(context, uow, renewals)
        await _take(context, job, [each for each in taken if not isinstance(each.step, ProposeRemoval)])
        await _propose_removals(context, job, [each.id for each in renewals])
        if len(renewals) < _PORTION:
            break
        after = renewals[-1].id
    await open_due(context, job)
    await _have_told(context, job)


async def _steps(context: Context, uow: UnitOfWork, renewals: Sequence[Renewal]) -> list[_Taken]:
    """What some renewals come to now; those that stay as they are are left out."""
    entries = await entries_of(uow, renewals)
    answered = await _answered(uow, renewals)
    taken: list[_Taken] = []
    for each in renewals:
        step = next_step(each, entries.get(each.id), answered.get(each.id), context.renewing, now=context.now())
        if step is not None:
            taken.append(_Taken(renewal=each, step=step))
    return taken


async def _answered(uow: UnitOfWork, renewals: Sequence[Renewal]) -> Mapping[int, Status]:
    """How the requests stand that answered, by the renewals' numbers. What an approver left out of one was denied,
    whatever became of the rest."""
    numbers = {each.answer_id for each in renewals if each.answer_id is not None}
    requests = {number: await uow.requests.summary(number, items=1) for number in numbers}
    left_out: dict[int, frozenset[object]] = {}
    for number, request in requests.items():
        if request.counts.get(ItemState.LEFT_OUT) and not request.status.is_under_way:
            items = (await uow.requests.get(number)).items
            left_out[number] = frozenset(
                comparable(request.list, item.value) for item in items if item.state is ItemState.LEFT_OUT
            )
    return {
        each.id: Status.DENIED
        if comparable(each.list, each.value) in left_out.get(each.answer_id, ())
        else requests[each.answer_id].status
        for each in renewals
        if each.answer_id is not None
    }


async def _take(context: Context, job: Job, taken: Sequence[_Taken]) -> None:
    """Take the steps of a portion; of what was answered meanwhile, none."""
    if not taken:
        return
    now = context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.alone_with("renewals")
        events: list[NewEvent] = []
        for each in taken:
            event = await _taken(context, uow, each)
            if event is not None:
                events.append(event)
        await uow.audit.append_all(events)
        if any(isinstance(each.step, PassOn) or each.renewal.why is not None for each in taken):
            await tell_of_renewals(uow)
        for owner in sorted({each.renewal.owner for each in taken}):
            await ask_owner(uow, owner)
    _log.info("renewals moved on", count=len(taken), at=now.isoformat())


async def _taken(context: Context, uow: UnitOfWork, taken: _Taken) -> NewEvent | None:
    renewal, now = taken.renewal, context.now()
    match taken.step:
        case PassOn(why=why):
            if await uow.renewals.set(renewal, RenewalState.PASSED_ON, why=why, at=now):
                return renewal_event(EventKind.RENEWAL_PASSED_ON, renewal, at=now, why=why)
        case Reopen():
            if await uow.renewals.set(renewal, RenewalState.ASKED, at=now):
                return renewal_event(EventKind.RENEWAL_REOPENED, renewal, at=now, answered_by=renewal.answer_id)
        case Close(how=how):
            if await uow.renewals.set(
                renewal, RenewalState.CLOSED, closing=how, answer=renewal.answer, answer_id=renewal.answer_id, at=now
            ):
                return renewal_event(EventKind.RENEWAL_CLOSED, renewal, at=now, how=how, answered_by=renewal.answer_id)
        case ProposeRemoval():
            pass
    return None


async def _propose_removals(context: Context, job: Job, numbers: Collection[int]) -> None:
    """Propose to take out what nobody answered for: an ordinary request, by nobody but Portcullis, for approvers."""
    if context.renewing.unanswered is not Unanswered.REMOVE:
        return
    async with context.store.read() as uow:
        found = await uow.renewals.find(numbers)
        taken = await _steps(context, uow, list(found.values()))
    renewals = [each.renewal for each in taken if isinstance(each.step, ProposeRemoval)]
    for action in Action:
        unanswered = [each for each in renewals if each.action is action]
        considered = await _considered(context, unanswered)
        if considered is None:
            continue
        values = {indicator.value for judged in considered.judged for indicator in judged.proposal.indicators}
        async with context.store.read() as uow:
            lists = await uow.snapshots.load()
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.alone_with("renewals")
            now = await uow.renewals.find([each.id for each in unanswered], lock=True)
            # What was answered meanwhile is left to the next look, with all others of its portion.
            if all(now.get(each.id) == each for each in unanswered if each.value in values):
                await write_all(context, uow, considered, lists, waits=True)


async def _considered(context: Context, renewals: Sequence[Renewal]) -> Considered | None:
    """The removal of their entries, judged, without what policy refuses: that isn't listed any more, as a rule."""
    left = list(renewals)
    while left:
        proposals = draft_removal(
            [Entry(list=each.list, action=each.action, value=each.value) for each in left],
            reason="Due for renewal, and nobody answered whether it is still needed.",
            rules=context.rules,
            now=context.now(),
        )
        considered = await consider(context, actor=_BOT, proposals=proposals)
        if not considered.refusals:
            return considered
        going = set(considered.unrefused)
        _log.info("a removal that nobody answered for is refused", why=[each.code for each in considered.refusals][:5])
        if not going or len(going) == len(left):
            return None
        left = [each for each in left if each.value in going]
    return None


async def _have_told(context: Context, job: Job) -> None:
    """Queue a job for each reader who is to be told something, or whose message is out of date."""
    async with context.store.read() as uow:
        messages = await uow.renewal_messages.standing()
        readers = sorted((await uow.renewals.readers() | set(messages)) - {APPROVERS})
    for some in in_chunks(readers, _OWNERS):
        await _have_some_told(context, job, some, messages)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        shown = messages[APPROVERS].shown if APPROVERS in messages else None
        if _owes(await waiting_for_approvers(uow), shown):
            await tell_of_renewals(uow)
        await uow.jobs.finish(job)


async def _have_some_told(
    context: Context, job: Job, owners: Sequence[str], messages: Mapping[str, RenewalMessage]
) -> None:
    now = context.now()
    async with context.store.read() as uow:
        waiting = {owner: await waiting_for(uow, owner, now=now) for owner in owners}
    owed = [
        owner for owner, each in waiting.items() if _owes(each, messages[owner].shown if owner in messages else None)
    ]
    if not owed:
        return
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        for owner in owed:
            if waiting[owner].is_untold and context.tracing is not None:
                await count_for_owner(uow, owner)
            else:
                await ask_owner(uow, owner)


def _owes(waiting: OpenRenewals, shown: Sequence[str] | None) -> bool:
    if waiting.is_untold or waiting.is_reminder_due:
        return True
    return shown is not None and tuple(shown) != waiting.shown


#: The next look comes in minutes.
RENEWALS_JOB = JobDefinition(kind=JobKind.RENEWALS, handle=look, alerts=False)
