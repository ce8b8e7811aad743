"""How many cmdlets Exchange Online takes: the service publishes no figure, so there is none unless somebody sets it."""

from __future__ import annotations

import math
import time


class CallLimit:
    """Whether a call is taken now. `set(None)` takes them all."""

    def __init__(self) -> None:
        self._per_second: float | None = None
        self._burst = 1
        self._level = 0.0
        self._at = 0.0

    def set(self, per_second: float | None, *, burst: int = 1) -> None:
        self._per_second, self._burst = per_second, burst
        self._level, self._at = float(burst), time.monotonic()

    def wait(self) -> int | None:
        """Count a call; or the whole seconds after which it may come again, when it is one too many."""
        if self._per_second is None:
            return None
        now = time.monotonic()
        self._level = min(float(self._burst), self._level + (now - self._at) * self._per_second)
        self._at = now
        if self._level < 1:
            return max(1, math.ceil((1 - self._level) / self._per_second))
        self._level -= 1
        return None
