"""Reviewing a request: one approver's decision, and what follows when it was the last that was needed.

What a review does to a request is decided by `bot.domain.requests.reviewing`, whether it is one of what was shown by
`bot.domain.requests.binding`, and what policy says of the request now by `bot.domain.policies.reassessing`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.policies.case import Assessment
from bot.domain.policies.reassessing import news, reassessed_event, require_permitted
from bot.domain.requests.binding import Purpose, ShownCard, Unbound, unbound_error
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Decision, Request
from bot.domain.requests.reviewing import ReviewStep, review_step, voided_event, without_approvals
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.workflow.requesting.bound import let_record_catch_up, look_up, turn_down
from bot.workflow.requesting.decide import take_down
from bot.workflow.requesting.reassess import reassess
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.keeping import records
from bot.workflow.shared.proving import in_words, read_proved, tell_once_a_day
from bot.workflow.shared.rights import log_refused, required

#: Who somebody is, with the roles of this moment, by their user id.
WhoIs: TypeAlias = Callable[[str], Awaitable[Person]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Click:
    """A decision as it came in, and what was found out about it before anything is locked."""

    actor: Person
    decision: Decision
    shown: ShownCard
    today: Assessment | None  #: what policy says now, of an approval; None where nothing is left to decide
    gone: frozenset[str]  #: who approved before and is no approver any more
    decides: bool  #: False: whoever approves has to read everything first, which only opens


async def review(
    context: Context,
    *,
    actor: Person,
    request_id: int,
    decision: Decision,
    shown: ShownCard,
    who_is: WhoIs,
    delivery: str,
) -> Request:
    """Take down an approver's decision and return the request as it stands then.

    It counts under the card that Portcullis posted for this request, in the version that would be rendered now. A click
    on anything else decides nothing, is logged, and has the card brought up to date. Any number of people may decide at
    once: each is judged against what is committed, and the request is approved by exactly the one who completes it.
    Delivered again, a decision changes nothing.

    An approval is held against policy as it is now. When that, or the tenant's lists, say something serious that the
    card didn't, the card is brought up to date and nothing is decided: the approver has to read it first. Approvals
    that were given before, by people who couldn't know of it, count no longer; nor do those of people who by `who_is`
    are no approvers any more. One that lets strangers in (`Request.is_grave`) is approved where all of it is shown.

    Raises NotPermitted (no approver; one's own request), NotFound, and Conflict (not what was shown; decided already;
    reviewed already by this person; its end date has passed; policy no longer permits it; there is something new to
    read), and whatever `who_is` raises, or has as a doubt.
    """
    return await _act(context, actor, request_id, decision, shown, delivery, who_is=who_is)


async def read_first(
    context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str
) -> Request | None:
    """What somebody who is about to approve has to read in full first; None where the click on its card decides.

    Decides nothing. What is to be read is what the log proves: where the database says otherwise, a Conflict is raised
    and the alert channel told. Raises what `review` raises, for a request to be read, NotPermitted and NotFound.
    """
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    async with context.store.read() as uow:
        if not (await uow.requests.summary(request_id, items=1)).is_grave:
            return None
    await _act(context, actor, request_id, Decision.APPROVE, shown, delivery, who_is=None)
    async with context.store.read() as uow:
        request, found = await read_proved(uow, request_id)
    if found:
        async with context.store.write() as uow:
            await tell_once_a_day(context, uow, request, found)
        raise Conflict(
            f"The database says otherwise of request {request_id} than the log, and nothing is decided. "
            f"{in_words(found)}",
            "The alert channel was told: run `portcullis audit verify`, and find out who changed the database.",
        )
    return request


async def _act(
    context: Context,
    actor: Person,
    request_id: int,
    decision: Decision,
    shown: ShownCard,
    delivery: str,
    *,
    who_is: WhoIs | None,
) -> Request:
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    await let_record_catch_up(context, shown, request_id)
    # Before the transaction: ten thousand indicators take a moment, in which nobody else should have to wait.
    approves = decision is Decision.APPROVE
    click = _Click(
        actor=actor,
        decision=decision,
        shown=shown,
        today=await _assessed_today(context, request_id) if approves else None,
        gone=await _no_longer_approvers(context, request_id, who_is) if approves and who_is else frozenset(),
        decides=who_is is not None,
    )
    try:
        async with context.store.write() as uow:
            request = await uow.requests.summary(request_id, lock=True)
            if not await uow.deliveries.first_time(delivery):
                if (before := await uow.deliveries.answered(delivery)) is not None:
                    raise Conflict(str(before.get("what", "")), str(before.get("remedy", "")))
                return request
            refused = await _carry_out(context, uow, request, click)
            if refused is None:
                return await uow.requests.summary(request_id)
            await uow.deliveries.answer(delivery, {"what": refused.what, "remedy": refused.remedy})
    except NotPermitted:
        await log_refused(context, actor, Right.REVIEW, request_id=request_id, why="own request", delivery=delivery)
        raise
    raise refused


async def _carry_out(context: Context, uow: UnitOfWork, request: Request, click: _Click) -> Conflict | None:
    """Write down what comes of a click; the error, if all that comes of it is to be written and told.

    Raises NotPermitted and Conflict where nothing is to be written.
    """
    step = _step(request, click, context)
    why = await look_up(uow, request, click.shown, purpose=Purpose.CARD, actor=click.actor)
    if why is not None:
        await turn_down(
            uow, context, request, click.shown, why, purpose=Purpose.CARD, actor=click.actor, wanted=click.decision
        )
        # What has become of the request says more to whoever was too late than that their card is old.
        if isinstance(step, Conflict) and why is Unbound.OLD_VERSION:
            return step
        return unbound_error(request, why, purpose=Purpose.CARD)
    if isinstance(step, Conflict):
        raise step
    if click.today is not None and (to_read := await _note_news(context, uow, request, click.today, click.actor)):
        return Conflict(
            f"Something has changed since request {request.id} was proposed, and your click decided nothing: {to_read}",
            "Read the card again, which is being brought up to date, and click once more.",
        )
    if not click.decides:
        return None
    if request.is_grave and click.decision is Decision.APPROVE and not click.shown.in_full:
        raise Conflict(
            f"Request {request.id} lets strangers in: it is approved where all of it is shown.",
            "Click Approve on its card, and read what opens.",
        )
    void = sorted(click.gone & {approval.reviewer for approval in request.approvals})
    if void:
        await uow.requests.void_reviews(request.id, by=void)
        await uow.audit.append_all(
            [voided_event(request, reviewer, actor=click.actor.user_id, at=context.now()) for reviewer in void]
        )
    await take_down(uow, request, step)
    return None


def _step(request: Request, click: _Click, context: Context) -> ReviewStep | Conflict:
    """What the decision does to the request, or what keeps it from that. Raises NotPermitted."""
    counted = without_approvals(request, click.gone)
    try:
        return review_step(counted, click.actor.user_id, click.decision, at=context.now())
    except Conflict as error:
        return error


async def _no_longer_approvers(context: Context, request_id: int, who_is: WhoIs) -> frozenset[str]:
    """Which of those who approved before are no approvers now. Raises what keeps that from being known."""
    async with context.store.read() as uow:
        request = await uow.requests.summary(request_id, items=1)
    gone = set[str]()
    for approval in request.approvals if request.is_open else ():
        person = await who_is(approval.reviewer)
        if not person.has(Right.REVIEW):
            if person.doubt is not None:
                raise person.doubt
            gone.add(approval.reviewer)
    return frozenset(gone)


async def _assessed_today(context: Context, request_id: int) -> Assessment | None:
    """What policy says of a request now, by the last snapshot of the lists; None where nothing is left to decide."""
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        if not request.is_open:
            return None
        lists = await uow.snapshots.load()
        known = await records(uow, request.list, [item.value for item in request.items])
    return await reassess(request, request.items, lists, context.rules, known=known, now=context.now())


async def _note_news(context: Context, uow: UnitOfWork, request: Request, today: Assessment, actor: Person) -> str:
    """Have what is new and serious on the card, and return it. Raises Conflict if policy forbids the request."""
    require_permitted(request, today)
    new = news(request, today)
    if new is None:
        return ""
    await uow.requests.set_warnings(request.id, new.warnings, new.approvals_needed)
    await uow.requests.void_reviews(request.id)
    await uow.audit.append_all([reassessed_event(request, new, actor=actor.user_id, at=context.now())])
    await notify(uow, request.id)
    return new.text
