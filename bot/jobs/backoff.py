"""How long a job that failed waits for its next attempt."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Twice as long after each failure, up to `longest`, and somewhere in the upper half of that, so that jobs which
    failed together don't come back together. In seconds. `chance` gives a number from 0 to 1.
    """

    first: float = 2
    longest: float = 300
    chance: Callable[[], float] = random.random

    def __call__(self, failures: int) -> float:
        """The seconds to wait after so many failures, 1 or more."""
        # Past 2^30 the exponent changes nothing, and 2.0 to the power of a great number is no float.
        full = min(self.longest, self.first * 2.0 ** min(failures - 1, 30))
        return full * (1 + self.chance()) / 2
