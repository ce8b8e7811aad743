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
    """What a reading is known by. Nothing of what was read is held for this: of a full list that is megabytes."""

    as_of: datetime
    token: object


class KeptOnce:
    """The reading of each list that this process has kept last. One event loop only."""

    def __init__(self) -> None:
        self._last: dict[ListName, _Kept] = {}
        self._turns: defaultdict[ListName, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def keep(self, reading: ListSnapshot, keep: Callable[[], Awaitable[None]]) -> bool:
        """Have a reading kept by `keep`, one of a list at a time; False where it was kept, or a newer one, by then.

        Raises what `keep` raises; then whoever has the same reading keeps it.
        """
        async with self._turns[reading.list]:
            last = self._last.get(reading.list)
            if last is not None and (last.as_of > reading.as_of or last.token is reading.token):
                return False
            await keep()
            self._last[reading.list] = _Kept(reading.as_of, reading.token)
            return True
