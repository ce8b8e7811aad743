"""Who ends what a request adds or extends, and how an end is spelled in what stands beside an item."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.lists.ends import ended_by_portcullis
from bot.domain.requests.request import Request

#: Stands beside an item from before its removal is sent, at its end: an attempt that finds the entry gone then knows
#: that it was its own doing, and a request for another end knows that it comes too late.
ENDING = "its end date has come: being removed"


def is_ours_to_end(request: Request) -> bool:
    """Whether Portcullis ends what a request adds or extends, because the tenant keeps no such end date."""
    return request.operation.gives_an_end and ended_by_portcullis(
        request.list, request.action, expires=request.expires, since=request.counted_from
    )


def on(moment: datetime) -> str:
    """A moment, as outcomes spell it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def until(end: datetime | None) -> str:
    """How long something lasts."""
    return "without an end" if end is None else f"until {on(end)}"
