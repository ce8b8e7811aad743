"""The stand-in's time, so that three seconds can pass in a test without anybody waiting for them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time, plus whatever somebody has added to it with `advance`."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._ahead += seconds

    def stamp(self) -> str:
        """The time as ISO 8601 text, UTC."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds")
