"""Asking for the same once more: which requests can be, for which of their values, and until when.

What is asked anew is a request of its own: it is judged, decided and applied like any other.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.requests.request import ItemState, Request, Status

_NEVER_DONE = frozenset({Status.DENIED, Status.WITHDRAWN, Status.LAPSED, Status.FAILED})


def can_be_asked_again(request: Request) -> bool:
    """Whether it is over, and nothing, or not all, came of it; not of what an approver left out as a whole."""
    is_short = request.status in _NEVER_DONE or request.status is Status.PARTLY_APPLIED
    return is_short and not request.is_left_out


def values_to_ask_again(request: Request) -> list[str]:
    """The values that are not as asked, of the items that are at hand; without those that an approver left out."""
    return [item.value for item in request.items if not item.state.holds and item.state is not ItemState.LEFT_OUT]


def end_to_ask_again(request: Request, *, now: datetime) -> str:
    """The end as it is typed: as many days as before, the same date, or `never`; empty where it has passed, or where
    no end goes with such a change."""
    if not request.operation.asks_for_an_end:
        return ""
    if request.expires is None:
        return "never"
    lasts = request.expires - request.counted_from
    days = round(lasts / timedelta(days=1))
    if days > 0 and abs(lasts - timedelta(days=days)) < timedelta(minutes=1):
        return f"{days}d"
    last_day = (request.expires - timedelta(microseconds=1)).date()
    return last_day.isoformat() if last_day >= now.date() else ""
