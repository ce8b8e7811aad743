"""What a request came to, by its items: its status, why not all of it came through, and the event that tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.requests.request import ItemState, Request, Status

_EVENTS: Mapping[Status, EventKind] = {
    Status.APPLIED: EventKind.REQUEST_APPLIED,
    Status.PARTLY_APPLIED: EventKind.REQUEST_PARTLY_APPLIED,
    Status.FAILED: EventKind.REQUEST_FAILED,
}

#: How long the reasons may be, together.
_LONGEST_FAILURE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What a request came to."""

    status: Status
    failure: str  #: for people: why not all of it came through; empty if all of it did
    event: NewEvent

    @property
    def fell_short(self) -> bool:
        """Whether not all of it came through: the alert channel is told."""
        return self.status is not Status.APPLIED


def conclude(request: Request, *, at: datetime) -> Conclusion:
    """What a request came to. An item of which nothing is known counts as not made.

    A summary of the request will do: its counts are of all items, and the reasons those of the items that it has.
    """
    return _concluded(request, _status(request), counts(request), at)


def conclude_late(request: Request, *, at: datetime) -> Conclusion | None:
    """What a request came to that was said to have failed, now that what was sent for it turned up after all.

    None where that changes nothing.
    """
    status = _status(request)
    if not request.status.may_improve or status in {request.status, Status.FAILED}:
        return None
    return _concluded(request, status, {**counts(request), "late": True}, at)


def conclude_given_up(request: Request, why: str, *, at: datetime) -> Conclusion:
    """What a request came to whose last attempt failed: `why` is that attempt's error.

    What was sent and never seen stays unknown, and the words say so. Where some of it was made before, as when the rest
    was tried again, it is partly applied.
    """
    status = Status.PARTLY_APPLIED if any(state.was_made for state, n in request.counts.items() if n) else Status.FAILED
    if request.counts.get(ItemState.INTENDED):
        why = f"{why} Some of it may have been made all the same: look at the tenant's list before you ask again."
    return Conclusion(status=status, failure=why, event=_event(request, status, {"error": why}, at))


def counts(request: Request) -> dict[str, int]:
    """How many items of a request are in each state, as an event tells it."""
    return {state.value: count for state, count in sorted(request.counts.items()) if count}


def _status(request: Request) -> Status:
    made = sum(count for state, count in request.counts.items() if state.was_made)
    if made == request.asked:
        return Status.APPLIED
    return Status.PARTLY_APPLIED if made else Status.FAILED


def _concluded(request: Request, status: Status, payload: Mapping[str, object], at: datetime) -> Conclusion:
    words = {item.outcome for item in request.items if not item.state.was_made}
    failure = "; ".join(sorted(filter(None, words)))[:_LONGEST_FAILURE]
    return Conclusion(status=status, failure=failure, event=_event(request, status, payload, at))


def _event(request: Request, status: Status, payload: Mapping[str, object], at: datetime) -> NewEvent:
    return NewEvent(
        kind=_EVENTS[status],
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload=payload,
        at=at,
    )
