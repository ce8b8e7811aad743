"""Keeps a job's lease while its handler runs, and ends the handler in time where the lease can't be kept.

A replica that can't reach the database, or that stood still, doesn't know whether a peer has the job by now. So its
handler is ended before its lease is, by the clock of its own loop, whatever the database does meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from bot.errors import LeaseLost, PortcullisError, StoreError
from bot.store import Job, Store

_log = structlog.get_logger(__name__)

#: The part of a lease within which it has to be renewed. What is left is for the handler to end, and for clocks.
_KEPT_WITHIN = 0.75


class Heartbeat:
    """Renews one job's lease every so many seconds. `kept_at` is a time of the running loop before it was claimed."""

    def __init__(self, store: Store, job: Job, *, lease_seconds: float, renew_seconds: float, kept_at: float) -> None:
        self._store = store
        self._job = job
        self._lease_seconds = lease_seconds
        self._renew_seconds = renew_seconds
        self._kept_at = kept_at

    async def around(self, work: Awaitable[None]) -> None:
        """Wait for the work while renewing the lease. Raises LeaseLost, having cancelled the work, when it is lost."""
        working = asyncio.ensure_future(work)
        beating = asyncio.create_task(self._beat())
        try:
            await asyncio.wait({working, beating}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done() and not beating.result():
                raise LeaseLost(f"The lease of {self._job.kind} #{self._job.id} could not be kept.")
            await asyncio.wait({working})
            if working.cancelled():
                # Not from here: passed on as a cancellation, it would look like the worker being told to stop.
                raise PortcullisError(f"The handler of {self._job.kind} was cancelled from within.")
            working.result()
        finally:
            for task in (working, beating):
                task.cancel()
            await asyncio.gather(working, beating, return_exceptions=True)

    async def _beat(self) -> bool:
        """Renew until there is nothing left to renew (True: the handler has finished the job) or it fails (False)."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._renew_seconds)
            tried_at = loop.time()
            try:
                async with asyncio.timeout_at(self._kept_at + self._lease_seconds * _KEPT_WITHIN):
                    if not await self._renew():
                        return True
            except LeaseLost:
                return False
            except TimeoutError:
                _log.warning("jobs.lease_not_renewed_in_time", job=self._job.id, kind=self._job.kind)
                return False
            except StoreError as error:
                _log.warning("jobs.lease_not_renewed", job=self._job.id, kind=self._job.kind, error=str(error))
            else:
                self._kept_at = tried_at

    async def _renew(self) -> bool:
        """False: the job is finished. Raises LeaseLost and StoreError."""
        async with self._store.write() as uow:
            if await uow.jobs.get(self._job.id) is None:
                return False
            await uow.jobs.extend(self._job, now=self._store.clock(), lease_seconds=self._lease_seconds)
        return True
