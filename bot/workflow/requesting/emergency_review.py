"""An approver reviews an emergency block: it is kept, or taken out by a request of its own that this decision approves.

What may be reviewed, and what is taken out, is decided by `bot.domain.requests.emergency`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.policies.assess import assess
from bot.domain.policies.drafting import draft
from bot.domain.policies.reason_and_end import MOST_REASON
from bot.domain.policies.reassessing import LEFT_TO_APPLYING
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.emergency import as_review, require_reviewable, review_event, to_take_out
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.logged_items import put_there
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.workflow.requesting.bound import let_record_catch_up, look_up, turn_down_on_card
from bot.workflow.requesting.consider import Considered, JudgedProposal
from bot.workflow.requesting.decide import decide
from bot.workflow.requesting.decided_once import decided_once
from bot.workflow.requesting.may_decide import required_to_decide
from bot.workflow.requesting.propose import write_all
from bot.workflow.requesting.proved import require_proved
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import not_later, notify
from bot.workflow.shared.keeping import records
from bot.workflow.shared.rights import Proposer, log_own, proposer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Click:
    """A review as it came in, and the lists as they were last read; `decides` is False where it only opens a form."""

    who: Proposer
    decision: Decision
    comment: str
    shown: ShownCard
    lists: Snapshot | None
    decides: bool


async def review_emergency(
    context: Context,
    *,
    actor: Person,
    request_id: int,
    decision: Decision,
    shown: ShownCard,
    delivery: str,
    comment: str = "",
    decides: bool = True,
) -> Parts:
    """Take down an approver's review of an emergency block: APPROVE keeps it, DENY has it taken out. Returns it.

    It counts under the card that Portcullis posted, or in the form that it opened, in the version of now; anything else
    decides nothing, is logged, and has the card brought up to date. Of several clicks one counts; delivered again, it
    changes nothing. Taken out, a request that removes what the block alone has put there is written and approved in the
    same transaction. `comment` is what they say with it. Without `decides` all of it is looked at, and nothing done.

    Raises NotPermitted (no approver; one's own), NotFound, and Conflict (not what was shown; reviewed already; not
    applied yet, or gone; policy refuses the removal; it is to be taken out, and isn't as the log says).
    """
    await required_to_decide(context, actor, request_id, delivery=delivery)
    who = await proposer(context, actor, delivery=delivery)
    await let_record_catch_up(context, shown, request_id)
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
        parts = await uow.requests.parts(request_id, items=1)
    if decision is Decision.DENY:
        # What is taken out is what was proposed, and what it has put there: nobody sees it all before this decision
        # approves its removal.
        await require_proved(context, [request.id for request in parts.requests], also_items=True)
    click = _Click(who=who, decision=decision, comment=comment, shown=shown, lists=lists, decides=decides)

    async def carry_out(uow: UnitOfWork, parts: Parts) -> Conflict | None:
        return await _carry_out(context, uow, parts, click)

    async def stands(uow: UnitOfWork) -> Parts:
        return await uow.requests.parts(request_id)

    return await decided_once(
        context,
        actor=actor,
        request_id=request_id,
        delivery=delivery,
        decides=decides,
        carry_out=carry_out,
        stands=stands,
    )


async def to_review(context: Context, *, actor: Person, request_id: int, delivery: str) -> Parts:
    """An emergency block that somebody is about to review elsewhere than on its card. Decides nothing.

    Raises what `review_emergency` raises, but for what was shown.
    """
    await required_to_decide(context, actor, request_id, delivery=delivery)
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id)
    try:
        require_reviewable(parts, actor.user_id)
    except NotPermitted as error:
        await log_own(context, actor, request_id, delivery, error)
        raise
    return parts


async def _carry_out(context: Context, uow: UnitOfWork, parts: Parts, click: _Click) -> Conflict | None:
    """Write down what comes of a review; the error, if all that comes of it is to be written and told."""
    person, stands = click.who.person, _why_not(parts, click.who.user_id)
    why = await look_up(uow, parts.lead, click.shown, purpose=Purpose.CARD, actor=person)
    if why is not None:
        wanted = "keep" if click.decision is Decision.APPROVE else "take out"
        return await turn_down_on_card(
            uow, context, parts.lead, click.shown, why, actor=person, wanted=wanted, stands=stands
        )
    if stands is not None:
        raise stands
    if not click.decides:
        return None
    review = as_review(person.user_id, click.decision, at=context.now(), comment=click.comment)
    for request in parts.requests:
        if not await uow.requests.add_review(request.id, review):
            raise Conflict(f"Emergency block #{parts.id} was reviewed just now.", "The card shows by whom.")
    alone: dict[int, Sequence[str]] = {}
    removal: int | None = None
    if click.decision is Decision.DENY:
        alone = {request.id: await _alone(uow, request) for request in parts.requests}
        removal = await _take_out(context, uow, parts, click, alone)
    await uow.audit.append_all(
        [
            review_event(request, review, removal=removal, takes_out=alone.get(request.id, ()))
            for request in parts.requests
        ]
    )
    await not_later(uow, JobKind.UNREVIEWED, parts.id)
    await notify(uow, parts.id)
    return None


def _why_not(parts: Parts, person: str) -> Conflict | None:
    """Why somebody can't review an emergency block now; None where they can. Raises NotPermitted."""
    try:
        require_reviewable(parts, person)
    except Conflict as error:
        return error
    return None


async def _take_out(
    context: Context, uow: UnitOfWork, parts: Parts, click: _Click, alone: Mapping[int, Sequence[str]]
) -> int | None:
    """Write the request that removes what an emergency block `alone` has put there, by its requests, approved by this
    decision. Returns its number; None where there is nothing to remove."""
    now = context.now()
    reason = f"Emergency block #{parts.id} was taken out after review: {click.comment}"[:MOST_REASON]
    indicators = [
        listed_indicator(Entry(list=request.list, action=request.action, value=value))
        for request in parts.requests
        for value in alone[request.id]
    ]
    if not indicators:
        return None
    proposals = draft(
        Operation.REMOVE, parts.lead.action, indicators, lifetime=None, reason=reason, rules=context.rules, now=now
    )
    judged: list[JudgedProposal] = []
    for proposal in proposals:
        assessment = assess(proposal, click.lists, context.rules, now=now)
        # What the list holds by now is found out by applying, which reads it anew.
        if left := [each for each in assessment.refusals if each.code not in LEFT_TO_APPLYING]:
            raise Conflict(f"Emergency block #{parts.id} can't be taken out: {left[0].text}", left[0].remedy)
        judged.append(JudgedProposal(proposal=proposal, assessment=replace(assessment, refusals=())))
    wanted = Considered(actor=click.who, judged=tuple(judged))
    requests = await write_all(context, uow, wanted, click.lists, waits=False)
    why = f"emergency block #{parts.id} was taken out after review"
    approval = Approval(by=ApprovedBy.EMERGENCY_REVIEW, at=now, name=str(parts.id), why=why)
    for request in requests:
        await decide(uow, request, Status.APPROVED, actor=click.who.user_id, at=now, approval=approval)
    return requests[0].id


async def _alone(uow: UnitOfWork, request: Request) -> Sequence[str]:
    """The values that it alone has put there, by its rows and by the log."""
    values = [item.value for item in request.items]
    kept = EntryRecords(request, await records(uow, request.list, values))
    items = to_take_out(request, kept, await uow.emergencies.others_with(request, values))
    by_the_log = put_there(items, await uow.audit.logged_items(request.id))
    return [item.value for item in items if item.value in by_the_log]
