"""Reviewing a request: one approver's decision, and what follows when it was the last that was needed."""

from __future__ import annotations

from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.policies.case import Assessment
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Decision, Request, Review, Status
from bot.errors import Conflict, NotPermitted
from bot.store import UnitOfWork
from bot.workflow.requesting.reassess import reassess, refused_now
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import JobKind, later, notify
from bot.workflow.shared.keeping import records
from bot.workflow.shared.rights import log_refused, required


async def review(context: Context, *, actor: Person, request_id: int, decision: Decision, delivery: str) -> Request:
    """Take down an approver's decision and return the request as it stands then.

    Any number of people may decide at once: each is judged against what is committed, and the request is approved by
    exactly the one who completes it. Delivered again, a decision changes nothing.

    An approval is held against policy as it is now. When that, or the tenant's lists, say something serious that the
    card didn't, the card is brought up to date and nothing is decided: the approver has to read it first.

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
            _check(request, actor)
            news = ""
            if today is not None:
                _check_times(request, context.now())
                news = await _held_against_policy(uow, request, today)
            if not news:
                return await _decide(context, uow, request, actor, decision)
            await notify(uow, request_id)
    except NotPermitted:
        await log_refused(context, actor, Right.REVIEW, request_id=request_id, why="own request", delivery=delivery)
        raise
    raise Conflict(
        f"Something has changed since request {request_id} was proposed, and your click decided nothing: {news}",
        "Read the card again, which is being brought up to date, and click once more.",
    )


def _check(request: Request, actor: Person) -> None:
    if not request.is_open:
        raise Conflict(
            f"Request {request.id} is {request.status.replace('_', ' ')} already.",
            "Nothing has been changed by your click; the card shows who decided.",
        )
    if request.requester == actor.user_id:
        raise NotPermitted(
            f"Request {request.id} is your own, and nobody reviews their own request.",
            "Another approver has to decide; you can withdraw it.",
        )
    if any(one.reviewer == actor.user_id for one in request.reviews):
        raise Conflict(
            f"You have reviewed request {request.id} already.",
            f"It takes {request.approvals_needed} different approvers; somebody else has to go on.",
        )


def _check_times(request: Request, now: datetime) -> None:
    if request.expires is not None and request.expires <= now:
        raise Conflict(
            f"The end date of request {request.id} has passed.", "Deny it, or have it proposed again with a later one."
        )
    if request.lapses_at <= now:
        raise Conflict(f"Request {request.id} has lapsed: nobody decided in time.", "Have it proposed again.")


async def _assessed_today(context: Context, request_id: int) -> Assessment | None:
    """What policy says of a request now, by the last snapshot of the lists; None where nothing is left to decide."""
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        if not request.is_open:
            return None
        lists = await uow.snapshots.load()
        known = await records(uow, request.list, [item.value for item in request.items])
    return await reassess(request, request.items, lists, context.rules, known=known, now=context.now())


async def _held_against_policy(uow: UnitOfWork, request: Request, today: Assessment) -> str:
    """What is new and serious in today's warnings, having noted it. Raises Conflict if policy forbids the request."""
    no_longer = refused_now(today)
    words = no_longer.whole.text if no_longer.whole is not None else next(iter(no_longer.values.values()), "")
    if words:
        raise Conflict(f"Policy no longer permits request {request.id}: {words}", "Deny it, or have it withdrawn.")
    known = {warning.code for warning in request.warnings}
    new = [warning.text for warning in today.warnings if warning.serious and warning.code not in known]
    approvals_needed = max(request.approvals_needed, today.approvals_needed)
    if approvals_needed > request.approvals_needed:
        new.append(f"It takes {approvals_needed} different approvers now.")
    if not new:
        return ""
    more = tuple(warning for warning in today.warnings if warning.code not in known)
    await uow.requests.set_warnings(request.id, (*request.warnings, *more), approvals_needed)
    return " ".join(new)


async def _decide(context: Context, uow: UnitOfWork, request: Request, actor: Person, decision: Decision) -> Request:
    now = context.now()
    if not await uow.requests.add_review(request.id, Review(reviewer=actor.user_id, decision=decision, at=now)):
        raise Conflict(f"You have reviewed request {request.id} already.", "Nothing has been changed by this click.")
    await uow.audit.append(
        EventKind.REQUEST_REVIEWED,
        actor=actor.user_id,
        target=f"request {request.id}",
        request_id=request.id,
        payload={"decision": decision, "approvals_needed": request.approvals_needed},
        at=now,
    )
    approvals = len(request.approvals) + (decision is Decision.APPROVE)
    if decision is Decision.DENY:
        await _move(uow, request, Status.DENIED, EventKind.REQUEST_DENIED, actor, now)
        await uow.attachments.drop(request.id)  # other people's mail: nobody needs it any more
    elif approvals >= request.approvals_needed:
        await _move(uow, request, Status.APPROVED, EventKind.REQUEST_APPROVED, actor, now)
        await later(uow, JobKind.APPLY, request.id)
    await notify(uow, request.id)
    return await uow.requests.summary(request.id)


async def _move(uow: UnitOfWork, request: Request, to: Status, kind: EventKind, actor: Person, now: datetime) -> None:
    if not await uow.requests.move(request.id, expected=Status.PENDING, to=to):
        raise Conflict(f"Request {request.id} was decided by somebody else just now.", "The card shows by whom.")
    await uow.audit.append(kind, actor=actor.user_id, target=f"request {request.id}", request_id=request.id, at=now)
