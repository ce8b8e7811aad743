"""Emergency blocks: applied at once, with nobody's approval, and told to the alert channel where nobody reviews them.

What may be blocked so is decided by `bot.domain.policies.emergency`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from bot.domain.auditing.events import EventKind
from bot.domain.policies.emergency import refuse_again, refuse_emergency
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.emergency import PER, any_awaits_review
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, Status
from bot.domain.telling.alert_facts import AlertName
from bot.store import Job, UnitOfWork
from bot.workflow.requesting.consider import Considered, JudgedProposal
from bot.workflow.requesting.decide import decide
from bot.workflow.requesting.propose import Proposed, made_by, propose, read_where_old, write_all
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later
from bot.workflow.shared.limits import Limited, recount, within_limit
from bot.workflow.shared.rights import required


async def may_block_at_once(context: Context, person: Person, *, delivery: str) -> None:
    """Hold somebody to their right to block at once. Raises NotPermitted, after it was logged."""
    await required(context, person, Right.BLOCK_AT_ONCE, delivery=delivery)


def as_emergency(context: Context, considered: Considered) -> Considered:
    """What was considered, with what is refused of an emergency block beside what policy refuses anyway."""
    knows = considered.knows_own_domains
    judged = tuple(_judged_anew(context, each, knows_own_domains=knows) for each in considered.judged)
    return replace(considered, judged=judged)


def _judged_anew(context: Context, judged: JudgedProposal, *, knows_own_domains: bool) -> JudgedProposal:
    more = refuse_emergency(
        judged.proposal,
        judged.assessment,
        context.emergencies,
        knows_own_domains=knows_own_domains,
        now=context.now(),
    )
    assessment = replace(judged.assessment, refusals=(*judged.assessment.refusals, *more))
    return replace(judged, assessment=assessment)


async def _without_again(context: Context, considered: Considered) -> Considered:
    """The same, with what is refused since an approver had it taken out before."""
    person = considered.actor.user_id
    judged: list[JudgedProposal] = []
    async with context.store.read() as uow:
        for each in considered.judged:
            proposal = each.proposal
            values = [indicator.value for indicator in proposal.indicators]
            before = await uow.emergencies.taken_out(
                person, proposal.list, proposal.action, None if proposal.list.traits.spellings_vary else values
            )
            refusals = (*each.assessment.refusals, *refuse_again(proposal, before))
            judged.append(replace(each, assessment=replace(each.assessment, refusals=refusals)))
    return replace(considered, judged=tuple(judged))


async def block_at_once(
    context: Context, considered: Considered, *, delivery: str, refused_as: str | None = None
) -> Proposed:
    """Have what was considered as an emergency applied at once; or, if any of it is refused, nothing.

    As `propose` otherwise: delivered again, it changes nothing and gives the same answer. Once this returns, the
    approval as an emergency is on disk, and so are the jobs that apply it and that post its card. Raises NotPermitted,
    and InvalidInput for somebody who has had too many applied within the hour; both are logged.
    """
    person = considered.actor.person
    await may_block_at_once(context, person, delivery=delivery)
    considered = await _without_again(context, as_emergency(context, considered))
    if considered.refusals:
        return await propose(context, considered, delivery=delivery, refused_as=refused_as)
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    async with (
        within_limit(context, person=person.user_id, what=Limited.EMERGENCIES, delivery=delivery),
        context.store.write() as uow,
    ):
        is_first = await uow.deliveries.first_time(delivery)
        before = tuple([await uow.requests.summary(request_id) for request_id in await made_by(uow, delivery)])
        if before or not is_first:
            return Proposed(requests=before)
        count = partial(uow.emergencies.count, person.user_id, since=context.now() - PER)
        await recount(context, uow, count, person=person.user_id, what=Limited.EMERGENCIES)
        requests = await write_all(context, uow, considered, lists, waits=False)
        for request, judged in zip(requests, considered.judged, strict=True):
            await _approve(context, uow, request, judged)
        first = requests[0].id
        await later(uow, JobKind.UNREVIEWED, first, at=context.now() + context.emergencies.alert_after)
        await read_where_old(context, uow, requests)
        await uow.deliveries.answer(delivery, {"requests": [request.id for request in requests]})
        made = tuple([await uow.requests.summary(request.id) for request in requests])
    return Proposed(requests=made)


async def _approve(context: Context, uow: UnitOfWork, request: Request, judged: JudgedProposal) -> None:
    now = context.now()
    await uow.audit.append(
        EventKind.REQUEST_EMERGENCY,
        actor=request.requester,
        target=judged.targets,
        request_id=request.id,
        payload={"reason": request.reason},
        at=now,
    )
    approval = Approval(by=ApprovedBy.EMERGENCY, at=now)
    await decide(uow, request, Status.APPROVED, actor=request.requester, at=now, approval=approval)


async def tell_unreviewed(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: tell the alert channel of an emergency block that nobody has reviewed. What was reviewed is left alone."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        parts = await uow.requests.parts(payload.request_id, items=1)
        if any_awaits_review(parts):
            await alert(uow, AlertName.EMERGENCY_UNREVIEWED, request_id=parts.id)
        await uow.jobs.finish(job)


UNREVIEWED_JOB = JobDefinition(kind=JobKind.UNREVIEWED, handle=tell_unreviewed)
