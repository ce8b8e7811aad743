"""Computing that may take a while goes to a thread, so that the others have the event loop; what is short stays here.

The way to a thread and back takes longer than what is computed for one indicator and short lists, and in a transaction
others wait for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.domain.lists.entries import Snapshot

_T = TypeVar("_T")

#: So many indicators, against so many entries, take a millisecond or two.
_FEW_INDICATORS = 20
FEW_ENTRIES = 200


async def judged_aside(
    indicators: int, lists: Snapshot | None, work: Callable[[], _T], *, is_indexed: bool = False
) -> _T:
    """What comes of some work over so many indicators and all entries of the lists; in a thread, unless it is short.

    `is_indexed` says that the work goes by an index of the lists, and looks at a few entries only.
    """
    entries = 0 if lists is None or is_indexed else len(lists.entries)
    if indicators <= _FEW_INDICATORS and entries <= FEW_ENTRIES:
        return work()
    return await asyncio.to_thread(work)
