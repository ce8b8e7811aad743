"""Whose turn it is to write, where a database takes one writer at a time."""

from __future__ import annotations

import asyncio
from collections import deque

#: So many go first in a row while others wait.
_IN_A_ROW = 8


class Turn:
    """One at a time, in the order in which they come, but who goes `first` before all who don't.

    Of those who don't, one has its turn after each eight who do: nobody waits for ever.
    """

    def __init__(self) -> None:
        self._is_taken = False
        self._first: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._in_a_row = 0

    async def take(self, *, first: bool) -> None:
        """Wait for the turn. It is given back by `give`."""
        if not self._is_taken:
            self._is_taken = True
            return
        waiting = asyncio.get_running_loop().create_future()
        (self._first if first else self._others).append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self.give()  # it had come already
            raise

    def give(self) -> None:
        """The turn is over: the next one has it."""
        while (waiting := self._next()) is not None:
            if not waiting.done():
                waiting.set_result(None)
                return
        self._is_taken = False

    def _next(self) -> asyncio.Future[None] | None:
        if self._first and (not self._others or self._in_a_row < _IN_A_ROW):
            self._in_a_row += 1
            return self._first.popleft()
        self._in_a_row = 0
        return self._others.popleft() if self._others else None
