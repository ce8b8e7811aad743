"""What follows once something was sent for a request, and when: a second look, its end, the word before that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.requests.ends import is_ours_to_end
from bot.domain.requests.request import LARGE, Request

#: How long after an end that the service keeps it is looked whether it came.
AFTER_THE_END = timedelta(minutes=15)

#: How long before its end people are reminded, and how long a thing has to last for that.
REMIND_BEFORE = timedelta(days=1)
REMIND_IF_LONGER_THAN = timedelta(days=2)


#: Of an import with no more items than so many, the card and its details say it all.
FEW = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """When each step that follows is due; None where it doesn't follow."""

    confirm: datetime | None = None  #: whether the tenant is still as it was left
    expire: datetime | None = None  #: the end of what the request keeps
    remind: datetime | None = None  #: the requester is told that the end is near


def follow_ups(request: Request, *, now: datetime, confirm_after: timedelta) -> FollowUps:
    """What follows, now that an attempt was recorded or the last one given up.

    Whether it came through or nobody knows makes no difference: an entry that shows late has to end as well.
    """
    if not any(state.was_made or state.may_hold for state, count in request.counts.items() if count):
        return FollowUps()
    confirm = now + confirm_after
    if not request.operation.gives_an_end or request.expires is None:
        return FollowUps(confirm=confirm)
    lasts_long = request.expires - now > REMIND_IF_LONGER_THAN
    return FollowUps(
        confirm=confirm,
        expire=request.expires if is_ours_to_end(request) else request.expires + AFTER_THE_END,
        remind=request.expires - REMIND_BEFORE if lasts_long else None,
    )


def has_result_file(request: Request) -> bool:
    """Whether a file with a line for each indicator is posted: where lines were set aside, and where a card can't show
    what became of all its items. Of an import it need not be large: who gave it goes by the numbers of its lines.
    """
    is_imported = any(item.line is not None for item in request.items)
    return request.set_aside > 0 or request.total > (FEW if is_imported else LARGE)
