"""Budgets of calls: how many a service takes in a while, shared by all who call it.

A budget is a bucket that holds `burst` calls and fills by `per_second`. It is kept as one number, the time at which the
bucket will be full again, so that taking and holding back are one short step wherever it is kept: in memory for one
process, in the database (`bot.store.shared_budgets`) for many. Times here are seconds of one clock, whichever it is.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

#: Calls that were granted and not made within so many seconds are given up: the service's own count went on meanwhile,
#: and it may have asked somebody else to wait.
GRANT_LASTS = 1.0

#: Nobody is held back for longer, in seconds, whatever a service asks for.
LONGEST_HOLD = 3600.0

#: A hair's breadth, so that a call isn't refused for what a sum of fractions lost.
ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many calls a service takes. Raises ValueError for a rate at which nothing could ever be called."""

    per_second: float
    burst: int  #: at once, after a pause

    def __post_init__(self) -> None:
        if self.per_second <= 0 or self.burst < 1:
            raise ValueError("a budget needs a rate above 0 and room for at least one call")

    def level(self, full_at: float, now: float) -> float:
        """How many calls are there now; below 0 while all are held back."""
        return self.burst - max(0.0, full_at - now) * self.per_second

    def granted(self, full_at: float, now: float, most: int, reserve: int) -> int:
        """How many of at most so many calls may be made now, if `reserve` calls are left for others."""
        return max(0, min(most, math.floor(self.level(full_at, now) - reserve + ROUNDING)))

    def taken(self, full_at: float, now: float, count: int) -> float:
        """When the bucket is full again after so many calls."""
        return max(full_at, now) + count / self.per_second

    def held(self, full_at: float, now: float, seconds: float) -> float:
        """When it is full again if no call is to be made for so many seconds; then they begin one by one."""
        return max(full_at, now + min(max(seconds, 0.0), LONGEST_HOLD) + (self.burst - 1) / self.per_second)

    def wait(self, full_at: float, now: float, reserve: int) -> float:
        """In how many seconds the next call may be made."""
        return max(0.0, (reserve + 1 - self.level(full_at, now)) / self.per_second)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The answer to whoever asks for calls."""

    count: int  #: so many may be made now
    wait: float  #: where none may: ask again in so many seconds


class Budgets(Protocol):
    """Where budgets are kept, by name. A name never seen is a full bucket."""

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0) -> Granted:
        """Take up to `most` calls, and leave `reserve` for those who are more important."""

    async def hold_back(self, name: str, rate: Rate, seconds: float) -> None:
        """Let nobody call for so many seconds, because the service asked for it."""

    def within(self, transaction: object) -> Budgets:
        """The same budgets, for whoever takes calls in a transaction of their own: undone with it where they are kept
        there."""


class BudgetsInMemory(Budgets):
    """The budgets of one process. `clock` gives seconds, and can be replaced, so that a test needs no time."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0) -> Granted:
        now = self._clock()
        full_at = self._full_at.get(name, now)
        count = rate.granted(full_at, now, most, reserve)
        if count:
            self._full_at[name] = rate.taken(full_at, now, count)
            return Granted(count=count, wait=0.0)
        return Granted(count=0, wait=rate.wait(full_at, now, reserve))

    async def hold_back(self, name: str, rate: Rate, seconds: float) -> None:
        now = self._clock()
        self._full_at[name] = rate.held(self._full_at.get(name, now), now, seconds)

    def within(self, transaction: object) -> Budgets:  # noqa: ARG002 - what is in memory is in none
        return self


class Turns:
    """One process's way to one budget: its callers go one after the other, in the order in which they came.

    While they come thick and fast, several calls are taken at a time, so that not each of them costs a look at where
    the budget is kept. `clock` and `wait` can be replaced, so that a test needs no time. One event loop only.
    """

    def __init__(
        self,
        budgets: Budgets,
        name: str,
        rate: Rate,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._budgets = budgets
        self._name = name
        self._rate = rate
        self._clock = clock
        self._wait = wait
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._left = 0
        self._granted_at = 0.0
        self._batch = 1
        self._most = max(1, round(rate.per_second / 4))

    async def take(self, *, patience: float) -> float:
        """Wait for a call. Returns 0.0 once it may be made, else for how many seconds none may: longer than `patience`
        seconds, so that waiting for it here is no use.
        """
        self._waiting += 1
        try:
            async with self._turn:
                while not self._take_one():
                    grant = await self._budgets.take(self._name, self._rate, most=max(self._waiting, self._batch))
                    self._left, self._granted_at = grant.count, self._clock()
                    if not grant.count:
                        if grant.wait > patience:
                            return grant.wait
                        await self._wait(grant.wait)
                return 0.0
        finally:
            self._waiting -= 1

    async def hold_back(self, seconds: float) -> None:
        """Let no replica call for so many seconds, because the service asked for it."""
        self._left, self._batch = 0, 1
        await self._budgets.hold_back(self._name, self._rate, seconds)

    def _take_one(self) -> bool:
        fresh = self._clock() - self._granted_at < GRANT_LASTS
        if self._left and fresh:
            self._left -= 1
            return True
        # Used up in time: more at once. Not even used up: what is taken and not called for is lost to the others.
        self._batch = min(self._batch * 2, self._most) if fresh else 1
        return False
