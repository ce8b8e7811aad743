"""How a pending request is decided: by its reviews, or taken back by its requester.

1. Only a pending request is decided on.
2. Nobody reviews their own request; nobody but its requester takes it back.
3. Each person reviews a request once.
4. One denial denies it. It is approved by the review that completes the number of approvals that it takes, each by
   somebody else.
5. An approval counts as long as whoever gave it is an approver.
6. From its end date on, and from when it lapses, it can be denied and no longer approved.

The request as it stands, locked by the caller, and the decision come in; the step that follows goes out, or the error
that says why there is none.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent, clean_text
from bot.domain.requests.approval import Approval, approval_out
from bot.domain.requests.request import Decision, Request, Review, Status
from bot.errors import Conflict, DoneBefore, NotPermitted

#: Why people deny, unless the operator has set others.
DENIAL_REASONS = ("Not malicious", "Too wide", "Already handled", "Wrong list", "Not enough to go on")

#: What is logged of a request that is decided.
_EVENTS = {
    Status.APPROVED: EventKind.REQUEST_APPROVED,
    Status.DENIED: EventKind.REQUEST_DENIED,
    Status.WITHDRAWN: EventKind.REQUEST_WITHDRAWN,
    Status.LAPSED: EventKind.REQUEST_LAPSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewStep:
    """What a review does to its request."""

    review: Review  #: to be recorded
    event: NewEvent  #: what is logged of the review itself
    status: Status  #: where the request stands then: PENDING while more approvals are needed


def review_step(request: Request, reviewer: str, decision: Decision, *, at: datetime, comment: str = "") -> ReviewStep:
    """What a person's decision on a request does to it.

    `reviewer` is a Slack user id, and `comment` what they say with it, any text. Raises NotPermitted (one's own
    request) and Conflict (decided already; reviewed already by this person; an approval that comes too late).
    Whether their roles permit reviews, and whether policy still permits the request, is not asked here.
    """
    comment = clean_text(comment)
    _require_reviewable(request, reviewer)
    if decision is Decision.APPROVE:
        _require_in_time(request, at)
    return ReviewStep(
        review=Review(reviewer=reviewer, decision=decision, at=at, comment=comment),
        event=NewEvent(
            kind=EventKind.REQUEST_REVIEWED,
            actor=reviewer,
            target=f"request {request.proposal_id}",
            request_id=request.id,
            payload={
                "decision": decision,
                "approvals_needed": request.approvals_needed,
                **({"comment": comment} if comment else {}),
            },
            at=at,
        ),
        status=_status_after(request, decision),
    )


def with_beside(step: ReviewStep, *, figures: int, owners: int) -> ReviewStep:
    """The step, whose event names the events with what stood beside the request where it was decided: its mail figures,
    and whose its addresses are; 0: none stood there."""
    stood = {name: event for name, event in (("figures", figures), ("owners", owners)) if event}
    return replace(step, event=replace(step.event, payload={**step.event.payload, **stood})) if stood else step


def without_approvals(request: Request, by: Collection[str]) -> Request:
    """The request without the approvals of these people, who are no approvers any more."""
    return replace(request, reviews=tuple(review for review in request.reviews if review.reviewer not in by))


def voided_event(request: Request, reviewer: str, *, why: str, actor: str, at: datetime) -> NewEvent:
    """What is logged of an approval that no longer counts, because whoever gave it may not approve it any more."""
    return NewEvent(
        kind=EventKind.REQUEST_APPROVAL_VOIDED,
        actor=actor,
        target=reviewer,
        request_id=request.id,
        payload={"void": [reviewer], "why": why},
        at=at,
    )


def require_own(request: Request, person: str) -> None:
    """Raises NotPermitted unless it is this person's own request: nobody else takes it back."""
    if request.requester != person:
        raise NotPermitted(f"#{request.proposal_id} is not yours to withdraw.", "An approver can deny it.")


def require_withdrawable(request: Request, person: str) -> None:
    """Raises NotPermitted (somebody else's) or Conflict (no longer pending) unless this person may take it back."""
    require_own(request, person)
    if not request.is_open:
        raise Conflict(
            f"#{request.proposal_id} is {_spelled(request.status)} already and can't be withdrawn.",
            "To undo a change, propose the opposite.",
        )


def decided_event(
    request: Request,
    status: Status,
    *,
    actor: str,
    at: datetime,
    reason: str = "",
    approval: Approval | None = None,
) -> NewEvent:
    """What is logged when a pending request is decided: approved, denied, withdrawn or lapsed.

    Of an approval, when what was asked for a length ends: from then on that is its end; and what approved it, where it
    wasn't reviews.
    """
    counted = status is Status.APPROVED and request.lasts is not None
    return NewEvent(
        kind=_EVENTS[status],
        actor=actor,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={
            **({"reason": reason} if reason else {}),
            **({"approval": approval_out(approval)} if approval is not None else {}),
            **({"expires": request.ends_if_approved(at)} if counted else {}),
        },
        at=at,
    )


def done_before(request: Request, before: Review) -> DoneBefore:
    """What a person is told who has reviewed a request `before`: no error, since they did what they meant to do."""
    decided = "approved" if before.decision is Decision.APPROVE else "denied"
    waits = request.is_open and decided == "approved"
    return DoneBefore(
        f"You {decided} #{request.proposal_id} already.",
        f"It takes {request.approvals_needed} different approvers: somebody else has to approve it too."
        if waits
        else "",
    )


def _require_reviewable(request: Request, reviewer: str) -> None:
    if before := next((review for review in request.reviews if review.reviewer == reviewer), None):
        raise done_before(request, before)
    if not request.is_open:
        raise Conflict(
            f"#{request.proposal_id} is {_spelled(request.status)} already.",
            "Nothing has been changed by your click; the card shows who decided.",
        )
    if request.requester == reviewer:
        raise NotPermitted(
            f"#{request.proposal_id} is your own, and nobody reviews their own request.",
            "Another approver has to decide; you can withdraw it.",
        )


def _require_in_time(request: Request, at: datetime) -> None:
    ends = request.ends_if_approved(at)
    if ends is not None and ends <= at:
        raise Conflict(
            f"The end date of #{request.proposal_id} has passed.",
            "Deny it, or have it proposed again with a later one.",
        )
    if request.lapses_at <= at:
        raise Conflict(f"#{request.proposal_id} has expired: nobody decided in time.", "Have it proposed again.")


def _status_after(request: Request, decision: Decision) -> Status:
    if decision is Decision.DENY:
        return Status.DENIED
    approvals = len(request.approvals) + 1
    return Status.APPROVED if approvals >= request.approvals_needed else Status.PENDING


def _spelled(status: Status) -> str:
    return status.replace("_", " ")
