"""Reviewing a proposal: one approver's decision, and what follows when it was the last that was needed.

It is a decision on each of the proposal's requests that wait, on all of them or on none, in one transaction. What a
review does to a request is decided by `bot.domain.requests.reviewing`, whether it is one of what was shown by
`bot.domain.requests.binding`, and what policy says of the request now by `bot.domain.policies.reassessing`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.policies.case import Assessment
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.leaving_out import (
    is_all_of,
    left_out,
    left_out_event,
    require_something_stays,
)
from bot.domain.requests.parts import Parts
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Item, ItemState, Request
from bot.domain.requests.reviewing import ReviewStep, review_step, voided_event, with_beside, without_approvals
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.store.beside import NOTHING, ShownBeside
from bot.workflow.requesting.beside import look_later
from bot.workflow.requesting.bound import let_record_catch_up, look_up, turn_down_on_card
from bot.workflow.requesting.decide import take_down
from bot.workflow.requesting.decided_once import decided_once
from bot.workflow.requesting.may_decide import required_to_decide
from bot.workflow.requesting.proved import require_proved
from bot.workflow.requesting.today import WhoIs, assessed_today, no_longer_approvers, note_news
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import log_own


@dataclass(frozen=True, slots=True, kw_only=True)
class _Click:
    """A decision as it came in, and what was found out about it before anything is locked."""

    actor: Person
    decision: Decision
    comment: str  #: what they say with it, any text
    shown: ShownCard
    today: Mapping[int, Assessment]  #: what policy says now, of an approval, of each request that waits, by its number
    gone: Mapping[str, str]  #: who approved before and may not any more, each with why
    kept: frozenset[int] | None  #: the numbers of the items that are approved, where some are left out; None: all
    out: Mapping[int, tuple[Item, ...]]  #: or those that are left out, by their request, where they were named
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
    comment: str = "",
    kept: Collection[int] | None = None,
    out: Mapping[int, tuple[Item, ...]] | None = None,
) -> Request:
    """Take down an approver's decision on the proposal of a request, and return that request as it stands then.

    It counts under the card that Portcullis posted for it, in the version that would be rendered now. A click on
    anything else decides nothing, is logged, and has the card brought up to date. Any number of people may decide at
    once: each is judged against what is committed, and the proposal is approved by exactly the one who completes it.
    Delivered again, a decision changes nothing.

    An approval is held against policy as it is now. When that, or the tenant's lists, say something serious that the
    card didn't, the card is brought up to date and nothing is decided: the approver has to read it first. Approvals
    that were given before, by people who couldn't know of it, count no longer; nor do those of people who by `who_is`
    are no approvers any more, or not of this. One that lets strangers in (`Parts.is_grave`) is approved where all of it
    is shown.

    `comment` is what they say with it, any text: it goes into the review, the log, and what people are told. `kept` are
    the numbers of the items that they approve where they leave others out, and `out` those others, by their request,
    where they were named: they are never sent, and who has left them out is logged and told; a request of which nothing
    stays is denied.

    Raises NotPermitted (no approver, or not of this; one's own request), NotFound, and Conflict (not what was shown;
    decided already; reviewed already by this person; its end date has passed; policy no longer permits it; there is
    something new to read), and whatever `who_is` raises, or has as a doubt.
    """
    only = None if kept is None else frozenset(kept)
    return await _act(
        context, actor, request_id, decision, shown, delivery, who_is=who_is, comment=comment, kept=only, out=out
    )


async def read_first(
    context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str, chooses: bool = False
) -> Parts | None:
    """What somebody who is about to approve has to read in full first; None where the click on its card decides.

    Who `chooses` wants to leave lines out, and has all of it before them in any case.

    Decides nothing. What is to be read is what the log proves: where the database says otherwise, a Conflict is raised
    and the alert channel told. Raises what `review` raises, for a request to be read, NotPermitted and NotFound.
    """
    await required_to_decide(context, actor, request_id, delivery=delivery)
    async with context.store.read() as uow:
        if not chooses and not (await uow.requests.parts(request_id, items=1)).is_grave:
            return None
    await _act(context, actor, request_id, Decision.APPROVE, shown, delivery, who_is=None)
    return await _proved(context, request_id)


async def read_to_decide(context: Context, *, actor: Person, request_id: int, delivery: str) -> Parts:
    """A proposal that somebody is about to decide elsewhere than on its card, with all of it. Decides nothing.

    What is to be read is what the log proves, as for `read_first`. Raises NotPermitted (no approver; one's own
    request), NotFound, and Conflict (decided already; reviewed already by this person; the log says otherwise).
    """
    await required_to_decide(context, actor, request_id, delivery=delivery)
    async with context.store.read() as uow:
        lead = (await uow.requests.parts(request_id, items=1)).lead
    try:
        review_step(lead, actor.user_id, Decision.DENY, at=context.now())
    except NotPermitted as error:
        await log_own(context, actor, request_id, delivery, error)
        raise
    return await _proved(context, request_id)


async def _proved(context: Context, request_id: int) -> Parts:
    """A proposal with all its items, as the log proves it. Raises Conflict, once the alert channel is to be told, where
    the database says otherwise."""
    async with context.store.read() as uow:
        parts = await uow.requests.parts(request_id, items=1)
    return Parts(requests=await require_proved(context, [request.id for request in parts.open]))


async def before_denying(context: Context, *, actor: Person, request_id: int, shown: ShownCard, delivery: str) -> Parts:
    """A proposal that somebody is about to deny, before they are asked why. Decides nothing.

    Raises what `review` raises, so that nobody writes a reason for nothing.
    """
    await _act(context, actor, request_id, Decision.DENY, shown, delivery, who_is=None)
    async with context.store.read() as uow:
        return await uow.requests.parts(request_id)


async def _act(
    context: Context,
    actor: Person,
    request_id: int,
    decision: Decision,
    shown: ShownCard,
    delivery: str,
    *,
    who_is: WhoIs | None,
    comment: str = "",
    kept: frozenset[int] | None = None,
    out: Mapping[int, tuple[Item, ...]] | None = None,
) -> Request:
    await required_to_decide(context, actor, request_id, delivery=delivery)
    await let_record_catch_up(context, shown, request_id)
    # Before the transaction: ten thousand indicators take a moment, in which nobody else should have to wait.
    approves = decision is Decision.APPROVE
    click = _Click(
        actor=actor,
        decision=decision,
        comment=comment,
        shown=shown,
        today=await assessed_today(context, request_id) if approves else {},
        gone=await no_longer_approvers(context, request_id, who_is) if approves and who_is else {},
        kept=kept,
        out=out or {},
        decides=who_is is not None,
    )

    async def carry_out(uow: UnitOfWork, parts: Parts) -> Conflict | None:
        return await _carry_out(context, uow, parts, click)

    async def stands(uow: UnitOfWork) -> Request:
        return await uow.requests.summary(request_id)

    return await decided_once(
        context,
        actor=actor,
        request_id=request_id,
        delivery=delivery,
        decides=click.decides,
        carry_out=carry_out,
        stands=stands,
    )


async def _carry_out(context: Context, uow: UnitOfWork, parts: Parts, click: _Click) -> Conflict | None:
    """Write down what comes of a click; the error, if all that comes of it is to be written and told.

    Raises NotPermitted and Conflict where nothing is to be written.
    """
    lead, now = parts.lead, context.now()
    steps = _steps(parts, click, at=now)
    why = await look_up(uow, lead, click.shown, purpose=Purpose.CARD, actor=click.actor)
    if why is not None:
        stands = steps if isinstance(steps, Conflict) else None
        return await turn_down_on_card(
            uow, context, lead, click.shown, why, actor=click.actor, wanted=click.decision, stands=stands
        )
    if isinstance(steps, Conflict):
        raise steps
    if to_read := await note_news(uow, parts, click.today, actor=click.actor.user_id, at=now):
        return Conflict(
            f"Something has changed since #{parts.id} was proposed, and your click decided nothing: {to_read}",
            "Read the card again, which is being brought up to date, and click once more.",
        )
    if not click.decides:
        return None
    if parts.is_grave and click.decision is Decision.APPROVE and not click.shown.in_full:
        raise Conflict(
            f"#{parts.id} lets strangers in: it is approved where all of it is shown.",
            "Click Approve on its card, and read what opens.",
        )
    out = click.out if click.kept is None else left_out(parts, click.kept)
    require_something_stays(parts, out)
    for request in parts.open:
        await _void(uow, request, click, at=now)
    beside = await _beside_on(uow, click.shown, click.actor)
    for request, step in zip(parts.open, steps, strict=True):
        await _take_down(uow, request, step, out.get(request.id, ()), click, beside, at=now)
    if out:
        await look_later(uow, context, parts.open)
    return None


async def _beside_on(uow: UnitOfWork, shown: ShownCard, actor: Person) -> ShownBeside:
    """What stood beside the request where it was decided: in the form that shows all of it, else on the card."""
    shows_all = shown.form and shown.form_is is not Purpose.DENY_FORM
    posted = await uow.messages.find(*((actor.user_id, shown.form) if shows_all else (shown.channel, shown.ts)))
    return NOTHING if posted is None else posted.beside


async def _take_down(
    uow: UnitOfWork,
    request: Request,
    step: ReviewStep,
    out: Collection[Item],
    click: _Click,
    beside: ShownBeside,
    *,
    at: datetime,
) -> None:
    """Write a review down, what it leaves out, and what stood `beside` the request. Of one of which nothing stays it is
    a denial."""
    if out:
        await uow.requests.set_items({item.id: (ItemState.LEFT_OUT, "") for item in out})
        await uow.audit.append_all([left_out_event(request, out, actor=click.actor.user_id, at=at)])
        if is_all_of(request, out):
            pending = without_approvals(request, click.gone)
            step = review_step(pending, click.actor.user_id, Decision.DENY, at=at, comment=click.comment)
    await take_down(uow, request, with_beside(step, figures=beside.figures, owners=beside.owners))


def _steps(parts: Parts, click: _Click, *, at: datetime) -> list[ReviewStep] | Conflict:
    """What the decision does to each request that waits, or what keeps it from that. Raises NotPermitted."""
    try:
        return [
            review_step(
                without_approvals(request, click.gone),
                click.actor.user_id,
                click.decision,
                at=at,
                comment=click.comment,
            )
            for request in parts.open or (parts.lead,)
        ]
    except Conflict as error:
        return error


async def _void(uow: UnitOfWork, request: Request, click: _Click, *, at: datetime) -> None:
    """Take back the approvals of those who may not approve it any more."""
    void = sorted(click.gone.keys() & {approval.reviewer for approval in request.approvals})
    if void:
        await uow.requests.void_reviews(request.id, by=void)
        await uow.audit.append_all(
            [
                voided_event(request, reviewer, why=click.gone[reviewer], actor=click.actor.user_id, at=at)
                for reviewer in void
            ]
        )
