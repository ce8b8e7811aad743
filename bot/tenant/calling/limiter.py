"""A token bucket: at most so many calls a second, in the order in which they came, with a small burst."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable


class TokenBucket:
    """Wait for `acquire()` before each call.

    `per_second` is how fast the bucket fills, `burst` how much it holds. One event loop only; the clock and the wait
    can be replaced, so that a test needs no time.
    """

    def __init__(
        self,
        *,
        per_second: float,
        burst: int,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if per_second <= 0 or burst < 1:
            raise ValueError("a bucket needs a rate above 0 and room for at least one call")
        self._per_second = per_second
        self._burst = burst
        self._clock = clock
        self._wait = wait
        self._level = float(burst)
        self._filled_at = clock()

    async def acquire(self) -> None:
        """Take one call's worth, waiting for it if the bucket is empty. A wait that is cancelled gives it back."""
        self._fill()
        # The level may go below zero: each caller reserves its place first and then waits for its own time, which
        # keeps the order without a lock.
        self._level -= 1
        if self._level >= 0:
            return
        try:
            await self._wait(-self._level / self._per_second)
        except asyncio.CancelledError:
            self._level += 1
            raise

    def _fill(self) -> None:
        now = self._clock()
        self._level = min(float(self._burst), self._level + (now - self._filled_at) * self._per_second)
        self._filled_at = now
