"""Looks which entries come back to their owners, and what became of those that did.

Everything goes in portions, each a transaction of its own that is alone with the renewals: a thousand entries that are
due at once hold up nobody, and a worker that dies between two portions leaves the rest to the next look. Whoever is to
answer is told by a job of their own, which reads what there is to tell.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action
from bot.domain.policies.drafting import draft
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.known_entry import KnownEntry
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
    is_due,
    next_step,
    renewal_event,
)
from bot.domain.requests.request import Status
from bot.store import Job, UnitOfWork
from bot.workflow.asking.renewals import OpenRenewals, waiting_for, waiting_for_approvers
from bot.workflow.requesting.consider import Considered, consider
from bot.workflow.requesting.propose import write_all
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import ask_owner, count_for_owner, tell_of_renewals
from bot.workflow.shared.keeping import with_names
from bot.workflow.shared.renewals import entries_of
from bot.workflow.shared.rights import Proposer

_log = structlog.get_logger(__name__)

#: How often it is looked; of a period of minutes, as for a trial, more often.
LOOK_EVERY = timedelta(minutes=5)
_LOOK_AT_MOST_EVERY = timedelta(seconds=1)
#: So many at a time.
_PORTION = 100
#: So many owners in one look.
_MOST_OWNERS = 200
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
    await _open_due(context, job)
    await _have_told(context, job)


async def _steps(context: Context, uow: UnitOfWork, renewals: Sequence[Renewal]) -> list[_Taken]:
    """What some renewals come to now; those that stay as they are are left out."""
    entries = await entries_of(uow, renewals)
    answers = {each.answer_id for each in renewals if each.answer_id is not None}
    answered: dict[int, Status] = {number: (await uow.requests.summary(number, items=1)).status for number in answers}
    taken: list[_Taken] = []
    for each in renewals:
        status = None if each.answer_id is None else answered[each.answer_id]
        step = next_step(each, entries.get(each.id), status, context.renewing, now=context.now())
        if step is not None:
            taken.append(_Taken(renewal=each, step=step))
    return taken


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
        proposals = draft(
            Operation.REMOVE,
            left[0].action,
            [listed_indicator(Entry(list=each.list, action=each.action, value=each.value)) for each in left],
            lifetime=None,
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


async def _open_due(context: Context, job: Job) -> None:
    """Open a renewal for each entry that is due, and have its owner asked."""
    rules, now = context.renewing, context.now()
    async with context.store.read() as uow:
        owners = await uow.renewals.owners_due(rules, now=now, limit=_MOST_OWNERS)
    for owner in owners:
        after: int | None = 0
        while after is not None:
            after = await _open_some(context, job, owner, after)


async def _open_some(context: Context, job: Job, owner: str, after: int) -> int | None:
    """Open a portion of an owner's; after which row the next one begins, or None."""
    rules, now = context.renewing, context.now()
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.alone_with("renewals")
        found = await uow.renewals.due(rules, owner, now=now, after=after, limit=_PORTION)
        entries = await with_names(uow, [entry for _, entry in found])
        # What came of a submission without having been asked for has no owner.
        asked = [each for each in entries if each.is_named and is_due(each, rules, now=now, ahead=True)]
        if asked:
            opened = await uow.renewals.add(asked, at=now, answer_by=now + rules.answer_within)
            await uow.audit.append_all(
                [
                    renewal_event(EventKind.RENEWAL_DUE, each, at=now, answer_by=each.answer_by, since=entry.since)
                    for each, entry in _beside(opened, asked)
                ]
            )
    return found[-1][0] if len(found) == _PORTION else None


def _beside(opened: Sequence[Renewal], entries: Sequence[KnownEntry]) -> list[tuple[Renewal, KnownEntry]]:
    known = {(entry.list, entry.action, entry.value): entry for entry in entries}
    return [(each, known[each.list, each.action, each.value]) for each in opened]


async def _have_told(context: Context, job: Job) -> None:
    """Queue a job for each reader who is to be told something, or whose message is out of date."""
    now = context.now()
    async with context.store.read() as uow:
        messages = await uow.renewal_messages.standing()
        readers = sorted((await uow.renewals.readers() | set(messages)) - {APPROVERS})
        waiting = {reader: await waiting_for(uow, reader, now=now) for reader in readers[:_MOST_OWNERS]}
        passed_on = await waiting_for_approvers(uow)
    owed = [
        reader
        for reader, each in waiting.items()
        if _owes(each, messages[reader].shown if reader in messages else None)
    ]
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        for owner in owed:
            if waiting[owner].is_untold and context.tracing is not None:
                await count_for_owner(uow, owner)
            else:
                await ask_owner(uow, owner)
        if _owes(passed_on, messages[APPROVERS].shown if APPROVERS in messages else None):
            await tell_of_renewals(uow)
        await uow.jobs.finish(job)


def _owes(waiting: OpenRenewals, shown: Sequence[str] | None) -> bool:
    if waiting.is_untold or waiting.is_reminder_due:
        return True
    return shown is not None and tuple(shown) != waiting.shown


#: The next look comes in minutes.
RENEWALS_JOB = JobDefinition(kind=JobKind.RENEWALS, handle=look, alerts=False)
