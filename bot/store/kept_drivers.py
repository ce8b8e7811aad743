"""Connections that a transaction has given back whole, for the next one.

To take one out of SQLAlchemy's pool and to give it back there costs more than what most transactions ask. So some stay
taken between two transactions, with their driver. The pool still does what it looks after: whatever is broken, old or
of another file goes back to it, and with one that is broken all that are kept.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.errors import StoreError
from bot.store.drivers import Driver, driver_of
from bot.store.failures import connection_errors

#: So many are kept. The pool counts them as taken, and has room for others.
_MOST = 8

#: One goes back to the pool after so many seconds, which opens anew what is old.
_LASTS = 600.0


class KeptDrivers:
    """The kept connections of one engine: who takes one has it alone, until it is kept again."""

    def __init__(self) -> None:
        self._idle: list[Driver] = []
        self._broken_at = float("-inf")  # by the loop's clock: what was taken before that isn't kept

    async def take(self, engine: AsyncEngine) -> Driver:
        """A kept connection, or one of the pool's. Raises what the driver does."""
        while self._idle:
            driver = self._idle.pop()
            if self._is_sound(driver) and _now() - driver.taken_at < _LASTS and driver.is_whole:
                return driver
            await _close(driver)
        began = _now()  # what breaks while it is on its way may have broken it too
        return driver_of(await engine.connect(), taken_at=began)

    def keep(self, driver: Driver) -> bool:
        """Keep a connection on which nothing is under way; False: it has to be given back to the pool."""
        if len(self._idle) >= _MOST or not self._is_sound(driver):
            return False
        self._idle.append(driver)
        return True

    async def let_go(self) -> None:
        """Give all back to the pool, also those that are still in use, once they are given back."""
        self._broken_at = _now()
        while self._idle:
            await _close(self._idle.pop())

    def _is_sound(self, driver: Driver) -> bool:
        return driver.taken_at > self._broken_at


async def _close(driver: Driver) -> None:
    with suppress(*connection_errors(StoreError)):  # it is of no use to anybody
        await driver.connection.close()


def _now() -> float:
    return asyncio.get_running_loop().time()
