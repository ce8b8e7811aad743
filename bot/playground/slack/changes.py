"""Telling the page, and scripts that wait, that something has changed."""

from __future__ import annotations

import asyncio
from contextlib import suppress


class Changes:
    """A number that grows with every change, and a way to wait for it to grow."""

    def __init__(self) -> None:
        self.version = 1
        self.closed = False
        self._waiting: set[asyncio.Event] = set()

    def bump(self) -> None:
        """Something that a page can show has changed."""
        self.version += 1
        self._wake()

    def close(self) -> None:
        """The server stops: nobody waits any longer."""
        self.closed = True
        self._wake()

    async def newer_than(self, version: int, *, timeout: float) -> int:  # noqa: ASYNC109 - it is part of the answer
        """Wait until the version is greater than `version`, for at most `timeout` seconds; returns the version then."""
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    while self.version <= version and not self.closed:
                        await event.wait()
                        event.clear()
        finally:
            self._waiting.discard(event)
        return self.version

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()
