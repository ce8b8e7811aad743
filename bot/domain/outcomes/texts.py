"""What people are told of an item's outcome, where its end is the point."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.lists.ends import is_bounded_by_use
from bot.domain.lists.entries import Entry
from bot.domain.requests.ends import is_ours_to_end, on, until
from bot.domain.requests.request import Request

LIKE_BEFORE = "it was like this before"

#: The service cuts what it is given to the second; anything beyond is another end date.
_SAME_END = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLonger:
    """What another request keeps until later: its end, and the number by which people know that request."""

    expires: datetime | None
    number: int


def there_already(request: Request, entry: Entry | None, longer: KeptLonger | None, *, taken_over: bool) -> str:
    """What to say of a value to be added that was there before anything was sent. `longer` is who keeps it instead."""
    if longer is not None:
        return f"there already, {until(longer.expires)}, by #{longer.number}"
    if taken_over and request.expires is not None:
        return f"{LIKE_BEFORE}; Portcullis takes it out {on(request.expires)}"
    another = another_end(request, entry) if entry is not None else ""
    bare = not request.list.traits.keeps_ends
    if not taken_over and (bare or (is_ours_to_end(request) and not another)):
        return f"{LIKE_BEFORE}, by somebody else: Portcullis leaves it there, without an end"
    return f"there already, but {another}" if another else LIKE_BEFORE


def another_end(request: Request, entry: Entry) -> str:
    """How the tenant's end of an entry differs from what it was told; empty where it doesn't."""
    told = None if is_ours_to_end(request) else request.expires
    if entry.bounded_by_use:
        by_use = told is None and is_bounded_by_use(request.list, request.action)
        return "" if by_use else "ends 45 days after its last use"
    if entry.expires is None:
        return "" if told is None or not request.list.traits.keeps_ends else "without an end"
    if told is not None and abs(entry.expires - told) <= _SAME_END:
        return ""
    return f"ends {on(entry.expires)}"
