"""The stand-in's time, so that three seconds can pass in a test without anybody waiting for them."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """The machine's time, plus whatever somebody has added to it with `advance`.

    With `running=False` it stands still but for that: a test on a slow machine doesn't run out of its three seconds.
    """

    def __init__(self, *, running: bool = True) -> None:
        self._stopped_at = None if running else time.time()
        self._ahead = 0.0

    def now(self) -> float:
        """Seconds since the epoch, UTC."""
        return (time.time() if self._stopped_at is None else self._stopped_at) + self._ahead

    def advance(self, seconds: float) -> None:
        """Let this many seconds pass at once."""
        self._ahead += seconds

    def stamp(self) -> str:
        """The time as ISO 8601 text, UTC."""
        return datetime.fromtimestamp(self.now(), UTC).isoformat(timespec="milliseconds")
