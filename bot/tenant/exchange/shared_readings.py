"""One reading of a list answers all who asked for it before it began. Whoever asks later shares the next one.

Each request that changes a list reads it before and after. Of several that are due at the same time a reading each
would use up the calls that the service takes, and say the same: what counts is that it began after it was asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

_Key = TypeVar("_Key", bound=Hashable)
_Found = TypeVar("_Found")

#: Called by a reading when it begins.
Begins: TypeAlias = Callable[[], None]

#: So long the reading before is waited for, in seconds: one that gets no answer keeps nobody else from theirs.
_WAITS = 2.0


@dataclass(slots=True, eq=False)
class _Reading(Generic[_Found]):
    """One that is to come, or under way."""

    task: asyncio.Task[_Found] = field(init=False)
    asked: int = 0  #: so many wait for it


class SharedReadings(Generic[_Key, _Found]):
    """The readings of some things, of each one after the other. One event loop only."""

    def __init__(self) -> None:
        self._to_come: dict[_Key, _Reading[_Found]] = {}
        self._under_way: dict[_Key, _Reading[_Found]] = {}

    async def read(self, what: _Key, read: Callable[[Begins], Awaitable[_Found]]) -> _Found:
        """What comes of a reading that begins after this call, by whoever asked for it first.

        `read` is called with what it has to call once it begins, when it has waited for whatever it waits for: until
        then others come to share it. Raises what it raises, to all of them. It goes on as long as anybody waits for it.
        """
        reading = self._to_come.get(what)
        if reading is None:
            reading = self._to_come[what] = _Reading()
            reading.task = asyncio.create_task(self._one(what, reading, self._under_way.get(what), read))
        reading.asked += 1
        try:
            return await asyncio.shield(reading.task)
        finally:
            reading.asked -= 1
            if not reading.asked and not reading.task.done():
                self._is_over(what, reading)
                reading.task.cancel()

    async def _one(
        self,
        what: _Key,
        reading: _Reading[_Found],
        before: _Reading[_Found] | None,
        read: Callable[[Begins], Awaitable[_Found]],
    ) -> _Found:
        if before is not None:
            await asyncio.wait({before.task}, timeout=_WAITS)

        def begins() -> None:
            if self._to_come.get(what) is reading:
                self._under_way[what] = self._to_come.pop(what)

        try:
            return await read(begins)
        finally:
            self._is_over(what, reading)

    def _is_over(self, what: _Key, reading: _Reading[_Found]) -> None:
        for readings in (self._to_come, self._under_way):
            if readings.get(what) is reading:
                del readings[what]
