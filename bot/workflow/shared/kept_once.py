"""A reading that several requests go by is kept once, and one that is older than what was kept not at all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable

from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import ListName


class KeptOnce:
    """The reading of each list that this process has kept last. One event loop only."""

    def __init__(self) -> None:
        self._last: dict[ListName, ListSnapshot] = {}
        self._turns: defaultdict[ListName, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def keep(self, reading: ListSnapshot, keep: Callable[[], Awaitable[None]]) -> bool:
        """Have a reading kept by `keep`, one of a list at a time; False where it was kept, or a newer one, by then.

        Raises what `keep` raises; then whoever has the same reading keeps it.
        """
        async with self._turns[reading.list]:
            last = self._last.get(reading.list)
            if last is not None and (last.as_of > reading.as_of or _are_same(last, reading)):
                return False
            await keep()
            self._last[reading.list] = reading
            return True


def _are_same(one: ListSnapshot, other: ListSnapshot) -> bool:
    """Whether both are of one reading, also where they were made of it for different changes."""
    if one.as_of != other.as_of:
        return False
    return one.policies is other.policies if one.list.traits.in_policies else one.entries is other.entries
