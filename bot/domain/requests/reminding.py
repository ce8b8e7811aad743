"""What a requester is told of a day before the end of what their request keeps.

Nobody is told of what another request keeps by now, of what was never seen or is no longer on the list, nor once the
end has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import Item, Request

#: How many of what ends are named in the event; the count is of all.
MOST_NAMED = 100


def ending_soon(request: Request, kept: EntryRecords, *, now: datetime) -> list[Item]:
    """The items whose entries end with the request, as far as Portcullis's own records say: none after its end."""
    if request.expires is None or request.expires <= now:
        return []
    return [item for item in request.items if item.state.holds and kept.own(item.value)]


def reminder(request: Request, items: Sequence[Item], *, at: datetime) -> NewEvent:
    """What is logged, and told, of the items that end soon."""
    return NewEvent(
        kind=EventKind.REQUEST_REMINDED,
        actor=PORTCULLIS,
        target=f"request {request.proposal_id}",
        request_id=request.id,
        payload={
            "items": [item.value for item in items[:MOST_NAMED]],
            "count": len(items),
            "expires": request.expires,
        },
        at=at,
    )
