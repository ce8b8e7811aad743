"""Proposing a change: judge it by policy, and write down what may go ahead, with everything that follows from it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import ListName
from bot.domain.policies.assess import MOST_INDICATORS, assess
from bot.domain.policies.case import Assessment
from bot.domain.policies.pending import pending_warnings
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Request, SetAside
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import LARGE
from bot.workflow.shared.jobs import JobKind, alert, later, notify, read_lists_anew
from bot.workflow.shared.keeping import records
from bot.workflow.shared.rights import required

_NO_LINES: Mapping[ListName, Mapping[str, int]] = MappingProxyType({})
_NONE_SET_ASIDE: Mapping[ListName, Sequence[SetAside]] = MappingProxyType({})


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


async def consider(
    context: Context, *, actor: Person, proposals: Sequence[Proposal], most: int = MOST_INDICATORS
) -> tuple[Considered, ...]:
    """What policy says of proposals, before anybody commits to them. Changes nothing but the log.

    Raises NotPermitted. That somebody was warned of an IP allow is an event, whatever they do next; what is refused
    anyway needs no warning.
    """
    await required(context, actor, Right.PROPOSE)
    considered = await _considered(context, proposals, most)
    warned = [
        one
        for one in considered
        if one.proposal.is_ip_allow
        and not one.proposal.acknowledged
        and not any(refusal.indicator for refusal in one.assessment.refusals)
    ]
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


async def propose(
    context: Context,
    *,
    actor: Person,
    proposals: Sequence[Proposal],
    delivery: str,
    lines: Mapping[ListName, Mapping[str, int]] = _NO_LINES,
    set_aside: Mapping[ListName, Sequence[SetAside]] = _NONE_SET_ASIDE,
    most: int = MOST_INDICATORS,
) -> Proposed:
    """Make each proposal a pending request, all of them or, if policy refuses any, none.

    `delivery` names what Slack delivered: delivered again, it changes nothing and gives the same answer. Of an import,
    `lines` says by list in which line a value stood, and `set_aside` which lines became no item; `most` is how many
    indicators one proposal may have.
    Raises NotPermitted. Once this returns, everything is on disk, the jobs that post the cards among it.
    """
    await required(context, actor, Right.PROPOSE, delivery=delivery)
    # Before the transaction: ten thousand indicators take a moment, in which nobody else should have to wait.
    considered = await _considered(context, proposals, most)
    async with context.store.write() as uow:
        if not await uow.deliveries.first_time(delivery):
            before = [await uow.requests.summary(request_id) for request_id in await made_by(uow, delivery)]
            # What was allowed then stays so, even where the tenant holds the entry by now.
            return Proposed(considered=() if before else considered, requests=tuple(before))
        if any(not one.assessment.may_proceed for one in considered):
            await _log_refusals(context, uow, actor, considered)
            return Proposed(considered=considered)
        requests = [
            await _write(
                context,
                uow,
                actor,
                one,
                lines=lines.get(one.proposal.list, {}),
                set_aside=set_aside.get(one.proposal.list, ()),
            )
            for one in considered
        ]
        # A fresh snapshot for whoever decides.
        await read_lists_anew(uow)
        await uow.deliveries.answer(delivery, {"requests": [request.id for request in requests]})
    return Proposed(considered=considered, requests=tuple(requests))


async def made_by(uow: UnitOfWork, delivery: str) -> tuple[int, ...]:
    """The requests that a delivery has made, if it has come already."""
    answer = await uow.deliveries.answered(delivery) or {}
    return tuple(int(request_id) for request_id in answer.get("requests", ()))


async def _considered(context: Context, proposals: Sequence[Proposal], most: int) -> tuple[Considered, ...]:
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
        beside = [await _beside(uow, proposal) for proposal in proposals]
    considered = []
    for proposal, (still_open, known) in zip(proposals, beside, strict=True):
        assessment = await asyncio.to_thread(
            assess, proposal, lists, context.rules, now=context.now(), most=most, known=known
        )
        warnings = (*assessment.warnings, *pending_warnings(proposal, still_open[::-1]))
        considered.append(Considered(proposal=proposal, assessment=replace(assessment, warnings=warnings)))
    return tuple(considered)


async def _beside(uow: UnitOfWork, proposal: Proposal) -> tuple[list[Request], list[KnownEntry]]:
    """The requests under way that name the same values, and what is on record of them."""
    values = [indicator.value for indicator in proposal.indicators]
    return await uow.requests.naming(proposal.list, values), await records(uow, proposal.list, values)


async def _write(
    context: Context,
    uow: UnitOfWork,
    actor: Person,
    one: Considered,
    *,
    lines: Mapping[str, int],
    set_aside: Sequence[SetAside],
) -> Request:
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
        indicators=[
            (indicator.kind, indicator.value, lines[indicator.value])
            if indicator.value in lines
            else (indicator.kind, indicator.value)
            for indicator in proposal.indicators
        ],
        set_aside=set_aside,
        evidence=proposal.evidence,
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
            **_items(proposal),
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
    if request.is_ip_allow:
        await alert(uow, "ip_allow_proposed", request_id=request.id)
    return request


def _items(proposal: Proposal) -> dict[str, object]:
    """What a proposal names, for the log: of a large one the first values, and a digest over all of them."""
    values = [indicator.value for indicator in proposal.indicators]
    if len(values) <= LARGE:
        return {"items": values}
    digest = hashlib.sha256("\n".join(values).encode()).hexdigest()
    return {"items": values[:LARGE], "count": len(values), "sha256_of_all": digest}


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
