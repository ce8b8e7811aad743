"""How often Slack is called: so many messages in a channel, so many updates in all, and the important ones first.

The budgets are shared by all replicas (`bot.budgets`). A call that finds its budget spent is not made: its job is put
off, holds no place meanwhile, and builds what it has to say anew when its turn comes, so that calls which wait become
one. Each rank of importance leaves a part of the budget to those above it: while calls are scarce, they wait for them.

Source: https://docs.slack.dev/apis/web-api/rate-limits
"""

from __future__ import annotations

import math
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from enum import IntEnum

from bot.budgets import Budgets, Rate
from bot.errors import SlackUnavailable, TryLater
from bot.store import UnitOfWork


class Importance(IntEnum):
    """What a call is for: the lower, the sooner."""

    DECISION = 0  #: a card that people have to decide on
    OUTCOME = 1  #: what became of a request, for whoever asked; alerts and answers
    STORY = 2  #: lines below a card, and cards of what is under way
    CONFIRMATION = 3  #: that all is still as it was said to be


#: Of each budget, so much is left to what is more important.
_RESERVED = {
    Importance.DECISION: 0.0,
    Importance.OUTCOME: 0.1,
    Importance.STORY: 0.25,
    Importance.CONFIRMATION: 0.4,
}

POST, UPDATE, PUBLISH = "chat.postMessage", "chat.update", "views.publish"
WHO, QUIET = "users.info", "dnd.info"

#: A message a second in a channel, "short bursts" apart; fifty updates a minute in the workspace, of which some are at
#: hand at once after a pause; of somebody's Home twice as many.
RATES = {
    POST: Rate(per_second=1.0, burst=4),
    UPDATE: Rate(per_second=0.75, burst=20),
    PUBLISH: Rate(per_second=1.5, burst=30),
    WHO: Rate(per_second=1.5, burst=20),
    QUIET: Rate(per_second=0.75, burst=20),
}
_BY_CHANNEL = frozenset({POST})

#: What is said of a job that waits for its turn: nothing is wrong with it.
_WAITS = {
    POST: "It waits for its turn: Slack takes a message a second in each channel.",
    UPDATE: "It waits for its turn: Slack takes fifty changes of messages a minute.",
    PUBLISH: "It waits for its turn: Slack takes a hundred changes of people's Homes a minute.",
    WHO: "It waits for its turn: Slack is asked a hundred times a minute who somebody is.",
    QUIET: "It waits for its turn: Slack is asked fifty times a minute who wants to be disturbed.",
}

#: A hair's breadth, in seconds, so that nobody loses a place for what a sum of fractions lost.
_ROUNDING = 1e-3

#: When somebody came again is kept for so long after that, in seconds: longer than any call takes of its budget.
_FORGOTTEN_AFTER = 10.0

#: By these codes Slack says that it was called too often.
_LIMITED = frozenset({"ratelimited", "rate_limited", "http_429"})


def _budget(method: str, channel: str) -> str:
    """What the budget of a method is called, in a channel where it goes by channel."""
    return f"slack:{method}:{channel}" if method in _BY_CHANNEL else f"slack:{method}"


class SlackPace:
    """The way of every call that Slack's rates can hold up. Without `budgets` nothing is held up.

    `clock` gives seconds, and can be replaced, so that a test needs no time.
    """

    def __init__(self, budgets: Budgets | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._budgets = budgets
        self._clock = clock
        #: When the last of those who were told to wait comes again, by budget and importance.
        self._last: dict[tuple[str, Importance], float] = {}
        #: When each of them does, by budget and need.
        self._places: dict[tuple[str, str], float] = {}

    @asynccontextmanager
    async def turn(self, method: str, channel: str, importance: Importance, *, need: str = "") -> AsyncIterator[None]:
        """Around one call of a method: to a channel or a person, where it goes by channel.

        `need` is what the call is for, by any name: who comes again for the same before their time keeps their place.

        Raises TryLater, before the block, when the call has to wait; and after it, when Slack asked for a wait, which
        all replicas keep to.
        """
        await self.take(method, channel, importance, need=need)
        async with self.calling(method, channel):
            yield

    async def take(
        self,
        method: str,
        channel: str,
        importance: Importance,
        *,
        need: str = "",
        within: UnitOfWork | None = None,
    ) -> None:
        """Take a call, for who makes it later: `calling` is then around it. Raises TryLater as `turn` does.

        Where budgets are kept in the database, it is taken `within` a transaction of the caller's, and with it undone.
        """
        rate = RATES.get(method)
        if self._budgets is None or rate is None:
            return
        name = _budget(method, channel)
        budgets = self._budgets if within is None else self._budgets.within(within)
        granted = await budgets.take(name, rate, reserve=math.ceil(rate.burst * _RESERVED[importance]))
        if not granted.count:
            raise TryLater(self._wait(name, need, rate, importance, granted.wait), _WAITS[method])
        self._places.pop((name, need), None)

    @asynccontextmanager
    async def calling(self, method: str, channel: str) -> AsyncIterator[None]:
        """Around a call that was taken. Raises TryLater after the block, as `turn` does."""
        rate = RATES.get(method)
        try:
            yield
        except SlackUnavailable as error:
            if self._budgets is None or rate is None or not error.retry_after or error.code not in _LIMITED:
                raise
            await self._budgets.hold_back(_budget(method, channel), rate, error.retry_after)
            raise TryLater(error.retry_after, error.what) from error

    def _wait(self, name: str, need: str, rate: Rate, importance: Importance, wait: float) -> float:
        """In how many seconds to come again: one after the other, behind those who are as important or more so."""
        now = self._clock()
        ahead = max(self._last.get((name, rank), 0.0) for rank in Importance if rank <= importance)
        at = max(now + wait, ahead + 1 / rate.per_second)
        self._places = {known: kept for known, kept in self._places.items() if kept > now}
        # There are as many channels as people: nothing is kept of those in which nobody waits any more.
        self._last = {known: last for known, last in self._last.items() if last > now - _FORGOTTEN_AFTER}
        place = self._places.get((name, need))
        if place is not None and now + wait <= place + _ROUNDING and place <= at:
            return max(place - now, wait)
        self._last[name, importance] = at
        if need:
            self._places[name, need] = at
        return at - now
