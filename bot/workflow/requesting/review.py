"""Reviewing a request: one approver's decision, and what follows when it was the last that was needed.

What a review does to a request is decided by `bot.domain.requests.reviewing`, and what policy says of it now by
`bot.domain.policies.reassessing`.
"""

from __future__ import annotations

from bot.domain.policies.case import Assessment
from bot.domain.policies.reassessing import news, reassessed_event, require_permitted
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Decision, Request
from bot.domain.requests.reviewing import review_step
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.workflow.requesting.decide import take_down
from bot.workflow.requesting.reassess import reassess
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.keeping import records
from bot.workflow.shared.rights import log_refused, required


async def review(context: Context, *, actor: Person, request_id: int, decision: Decision, delivery: str) -> Request:
    """Take down an approver's decision and return the request as it stands then.

    Any number of people may decide at once: each is judged against what is committed, and the request is approved by
    exactly the one who completes it. Delivered again, a decision changes nothing.

    An approval is held against policy as it is now. When that, or the tenant's lists, say something serious that the
    card didn't, the card is brought up to date and nothing is decided: the approver has to read it first. Approvals
    that were given before, by people who couldn't know of it, count no longer.

    Raises NotPermitted (no approver; one's own request), NotFound, and Conflict (decided already; reviewed already by
    this person; its end date has passed; policy no longer permits it; there is something new to read).
    """
    await required(context, actor, Right.REVIEW, request_id=request_id, delivery=delivery)
    # Before the transaction: ten thousand indicators take a moment, in which nobody else should have to wait.
    today = await _assessed_today(context, request_id) if decision is Decision.APPROVE else None
    try:
        async with context.store.write() as uow:
            request = await uow.requests.summary(request_id, lock=True)
            if not await uow.deliveries.first_time(delivery):
                return request
            step = review_step(request, actor.user_id, decision, at=context.now())
            to_read = await _note_news(context, uow, request, today, actor) if today is not None else ""
            if not to_read:
                await take_down(uow, request, step)
                return await uow.requests.summary(request_id)
    except NotPermitted:
        await log_refused(context, actor, Right.REVIEW, request_id=request_id, why="own request", delivery=delivery)
        raise
    raise Conflict(
        f"Something has changed since request {request_id} was proposed, and your click decided nothing: {to_read}",
        "Read the card again, which is being brought up to date, and click once more.",
    )


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
