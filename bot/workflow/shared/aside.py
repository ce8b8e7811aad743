"""Judging indicators by the lists goes to a thread where it may take a while; see `bot.aside`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.aside import FEW_ENTRIES, aside
from bot.domain.lists.entries import Snapshot

_T = TypeVar("_T")

#: So many indicators, against so many entries, take a millisecond or two.
_FEW_INDICATORS = 20


async def judged_aside(
    indicators: int, lists: Snapshot | None, work: Callable[[], _T], *, is_indexed: bool = False
) -> _T:
    """What comes of some work over so many indicators and all entries of the lists; in a thread, unless it is short.

    `is_indexed` says that the work goes by an index of the lists, and looks at a few entries only.
    """
    entries = 0 if lists is None or is_indexed else len(lists.entries)
    return await aside(entries if indicators <= _FEW_INDICATORS else FEW_ENTRIES + 1, work)
