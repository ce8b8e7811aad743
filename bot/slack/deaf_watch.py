"""Has the alert channel told that no delivery comes by Socket Mode, and brings that message up to date afterwards.

A short break between two connections is no news. Each longer one is told once: what is told is written down first, so
that a process that is started anew, or another one, can say that it is over.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import StoreError
from bot.store import Store
from bot.store.socket_outages import SocketOutage
from bot.workflow.shared.alerts import alert_of_socket

_log = structlog.get_logger(__name__)

#: After so many seconds without a connection it is told.
TOLD_AFTER = 60.0

#: How often it is looked, in seconds.
LOOK_EVERY = 5.0

#: While all is well, how often it is looked whether others have left something lasting, in seconds.
_OTHERS_EVERY = 60.0


class Hears(Protocol):
    """What the watch has to know of a Socket Mode connection."""

    @property
    def is_connected(self) -> bool: ...

    @property
    def deaf_for(self) -> float: ...


class DeafWatch:
    """Watches one process's connection. `process` is its name, for people.

    A process doesn't outlive `ends_after` seconds without a connection: what lasts for longer in the records is over.
    """

    def __init__(self, connection: Hears, store: Store, *, process: str, ends_after: float) -> None:
        self._connection = connection
        self._store = store
        self._process = process
        self._ends_after = timedelta(seconds=ends_after)
        self._own: int | None = None  #: the outage that lasts
        self._began_at: datetime | None = None  #: when it began, also where it isn't known to be on record
        self._looked_at: float | None = None  #: when it was last looked after others', by the loop's clock

    async def look(self) -> None:
        """Write down what has changed, and have it told. Raises StoreError: the next look does it."""
        if self._connection.is_connected:
            await self._end()
            self._began_at = None
        elif self._own is None and self._connection.deaf_for >= TOLD_AFTER:
            # The same at each look, so that it is one outage although nobody could tell whether it was written down.
            began_at = self._began_at or self._store.clock() - timedelta(seconds=self._connection.deaf_for)
            self._began_at = began_at
            async with self._store.write() as uow:
                number = await uow.socket_outages.begin(self._process, at=began_at)
                await alert_of_socket(uow, number)
            self._own = number
            _log.error("no Socket Mode connection: the alert channel is told", since=began_at.isoformat())

    async def _end(self) -> None:
        now = asyncio.get_running_loop().time()
        looked_lately = self._looked_at is not None and now - self._looked_at < _OTHERS_EVERY
        if self._own is None and self._began_at is None and looked_lately:
            return
        async with self._store.read() as uow:
            over = [outage for outage in await uow.socket_outages.lasting() if self._is_over(outage)]
        if over:
            async with self._store.write() as uow:
                for outage in over:
                    if await uow.socket_outages.end(outage.id, at=self._store.clock()):
                        await alert_of_socket(uow, outage.id)
        self._own, self._looked_at = None, now

    def _is_over(self, outage: SocketOutage) -> bool:
        """Our own is, and whatever was a process's that has ended by now."""
        if outage.id == self._own or (outage.process, outage.began_at) == (self._process, self._began_at):
            return True
        if self._store.is_for_one_process:
            return True
        return self._store.clock() - outage.began_at > self._ends_after + timedelta(seconds=TOLD_AFTER)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set. A database that can't be used is tried again."""
        while not stop.is_set():
            try:
                await self.look()
            except StoreError as error:
                _log.warning("a lost connection could not be recorded", error=str(error))
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await stop.wait()
            except TimeoutError:
                pass
