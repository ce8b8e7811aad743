"""Keeps the leases of a worker's jobs until their ends are recorded, and ends a handler whose lease can't be kept.

A replica that can't reach the database, or that stood still, doesn't know whether a peer has its jobs by now. So a
handler is ended before its lease is, by the clock of its own loop, whatever the database does meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import structlog

from bot.errors import LeaseLost, PortcullisError, StoreError
from bot.store import Job, Lease, Store

_log = structlog.get_logger(__name__)

#: The part of a lease within which it has to be renewed. What is left is for the handler to end, and for clocks.
_KEPT_WITHIN = 0.75

#: A lease is renewed so many times within its length, so that one failure doesn't lose it.
_RENEWALS = 4

#: Where giving or renewing takes long, a lease is so many times as long, and so many seconds at most.
_TIMES, _LONGEST = 6.0, 30.0

#: The part of what was slow that is left of it after each that was quick.
_KEPT_IN_MIND = 0.95

#: So long a job is waited for whose own handler holds it, in seconds: many times as long as its transactions take.
_PATIENCE = 1.0

#: The part of the time between two renewals after which those are looked at again that were busy.
_SOON = 0.25


@dataclass(slots=True)
class LeaseLength:
    """How long a lease is, in seconds: `shortest`, and longer where the database is slow to give and renew them.

    On a machine that has too much to do a short lease would end before it can be renewed, each time anew. A database
    that is away or refuses is not slow: a longer lease would outlast no outage, and would only keep peers waiting
    afterwards. So only what came to an end is noted.
    """

    shortest: float
    _took: float = 0.0

    @property
    def seconds(self) -> float:
        return max(self.shortest, min(_LONGEST, _TIMES * self._took))

    def note(self, took: float) -> None:
        """Note how long it took to give or to renew some: what was slow counts for less with each that was quick."""
        self._took = max(took, self._took * _KEPT_IN_MIND)

    def note_lost(self, lease_seconds: float) -> None:
        """Note that a lease could not be kept: the next ones are twice as long, for a while."""
        self.note(2 * lease_seconds / _TIMES)


@dataclass(slots=True)
class _Claim:
    """A job that the worker has. `kept_at` is a time of the running loop at which its lease was not yet renewed."""

    job: Job
    kept_at: float
    lease_seconds: float
    is_over: bool = False  #: its handler has finished the job, and there is nothing left to keep
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ends_at(self) -> float:
        """When its handler is ended, unless the lease is renewed before."""
        return self.kept_at + self.lease_seconds * _KEPT_WITHIN

    def note(self, found: Lease, began: float, lease_seconds: float) -> bool:
        """Note what was found when it was to be renewed for so long, which `began` at a time of the running loop; False
        where nothing is known, as it was held."""
        match found:
            case Lease.RENEWED:
                self.kept_at, self.lease_seconds = began, lease_seconds
            case Lease.FINISHED:
                self.is_over = True
            case Lease.LOST:
                self.lost.set()
            case Lease.BUSY:
                return False
        return True


@dataclass(frozen=True, slots=True)
class KeptLease:
    """The lease of one job, while it is kept."""

    _claim: _Claim
    _until_lost: Callable[[_Claim], Coroutine[None, None, None]]

    async def around(self, work: Awaitable[None]) -> None:
        """Wait for the work for as long as the lease is kept. What is recorded afterwards is refused by the database
        where it is lost by then.

        Raises LeaseLost, having cancelled the work, when the lease is lost.
        """
        job = self._claim.job
        working = asyncio.ensure_future(work)
        losing = asyncio.create_task(self._until_lost(self._claim))
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise LeaseLost(f"The lease of {job.kind} #{job.id} could not be kept.")
            if working.cancelled():
                # Not from here: passed on as a cancellation, it would look like the worker being told to stop.
                raise PortcullisError(f"The handler of {job.kind} was cancelled from within.")
            working.result()
        finally:
            for task in (working, losing):
                task.cancel()
            await asyncio.gather(working, losing, return_exceptions=True)


class Leases:
    """The leases of all jobs that one worker has: they are renewed together, every so many seconds."""

    def __init__(self, store: Store, *, lease_seconds: float, renew_seconds: float | None = None) -> None:
        self._store = store
        self.length = LeaseLength(lease_seconds)
        self._renew_seconds = renew_seconds
        self._claims: dict[int, _Claim] = {}
        self._is_refused = False  #: the last renewal failed, as while the database is away
        self._renewing: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def kept(self, job: Job, *, kept_at: float, lease_seconds: float) -> AsyncIterator[KeptLease]:
        """Have the job's lease renewed in the block. `kept_at` is a time of the running loop before its claim, and
        `lease_seconds` what it was claimed for."""
        claim = _Claim(job, kept_at, lease_seconds)
        self._claims[job.id] = claim
        if self._renewing is None:
            self._renewing = asyncio.create_task(self._renew_again_and_again())
        try:
            yield KeptLease(claim, self._until_lost)
        finally:
            del self._claims[job.id]
            if not self._claims and self._renewing is not None:
                renewing, self._renewing = self._renewing, None
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)

    async def _until_lost(self, claim: _Claim) -> None:
        """Wait until the lease is lost, or nearly so; for ever where it is kept to the end."""
        while not claim.lost.is_set():
            until = None if claim.is_over else claim.ends_at
            try:
                async with asyncio.timeout_at(until):
                    await claim.lost.wait()
            except TimeoutError:
                # It may have been renewed, or be over, since this wait began.
                if not claim.is_over and until == claim.ends_at:
                    if not self._is_refused:
                        self.length.note_lost(claim.lease_seconds)
                    _log.warning("jobs.lease_not_renewed_in_time", job=claim.job.id, kind=claim.job.kind)
                    return

    async def _renew_again_and_again(self) -> None:
        loop = asyncio.get_running_loop()
        any_busy = False
        while True:
            pause = self._renew_seconds or self.length.seconds / _RENEWALS
            await asyncio.sleep(pause * (_SOON if any_busy else 1))
            began = loop.time()
            self._is_refused = False
            try:
                async with asyncio.timeout(self.length.seconds * _KEPT_WITHIN):
                    any_busy = await self._renew()
            except StoreError as error:
                _log.warning("jobs.leases_not_renewed", jobs=[*self._claims], error=str(error))
                self._is_refused = True
                continue
            except TimeoutError:
                _log.warning("jobs.leases_not_renewed", jobs=[*self._claims], error="no answer in time")
            self.length.note(loop.time() - began)

    async def _renew(self) -> bool:
        """Whether one of them is to be looked at again soon. Raises StoreError."""
        held = await self._renew_these([claim for claim in self._claims.values() if not claim.is_over])
        return not all(await asyncio.gather(*map(self._renew_held, held)))

    async def _renew_held(self, claim: _Claim) -> bool:
        """Renew one that its own handler holds, once it lets go: a handler that has one transaction after the other
        would hardly ever be found in between. Whether it did.
        """
        try:
            return not await self._renew_these([claim], patience=_PATIENCE)
        except StoreError as error:
            _log.info("jobs.lease_not_renewed_yet", job=claim.job.id, kind=claim.job.kind, error=str(error))
            return False

    async def _renew_these(self, claims: Sequence[_Claim], *, patience: float = 0.0) -> list[_Claim]:
        """Those of some that were held, and are not renewed. Raises StoreError."""
        if not claims:
            return []
        began, lease_seconds = asyncio.get_running_loop().time(), self.length.seconds
        jobs = [claim.job for claim in claims]
        async with self._store.write() as uow:
            now = self._store.clock()
            found = await uow.jobs.renew(jobs, now=now, lease_seconds=lease_seconds, patience=patience)
        return [claim for claim in claims if not claim.note(found[claim.job.id], began, lease_seconds)]
