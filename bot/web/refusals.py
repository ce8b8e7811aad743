"""What is refused at the edge, in the log: the first of a kind at once, the others as a count now and then.

Whoever can reach the port can send what is refused, thousands of times a second; the log is for those who run the bot.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import structlog

_log = structlog.get_logger(__name__)

#: Seconds from one line about a kind of refusal to the next.
EVERY = 10.0


class RefusalLog:
    """Tells of refusals. Nothing that whoever sent them chose goes into the log."""

    def __init__(self, *, every: float = EVERY) -> None:
        self._every = every
        self._more = Counter[str]()
        self._told: set[str] = set()

    def refused(self, why: str) -> None:
        """Tell of one refusal; `why` is one of a few fixed sentences."""
        if why in self._told:
            self._more[why] += 1
            return
        self._told.add(why)
        _log.warning(why)
        asyncio.get_running_loop().call_later(self._every, self._tell_of_more, why)

    def _tell_of_more(self, why: str) -> None:
        if more := self._more.pop(why, 0):
            _log.warning(why, more=more, seconds=self._every)
            asyncio.get_running_loop().call_later(self._every, self._tell_of_more, why)
        else:
            self._told.discard(why)
