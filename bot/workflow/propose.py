"""Proposing a change: judge it by policy, and write down what may go ahead, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.audit import EventKind
from bot.domain.lists import ListName
from bot.domain.pending import pending_warnings
from bot.domain.people import Person, Right
from bot.domain.policy import Assessment, Proposal, assess
from bot.domain.requests import Request, Status
from bot.store import UnitOfWork
from bot.workflow.access import required
from bot.workflow.context import Context
from bot.workflow.kinds import JobKind, alert, later, notify

_OPEN = frozenset({Status.PENDING, Status.APPROVED, Status.APPLYING})
#: The newest ones: a warning is a help to people, not a lock. Applying settles what two requests make of one value.
_OPEN_LOOKED_AT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A proposal beside what policy says of it."""

    proposal: Proposal
    assessment: Assessment


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of proposing: the requests, or, when anything was refused, the reasons and no request at all."""

    considered: tuple[Considered, ...]
    requests: tuple[Request, ...] = ()


async def consider(context: Context, *, actor: Person, proposals: Sequence[Proposal]) -> tuple[Considered, ...]:
    """What policy says of proposals, before anybody commits to them. Changes nothing but the log.

    Raises NotPermitted. That somebody was warned of an IP allow is an event, whatever they do next.
    """
    await required(context, actor, Right.PROPOSE)
    async with context.store.read() as uow:
        considered = await _considered(context, uow, proposals)
    warned = [one for one in considered if one.assessment.needs_acknowledgement and not one.proposal.acknowledged]
    if warned:
        async with context.store.write() as uow:
            for one in warned:
                await uow.audit.append(
                    EventKind.IP_ALLOW_WARNED,
                    actor=actor.user_id,
                    target=_targets(one.proposal),
                    payload={"warnings": [warning.code for warning in one.assessment.warnings]},
                    at=context.now(),
                )
    return considered


async def propose(context: Context, *, actor: Person, proposals: Sequence[Proposal], delivery: str) -> Proposed:
    """Make each proposal a pending request, all of them or, if policy refuses any, none.

    `delivery` names what Slack delivered: delivered again, it changes nothing and gives the same answer.
    Raises NotPermitted. Once this returns, everything is on disk, the jobs that post the cards among it.
    """
    await required(context, actor, Right.PROPOSE)
    async with context.store.write() as uow:
        considered = await _considered(context, uow, proposals)
        if not await uow.deliveries.first_time(delivery):
            answer = await uow.deliveries.answered(delivery) or {}
            before = [await uow.requests.get(int(request_id)) for request_id in answer.get("requests", [])]
            # What was allowed then stays so, even where the tenant holds the entry by now.
            return Proposed(considered=() if before else considered, requests=tuple(before))
        if any(not one.assessment.may_proceed for one in considered):
            await _log_refusals(context, uow, actor, considered)
            return Proposed(considered=considered)
        requests = [await _write(context, uow, actor, one) for one in considered]
        await uow.deliveries.answer(delivery, {"requests": [request.id for request in requests]})
    return Proposed(considered=considered, requests=tuple(requests))


async def _considered(context: Context, uow: UnitOfWork, proposals: Sequence[Proposal]) -> tuple[Considered, ...]:
    lists = await uow.snapshots.load()
    still_open = await uow.requests.page(statuses=_OPEN, limit=_OPEN_LOOKED_AT)
    considered = []
    for proposal in proposals:
        assessment = assess(proposal, lists, context.rules, now=context.now())
        warnings = (*assessment.warnings, *pending_warnings(proposal, still_open))
        considered.append(Considered(proposal=proposal, assessment=replace(assessment, warnings=warnings)))
    return tuple(considered)


async def _write(context: Context, uow: UnitOfWork, actor: Person, one: Considered) -> Request:
    proposal, assessment, now = one.proposal, one.assessment, context.now()
    request = await uow.requests.add(
        operation=proposal.operation,
        action=proposal.action,
        list=proposal.list,
        reason=proposal.reason,
        expires=proposal.expires,
        requester=actor.user_id,
        approvals_needed=assessment.approvals_needed,
        lapses_at=now + context.lapse_after,
        warnings=assessment.warnings,
        indicators=[(indicator.kind, indicator.value) for indicator in proposal.indicators],
        at=now,
    )
    await uow.audit.append(
        EventKind.REQUEST_PROPOSED,
        actor=actor.user_id,
        target=_targets(proposal),
        request_id=request.id,
        payload={
            "operation": proposal.operation,
            "action": proposal.action,
            "list": proposal.list,
            "items": [indicator.value for indicator in proposal.indicators],
            "reason": proposal.reason,
            "expires": proposal.expires.isoformat() if proposal.expires else None,
            "acknowledged": proposal.acknowledged,
            "approvals_needed": assessment.approvals_needed,
            "warnings": [warning.code for warning in assessment.warnings],
        },
        at=now,
    )
    await notify(uow, request.id)
    await later(uow, JobKind.LAPSE, request.id, at=request.lapses_at)
    if assessment.needs_acknowledgement:
        await alert(uow, "ip_allow_proposed", request_id=request.id)
    return request


async def _log_refusals(context: Context, uow: UnitOfWork, actor: Person, considered: Sequence[Considered]) -> None:
    for one in considered:
        if not one.assessment.may_proceed:
            await uow.audit.append(
                EventKind.REQUEST_REFUSED,
                actor=actor.user_id,
                target=_targets(one.proposal),
                payload={
                    "operation": one.proposal.operation,
                    "action": one.proposal.action,
                    "list": one.proposal.list,
                    "refusals": [refusal.code for refusal in one.assessment.refusals],
                },
                at=context.now(),
            )


def _targets(proposal: Proposal) -> str:
    """One target for the log: the value itself, or how many and where."""
    if len(proposal.indicators) == 1:
        return proposal.indicators[0].value
    return f"{len(proposal.indicators)} {ListName(proposal.list).value} indicators"
