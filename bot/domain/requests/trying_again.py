"""Trying again: an approved request that failed, in whole or in part, is applied once more under the same approval.

1. Only what failed or was partly applied, and was approved within the last day: later it takes a new proposal.
2. What was refused is sent again. What is as asked stays as it is, and what was left out stays left out.
3. What a request that was approved later decides otherwise is not sent again: see `last_word`.
4. A submission isn't tried again: what it hands over is deleted once it is over.
5. Nor is an emergency block that was taken out after its review: whoever reviewed it has denied all of it.

Each attempt reads the list and asks policy first, like the first one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.requests.emergency import emergency_review
from bot.domain.requests.request import Decision, Item, ItemState, Request
from bot.errors import Conflict

#: So long after the last approval.
WITHIN = timedelta(days=1)

_AGAIN = frozenset({ItemState.REFUSED, ItemState.INTENDED, ItemState.PROPOSED})


def can_be_tried_again(request: Request) -> bool:
    """Whether it failed, in whole or in part, and there is something to send again; however long ago."""
    has_failed = request.status.may_improve and request.operation is not Operation.SUBMIT
    return has_failed and not _was_taken_out(request) and any(request.counts.get(state) for state in _AGAIN)


def is_triable(request: Request, *, at: datetime) -> bool:
    """Whether it can be tried again now."""
    try:
        require_triable(request, at=at)
    except Conflict:
        return False
    return True


def left_to_send(request: Request) -> list[Item]:
    """The items that are sent again, of a request with all its items."""
    return [item for item in request.items if item.state in _AGAIN]


def require_triable(request: Request, *, at: datetime) -> None:
    """Raises Conflict unless a request can be tried again now."""
    if _was_taken_out(request):
        raise Conflict(
            f"Emergency block #{request.proposal_id} was taken out after its review: nothing of it is tried again.",
            "Request it as an ordinary block: it takes an approval of its own.",
        )
    if not can_be_tried_again(request):
        raise Conflict(
            f"#{request.proposal_id} is {request.status.replace('_', ' ')}: there is nothing to try again.",
            "Its details say where it stands.",
        )
    approved = request.approved_at
    if approved is None or at - approved > WITHIN:
        raise Conflict(
            f"#{request.proposal_id} was approved more than a day ago.",
            "Whoever asked for it proposes it again, and it is approved anew.",
        )
    if request.expires is not None and request.expires <= at:
        raise Conflict(f"The expiry date of #{request.proposal_id} has passed.", "Propose it again with a later one.")


def _was_taken_out(request: Request) -> bool:
    review = emergency_review(request)
    return review is not None and review.decision is Decision.DENY


def tried_again_event(request: Request, person: str, *, at: datetime) -> NewEvent:
    """What is logged of it: from then on the request stands where its approval had brought it."""
    return NewEvent(
        kind=EventKind.REQUEST_TRIED_AGAIN,
        actor=person,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={"was": request.status},
        at=at,
    )
