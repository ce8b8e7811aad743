"""A reading that several requests go by is kept once, and one that is older than what was kept not at all."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import ListName


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a reading is known by. Its index is held by nobody for this: of a full list that is megabytes."""

    as_of: datetime
    read: tuple[object, ...]  #: the very object that was read


class KeptOnce:
    """The reading of each list that this process has kept last. One event loop only."""

    def __init__(self) -> None:
        self._last: dict[ListName, _Kept] = {}
        self._turns: defaultdict[ListName, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def keep(self, reading: ListSnapshot, keep: Callable[[], Awaitable[None]]) -> bool:
        """Have a reading kept by `keep`, one of a list at a time; False where it was kept, or a newer one, by then.

        Raises what `keep` raises; then whoever has the same reading keeps it.
        """
        # What was read of it is the same also where it was made ready for different changes.
        read = reading.policies if reading.list.traits.in_policies else reading.entries
        async with self._turns[reading.list]:
            last = self._last.get(reading.list)
            if last is not None and (last.as_of > reading.as_of or (last.as_of == reading.as_of and last.read is read)):
                return False
            await keep()
            self._last[reading.list] = _Kept(reading.as_of, read)
            return True
