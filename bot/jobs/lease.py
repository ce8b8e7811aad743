"""Keeps a job's lease while its handler runs, and ends the handler when the lease can't be kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

import structlog

from bot.errors import LeaseLost, PortcullisError, StoreError
from bot.store import Job, Store

_log = structlog.get_logger(__name__)

#: Renewed so many times within a lease, so that one failure doesn't lose it.
_RENEWALS = 3


class Heartbeat:
    """Renews one job's lease."""

    def __init__(self, store: Store, job: Job, *, lease_seconds: float) -> None:
        self._store = store
        self._job = job
        self._lease_seconds = lease_seconds

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
        clock = asyncio.get_running_loop().time
        kept_at = clock()
        while True:
            await asyncio.sleep(self._lease_seconds / _RENEWALS)
            try:
                async with self._store.write() as uow:
                    if await uow.jobs.get(self._job.id) is None:
                        return True
                    await uow.jobs.extend(self._job, now=self._store.clock(), lease_seconds=self._lease_seconds)
            except LeaseLost:
                return False
            except StoreError as error:
                _log.warning("jobs.lease_not_renewed", job=self._job.id, kind=self._job.kind, error=str(error))
                if clock() - kept_at >= self._lease_seconds:
                    return False
            else:
                kept_at = clock()
