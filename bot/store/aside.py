"""Reading and writing thousands of rows at once goes to a thread, so that others have the event loop meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

_T = TypeVar("_T")

#: So many rows take some milliseconds: the way to a thread and back costs a part of that.
FEW_ROWS = 500


async def rows_aside(count: int, work: Callable[[], _T]) -> _T:
    """What comes of some work over so many rows; in a thread, unless they are few."""
    return work() if count <= FEW_ROWS else await asyncio.to_thread(work)
