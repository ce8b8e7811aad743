"""What somebody waits for who has to be answered within seconds: until when, and what became of it.

Whoever answers a delivery says so around the whole of it. Each transaction in the block then ends in time, and what it
came to is noted by the delivery's key, so that a failure is told as what it is: nothing was recorded, or all was and
only the rest failed, or nobody can tell yet. Everybody else's transactions give way to theirs meanwhile, for a while.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum
from typing import Any

#: How the keys of what is only noted of a delivery begin: that it was refused, or answered.
NOTES = ("refused:", "limited:", "reply:")


class RecordState(Enum):
    """What became of what somebody wanted recorded."""

    NOTHING = "nothing"  #: for certain
    ALL = "all"  #: for certain
    UNKNOWN = "unknown"  #: it was sent to the database, and no answer has come


class Awaited:
    """One delivery whose person waits. `ends` is by the clock of the running loop."""

    def __init__(self, key: str, *, within: float) -> None:
        self.key = key
        began = asyncio.get_running_loop().time()
        self.ends = began + within
        #: Since when there has always been somebody who waits.
        self.unquiet_since: float = next((each.unquiet_since for each in _UNDER_WAY), began)
        #: Tasks that were begun meanwhile, and go on when it is over, have their own time.
        self.task = asyncio.current_task()
        self._sent: list[Collection[str]] = []
        self._claimed: set[str] = set()
        self._recorded = False

    @property
    def left(self) -> float:
        """The seconds that are left, none or more."""
        return max(0.0, self.ends - asyncio.get_running_loop().time())

    @property
    def recorded(self) -> RecordState:
        """What is known by now."""
        if self._recorded:
            return RecordState.ALL
        return RecordState.NOTHING if self.doubtful is None else RecordState.UNKNOWN

    @property
    def doubtful(self) -> str | None:
        """The key of a delivery by which it can be looked up what became of it; None: there is no doubt."""
        return None if self._recorded else next((key for keys in self._sent for key in keys if _is_work(key)), None)

    def has_claimed(self, key: str) -> bool:
        """Whether a transaction that was the first to have this key of a delivery was committed, for certain."""
        return key in self._claimed

    def committing(self, keys: Collection[str]) -> None:
        """A transaction that claimed these keys of deliveries is sent to be committed."""
        if keys:
            self._sent.append(keys)

    def committed(self, keys: Collection[str], *, done: bool) -> None:
        """What came of it, for certain."""
        if keys in self._sent:
            self._sent.remove(keys)
        if done:
            self._claimed.update(keys)
        self._recorded = self._recorded or (done and any(_is_work(key) for key in keys))


#: So long who isn't awaited gives way in a row, in seconds; then it goes on beside the others for as long, and so on.
GIVEN_WAY = 0.5

#: Those that are under way, and who waits for there to be none.
_UNDER_WAY: set[Awaited] = set()
_WAIT_FOR_QUIET: set[asyncio.Future[None]] = set()


async def quiet() -> None:
    """Let those be answered first who are awaited: until there are none, for half a second at most. Where there have
    been some without a pause for longer, every other half second: nobody waits for ever. What is itself done for one of
    them waits for nobody, nor what is done `at_once`. What was begun for one, and goes on once they are answered, gives
    way like all else.
    """
    if not _UNDER_WAY or _CURRENT.get() in _UNDER_WAY or _is_at_once():
        return
    loop = asyncio.get_running_loop()
    lasted = (loop.time() - next(iter(_UNDER_WAY)).unquiet_since) % (2 * GIVEN_WAY)
    if lasted >= GIVEN_WAY:
        return
    waiting = loop.create_future()
    _WAIT_FOR_QUIET.add(waiting)
    try:
        await asyncio.wait({waiting}, timeout=GIVEN_WAY - lasted)
    finally:
        _WAIT_FOR_QUIET.discard(waiting)


def _answered(waiting: Awaited) -> None:
    _UNDER_WAY.discard(waiting)
    if not _UNDER_WAY:
        for each in _WAIT_FOR_QUIET:
            if not each.done():
                each.get_loop().call_soon_threadsafe(_let_go_on, each)


def _let_go_on(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)


def _is_work(key: str) -> bool:
    return not key.startswith(NOTES)


_CURRENT: ContextVar[Awaited | None] = ContextVar("awaited", default=None)
#: The task that gives way to nobody. Those that it begins meanwhile have this too, and aren't it.
_AT_ONCE: ContextVar[asyncio.Task[Any] | None] = ContextVar("at_once", default=None)


@contextmanager
def at_once() -> Iterator[None]:
    """Have what this task does in the block give way to nobody: whoever is awaited may be waiting for just that.

    A task that is begun in the block goes on after it, and gives way like any other.
    """
    token = _AT_ONCE.set(asyncio.current_task())
    try:
        yield
    finally:
        _AT_ONCE.reset(token)


def _is_at_once() -> bool:
    task = _AT_ONCE.get()
    return task is not None and task is asyncio.current_task()


@contextmanager
def awaited(key: str, *, within: float) -> Iterator[Awaited]:
    """Have whatever this task does in the block done `within` so many seconds, for a delivery that has this key."""
    waiting = Awaited(key, within=within)
    token = _CURRENT.set(waiting)
    _UNDER_WAY.add(waiting)
    try:
        yield waiting
    finally:
        _CURRENT.reset(token)
        _answered(waiting)


@contextmanager
def hurried(within: float | None) -> Iterator[None]:
    """Have what this task does in the block done `within` so many seconds, where that is sooner than it is awaited: so
    that some time is left for what has to follow. Without a number, or where nobody waits, nothing is different."""
    waiting = current()
    if waiting is None or within is None:
        yield
        return
    ends = waiting.ends
    waiting.ends = min(ends, asyncio.get_running_loop().time() + within)
    try:
        yield
    finally:
        waiting.ends = ends


def current() -> Awaited | None:
    """What the running task is awaited for; None: nobody waits, or not for this task."""
    waiting = _CURRENT.get()
    return waiting if waiting is not None and waiting.task is asyncio.current_task() else None
