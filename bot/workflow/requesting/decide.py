"""Writing down what was decided on what waits: a review, the status, what is logged, and what follows.

The requests of a proposal are decided together, in one transaction: all that wait, or none.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.auditing.events import NewEvent
from bot.domain.requests.approval import Approval, can_do_without_reviews
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request, Status
from bot.domain.requests.reviewing import ReviewStep, decided_event, done_before
from bot.errors import Conflict
from bot.store import UnitOfWork
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import apply_soon, not_later, notify_of


async def take_down(uow: UnitOfWork, request: Request, step: ReviewStep) -> None:
    """Write a review down, and decide the request if the review does. Raises Conflict if either was done by now."""
    if not await uow.requests.add_review(request.id, step.review):
        raise done_before(request, step.review)
    if step.status is Status.PENDING:
        await uow.audit.append_all([step.event])
        await notify_of(uow, request.proposal_id)
    else:
        await decide(uow, request, step.status, actor=step.review.reviewer, at=step.review.at, after=[step.event])


async def decide_all(
    uow: UnitOfWork, parts: Parts, status: Status, *, actor: str, at: datetime, reason: str = ""
) -> None:
    """Decide all that waits of a proposal, as `decide` does with each of its requests. Raises Conflict likewise."""
    for request in parts.open:
        await decide(uow, request, status, actor=actor, at=at, reason=reason)


async def decide(
    uow: UnitOfWork,
    request: Request,
    status: Status,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
    after: Sequence[NewEvent] = (),
) -> None:
    """Move a pending request to approved, denied, withdrawn or lapsed, and log it.

    It lapses no more, and nobody is called for it. Approved, it is queued to be applied, and ends as long after as was
    asked for. Otherwise its file goes: other people's mail, which nobody needs any more. `approval` is what approves it
    instead of reviews, and `after` what happened before it and is logged with it. Raises Conflict if the request is not
    pending by now, and ValueError for an approval of anything but a block that is put on a list.
    """
    if approval is not None:
        if status is not Status.APPROVED or not can_do_without_reviews(request.operation, request.action, approval.by):
            raise ValueError(f"#{request.proposal_id} takes reviews")
        await uow.requests.set_approval(request.id, approval)
    if not await uow.requests.move(request.id, expected=Status.PENDING, to=status):
        raise Conflict(f"#{request.proposal_id} was decided by somebody else just now.", "The card shows by whom.")
    for waits in (JobKind.LAPSE, JobKind.CALL_LATE):
        await not_later(uow, waits, request.proposal_id)
    if status is Status.APPROVED and request.lasts is not None:
        await uow.requests.set_end(request.id, request.ends_if_approved(at))
    if status is not Status.APPROVED:
        await uow.attachments.drop(request.id)
    # Whoever writes to the log waits from here on, until this unit of work ends: so it comes late, and at once.
    event = decided_event(request, status, actor=actor, at=at, reason=reason, approval=approval)
    await uow.audit.append_all([*after, event])
    if status is Status.APPROVED:
        await apply_soon(uow, request.id)
    await notify_of(uow, request.proposal_id)
