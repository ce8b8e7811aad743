"""Proposing a change: what was considered is written down, if it may go ahead, with everything that follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.domain.policies.case import Refusal
from bot.domain.requests.logged_proposal import logged_content
from bot.domain.requests.request import Request, Status
from bot.domain.requests.reviewing import require_withdrawable
from bot.domain.telling.alert_facts import AlertName
from bot.errors import Conflict
from bot.store import UnitOfWork
from bot.store.request_rows import NewRequest
from bot.workflow.requesting.beside import look_later
from bot.workflow.requesting.by_rules import approve_by_rules, decided_by_rules
from bot.workflow.requesting.call_late import call_in_time
from bot.workflow.requesting.consider import Considered, JudgedProposal
from bot.workflow.requesting.decide import decide_all
from bot.workflow.requesting.goes_out import spelled_out
from bot.workflow.requesting.portions import WrittenAhead, is_large, show, written_ahead
from bot.workflow.requesting.renewal_answers import note_answered
from bot.workflow.requesting.taken_up import note_taken_up
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import later, notify_of, read_lists_anew
from bot.workflow.shared.limits import Limited, most_of, recount, within_limit
from bot.workflow.shared.rights import Proposer

#: A younger snapshot will do for whoever decides: a proposal has the tenant read only when it is older.
FRESH_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What came of proposing: the requests of one proposal, or, when anything was refused, the reasons and none."""

    requests: tuple[Request, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    waits_because: str = ""  #: for people: why it waits, though a rule is about such blocks; empty: none is


@dataclass(frozen=True, slots=True, kw_only=True)
class ToWrite:
    """A part of a proposal, ready to be written down."""

    new: NewRequest
    judged: JudgedProposal
    content: Mapping[str, object]  #: what the log says that is asked for


async def propose(
    context: Context,
    considered: Considered,
    *,
    delivery: str,
    refused_as: str | None = None,
    instead_of: Request | None = None,
    once: str = "",
) -> Proposed:
    """Make what was considered one proposal that waits, with a request for each list; or, if policy refused any, none.

    `delivery` names what Slack delivered: delivered again, it changes nothing and gives the same answer. Of a form that
    can be sent again with the same in it, `refused_as` names the one sending: what was refused may be sound by then.
    What `once` names is made once, by whichever delivery: all others get the same answer.
    `instead_of` is a request of a pending proposal of the same person, as it was shown, which is withdrawn with the
    same commit: nobody can approve both. Once this returns, everything is on disk, the job that posts the card among
    it. Raises InvalidInput for somebody who would have too many open requests, and for `instead_of` NotPermitted,
    NotFound and Conflict.
    """
    person, more = considered.actor.user_id, 1 if instead_of is None else 0
    parts = () if considered.refusals else await _to_write(considered)
    new = [part.new for part in parts]
    async with context.store.read() as uow:
        kept = await uow.snapshots.kept()
        # Else thousands of rows would be written and deleted again. It is counted once more in the transaction.
        if is_large(new) and await uow.requests.count_pending(person) + more > most_of(context, Limited.REQUESTS):
            new = []
    lists = None if kept is None else kept.lists
    async with (
        written_ahead(context, new, lists, delivery=delivery) as ahead,
        within_limit(context, person=person, what=Limited.REQUESTS, more=more, delivery=delivery),
        context.store.write() as uow,
    ):
        key = refused_as if refused_as is not None and considered.refusals else delivery
        is_first = await uow.deliveries.first_time(key)
        # What was allowed then stays so, even where the tenant holds the entry by now.
        made = () if is_first and key == delivery else await made_by(uow, delivery)
        if once and is_first and not considered.refusals and not await uow.deliveries.first_time(once):
            made = await made_by(uow, once)
        before = tuple([await uow.requests.summary(request_id) for request_id in made])
        if before or not is_first:
            why = await made_waits_because(uow, delivery)
            return Proposed(requests=before, refusals=() if before else considered.refusals, waits_because=why)
        if considered.refusals:
            await _log_refusals(context, uow, considered)
            return Proposed(refusals=considered.refusals)
        count = partial(uow.requests.count_pending, person)
        await recount(context, uow, count, person=person, what=Limited.REQUESTS, more=more)
        decided = await decided_by_rules(context, uow, considered, lists)
        requests = await write_all(
            context,
            uow,
            considered,
            lists,
            waits=not decided.through,
            because=decided.why_not,
            parts=parts,
            ahead=ahead,
        )
        if instead_of is not None:
            await _replace(context, uow, instead_of, requests, actor=considered.actor)
        if decided.through:
            requests = await approve_by_rules(context, uow, requests, decided)
        if not _are_fresh(context, {} if kept is None else kept.ages, {request.list for request in requests}):
            await read_lists_anew(uow)
        made_here = {"requests": [request.id for request in requests], "waits_because": decided.why_not}
        for name in filter(None, (delivery, once)):
            await uow.deliveries.answer(name, made_here)
    return Proposed(requests=tuple(requests), waits_because=decided.why_not)


async def write_all(
    context: Context,
    uow: UnitOfWork,
    considered: Considered,
    lists: Snapshot | None,
    *,
    waits: bool,
    because: str = "",
    parts: Sequence[ToWrite] = (),
    ahead: Sequence[WrittenAhead] = (),
) -> list[Request]:
    """Write what was considered down, and return it: a request for each list, all of them parts of one proposal, which
    takes as many approvals as any of them. Where it `waits`, it lapses, and others are called before that; `because` is
    why no rule approves it, though one is about such blocks. `parts` are what is written, where that was made ready
    before; and what of it was written `ahead` is shown from here on."""
    now = context.now()
    requests: list[Request] = []
    sends: list[Sequence[Mapping[str, object]]] = []
    parts = parts or await _to_write(considered)
    for place, part in enumerate(parts):
        if ahead:
            requests.append(await show(context, uow, ahead[place], at=now))
            sends.append(ahead[place].sends)
            continue
        first = requests[0].id if requests else None
        request = await uow.requests.add(part.new, lapses_at=now + context.lapse_after, at=now, proposal_id=first)
        requests.append(request)
        sends.append(await spelled_out(context, request, part.new, lists, now=now))
    # Whoever writes to the log waits from here on.
    for request, part, calls in zip(requests, parts, sends, strict=True):
        version = await _log_proposed(uow, considered, part, request, calls, waits_because=because, at=now)
    requests = [replace(request, version=version) for request in requests]
    named = [(request, part.new) for request, part in zip(requests, parts, strict=True)]
    await note_taken_up(uow, named)
    await note_answered(uow, named, at=now)
    if waits:
        await later(uow, JobKind.LAPSE, requests[0].id, at=requests[0].lapses_at)
        await call_in_time(uow, context, requests[0], at=now)
        await look_later(uow, context, requests)
    return requests


async def _to_write(considered: Considered) -> tuple[ToWrite, ...]:
    """What was considered, as it is written down: a request for each list. Of thousands of indicators in a thread."""
    needed = max((judged.assessment.approvals_needed for judged in considered.judged), default=1)

    def made() -> tuple[ToWrite, ...]:
        return tuple(
            ToWrite(
                new=_new(judged, considered.actor, approvals_needed=needed),
                judged=judged,
                content=logged_content(judged.proposal, approvals_needed=needed),
            )
            for judged in considered.judged
        )

    return await judged_aside(sum(len(judged.proposal.indicators) for judged in considered.judged), None, made)


async def _replace(
    context: Context, uow: UnitOfWork, shown: Request, requests: Sequence[Request], *, actor: Proposer
) -> None:
    """Withdraw a pending request for those that take its place, if it still stands as it was shown."""
    before = await uow.requests.parts(shown.id, lock=True)
    require_withdrawable(before.lead, actor.user_id)
    if before.version != shown.version:
        raise Conflict(f"#{before.id} has changed just now, and nothing was decided.", "Look at it again.")
    reason = f"replaced by #{requests[0].proposal_id}"
    await decide_all(uow, before, Status.WITHDRAWN, actor=actor.user_id, at=context.now(), reason=reason)


async def read_where_old(context: Context, uow: UnitOfWork, requests: Sequence[Request]) -> None:
    """Have the lists that requests are about read, unless they were just now."""
    if not _are_fresh(context, await uow.snapshots.age() or {}, {request.list for request in requests}):
        await read_lists_anew(uow)


def _are_fresh(context: Context, ages: Mapping[ListName, datetime], names: Collection[ListName]) -> bool:
    """Whether all these lists were read just now. Who decides looks at what they hold."""
    return all(name in ages and context.now() - ages[name] <= FRESH_FOR for name in names)


async def made_by(uow: UnitOfWork, delivery: str) -> tuple[int, ...]:
    """The requests that a delivery has made, if it has come already."""
    answer = await uow.deliveries.answered(delivery) or {}
    return tuple(int(request_id) for request_id in answer.get("requests", ()))


async def proposals_made_by(uow: UnitOfWork, delivery: str) -> tuple[int, ...]:
    """The numbers by which people know what a delivery has made: of several lists, it is one proposal."""
    return tuple(sorted(set((await uow.requests.proposal_numbers(await made_by(uow, delivery))).values())))


async def made_waits_because(uow: UnitOfWork, delivery: str) -> str:
    """Why what a delivery has made waits, though a rule is about such blocks; empty where none is."""
    return str((await uow.deliveries.answered(delivery) or {}).get("waits_because", ""))


def _new(judged: JudgedProposal, actor: Proposer, *, approvals_needed: int) -> NewRequest:
    proposal = judged.proposal
    return NewRequest(
        operation=proposal.operation,
        action=proposal.action,
        list=proposal.list,
        reason=proposal.reason,
        expires=proposal.expires,
        lasts=proposal.lasts,
        requester=actor.user_id,
        approvals_needed=approvals_needed,
        warnings=judged.assessment.warnings,
        indicators=[
            (indicator.kind, indicator.value, judged.lines[indicator.value])
            if indicator.value in judged.lines
            else (indicator.kind, indicator.value)
            for indicator in proposal.indicators
        ],
        set_aside=judged.set_aside,
        notes={indicator.value: indicator.notes for indicator in proposal.indicators if indicator.notes},
        evidence=proposal.evidence,
    )


async def _log_proposed(
    uow: UnitOfWork,
    considered: Considered,
    part: ToWrite,
    request: Request,
    sends: Sequence[Mapping[str, object]],
    *,
    waits_because: str,
    at: datetime,
) -> int:
    """Log one part of a proposal, and have it told; the event's number, which is the proposal's version."""
    proposal, assessment = part.judged.proposal, part.judged.assessment
    proposed = await uow.audit.append(
        EventKind.REQUEST_PROPOSED,
        actor=considered.actor.user_id,
        target=part.judged.targets,
        request_id=request.id,
        payload={
            "proposal": request.proposal_id,
            **part.content,
            "acknowledged": proposal.acknowledged,
            "warnings": [warning.code for warning in assessment.warnings],
            "serious": [warning.text for warning in assessment.warnings if warning.serious],
            "sends": sends,
            **({"waits_because": waits_because} if waits_because else {}),
            **({"workflow": considered.workflow} if considered.workflow else {}),
        },
        at=at,
    )
    await notify_of(uow, request.proposal_id)
    if request.is_grave:
        await alert(uow, AlertName.IP_ALLOW_PROPOSED, request_id=request.id)
    return proposed.seq


async def _log_refusals(context: Context, uow: UnitOfWork, considered: Considered) -> None:
    for judged in considered.judged:
        if not judged.assessment.may_proceed:
            await uow.audit.append(
                EventKind.REQUEST_REFUSED,
                actor=considered.actor.user_id,
                target=judged.targets,
                payload={
                    "operation": judged.proposal.operation,
                    "action": judged.proposal.action,
                    "list": judged.proposal.list,
                    "refusals": [refusal.code for refusal in judged.assessment.refusals],
                },
                at=context.now(),
            )
