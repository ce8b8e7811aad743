"""An emergency block: applied at once by somebody who may do that, and reviewed afterwards.

1. It is a block, applied without anybody's approval, and ends within days: see `bot.domain.policies.emergency`.
2. It is reviewed once, by an approver who isn't its requester: kept, or taken out. It waits for that as long as any of
   it may stand; nobody reviews what hasn't got its outcome yet.
3. Kept, it goes on to its end. Not reviewed, likewise.
4. Taken out, what it has put on the lists is removed again, by a request of its own that this decision approves. What
   was there before stays, and what another request keeps, has there too, or is just adding.

The requests of the proposal come in, locked by the caller; the decision's events go out, or the error that says why
there is no decision.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.auditing.events import EventKind, NewEvent, clean_text
from bot.domain.lists.change import Operation
from bot.domain.lists.comparison import comparable
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Decision, Item, ItemState, Request, Review, Status
from bot.errors import Conflict, DoneBefore, NotPermitted

#: Within so long somebody may make so many.
PER = timedelta(hours=1)

#: What it has put there, as far as is known: what was so before is another's.
_PUT_THERE = frozenset({ItemState.INTENDED, ItemState.APPLIED, ItemState.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergencies:
    """What the operator has set for emergency blocks."""

    days: int = 3  #: how long one lasts where nobody says: a weekend passes until somebody looks
    most_days: int = 7  #: and at most
    alert_after: timedelta = timedelta(hours=4)  #: the alert channel is told of one that nobody has reviewed


def is_emergency(request: Request) -> bool:
    """Whether a request was applied as an emergency."""
    return request.approval is not None and request.approval.by is ApprovedBy.EMERGENCY


def emergency_review(request: Request) -> Review | None:
    """How an emergency block was reviewed; None where it wasn't yet, and of every other request."""
    return request.reviews[0] if is_emergency(request) and request.reviews else None


def awaits_review(request: Request) -> bool:
    """Whether an emergency block still has to be reviewed: nobody has, and some of it may stand."""
    if not is_emergency(request) or request.reviews:
        return False
    return request.status.is_under_way or any(count for state, count in request.counts.items() if state.may_hold)


def waits(request: Request) -> bool:
    """Whether an approver has something to do about a request: it waits for a decision, or for its review."""
    return request.is_open or awaits_review(request)


def any_awaits_review(parts: Parts) -> bool:
    """The same of a proposal: whether any of it does."""
    return any(awaits_review(request) for request in parts.requests)


def is_reviewable(parts: Parts) -> bool:
    """Whether an emergency block can be reviewed now: it awaits that, and has its outcome."""
    return any_awaits_review(parts) and not any(request.status.is_under_way for request in parts.requests)


def require_reviewable(parts: Parts, person: str) -> None:
    """Raises unless a person may review an emergency block now: NotPermitted (their own), DoneBefore (they have), and
    Conflict (somebody has; it is none; it has no outcome yet; nothing of it stands any more)."""
    number = parts.id
    if parts.requester == person:
        raise NotPermitted(
            f"Emergency block #{number} is your own, and nobody reviews their own.", "Another approver has to."
        )
    if (review := next(filter(None, map(emergency_review, parts.requests)), None)) is not None:
        said = "kept" if review.decision is Decision.APPROVE else "taken out"
        if review.reviewer == person:
            raise DoneBefore(f"You have reviewed emergency block #{number} already: {said}.")
        raise Conflict(
            f"Emergency block #{number} was reviewed already: {said}.",
            "Nothing was changed by your click; the card shows who decided.",
        )
    if not any(is_emergency(request) for request in parts.requests):
        raise Conflict(f"#{number} is no emergency block.", "Look at its card.")
    if any(request.status.is_under_way for request in parts.requests):
        raise Conflict(f"Emergency block #{number} is being applied just now.", "Review it in a minute.")
    if not any_awaits_review(parts):
        raise Conflict(
            f"Nothing of emergency block #{number} is on the lists any more: there is nothing to review.",
            "Its details say what became of it.",
        )


def review_event(
    request: Request, review: Review, *, removal: int | None = None, takes_out: Sequence[str] = ()
) -> NewEvent:
    """What is logged of a review of one request of an emergency block. `removal` is the request that takes it out
    again, where there is something to take out, and `takes_out` the values of this request that it removes."""
    kept = review.decision is Decision.APPROVE
    return NewEvent(
        kind=EventKind.REQUEST_KEPT if kept else EventKind.REQUEST_TAKEN_OUT,
        actor=review.reviewer,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={
            "decision": review.decision,
            **({"comment": review.comment} if review.comment else {}),
            **({} if removal is None else {"removal": removal, "takes_out": list(takes_out)}),
        },
        at=review.at,
    )


def as_review(person: str, decision: Decision, *, at: datetime, comment: str = "") -> Review:
    """A review, with what somebody says with it, any text."""
    return Review(reviewer=person, decision=decision, at=at, comment=clean_text(comment))


def to_take_out(request: Request, kept: EntryRecords, others: Collection[Request]) -> Sequence[Item]:
    """The items whose entries are removed where an emergency block is taken out: those that it alone has put there.

    `kept` is what is on record of its values, and `others` are the other requests that have named any of them, with
    those items.
    """
    theirs = {
        comparable(request.list, item.value)
        for other in others
        if _keeps(other, request)
        for item in other.items
        if item.state.may_hold or (other.status.is_under_way and item.state is ItemState.PROPOSED)
    }
    return [
        item
        for item in request.items
        if item.state in _PUT_THERE
        and not kept.others(item.value)
        and comparable(request.list, item.value) not in theirs
    ]


def _keeps(other: Request, request: Request) -> bool:
    """Whether another request wants the same there, and has been approved."""
    same = (other.operation, other.action, other.list) == (Operation.ADD, request.action, request.list)
    return same and other.id != request.id and other.status is not Status.PENDING
