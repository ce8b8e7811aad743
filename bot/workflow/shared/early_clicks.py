"""Clicks that come before the record of the message under them: Slack shows what is posted before that is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

#: So long, in seconds, is looked again, and so often. Whoever clicked has to be answered within three.
PATIENCE = 1.0
_BETWEEN_LOOKS = 0.05

_Seen = TypeVar("_Seen")


async def once_on_record(look: Callable[[], Awaitable[_Seen]], *, is_early: Callable[[_Seen], bool]) -> _Seen:
    """What a `look` at the records shows, looked at again while the click `is_early`, for a second at most.

    Raises what `look` raises.
    """
    now = asyncio.get_running_loop().time
    ends = now() + PATIENCE
    while True:
        seen = await look()
        if now() >= ends or not is_early(seen):
            return seen
        await asyncio.sleep(_BETWEEN_LOOKS)
