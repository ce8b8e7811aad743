"""Takes jobs from the outbox by lease, runs their handlers, and records how each of them ended."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import TypeAlias

import structlog

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.errors import LeaseLost, PortcullisError, StoreError, TryLater
from bot.jobs.backoff import Backoff
from bot.jobs.endings import Endings, record, record_alone, settle
from bot.jobs.lease import KeptLease, Leases
from bot.metrics import Metrics
from bot.reference import new_reference, referenced
from bot.store import Job, JobLane, Store, UnitOfWork

#: Does a job. It may finish the job itself, in the transaction that records the outcome (`uow.jobs.finish(job)`);
#: otherwise the worker finishes it afterwards. It begins each transaction with `uow.jobs.hold(job)`.
Handler: TypeAlias = Callable[[Job], Awaitable[None]]

#: Tells people of a job that was given up: in the transaction that marks it dead, with the error's text.
OnDead: TypeAlias = Callable[[UnitOfWork, Job, str], Awaitable[None]]

_log = structlog.get_logger(__name__)

#: Between two takings of jobs so much time passes at least, in seconds: what is due by then is taken together, for all
#: places that are free by then.
_BETWEEN = 0.01

#: Counted in place of a kind that this version doesn't know: what a row says may be anything.
_UNKNOWN = "unknown"


class AttemptOutcome(StrEnum):
    """How an attempt of a job ended, as it is counted. One that was told to stop isn't counted."""

    DONE = "done"
    LATER = "later"  #: nothing failed: its time had not come
    FAILED = "failed"  #: it is tried again
    DEAD = "dead"  #: it was given up
    LEASE_LOST = "lease_lost"  #: somebody else may have it
    NOT_RECORDED = "not_recorded"  #: the database didn't take how it ended


class Worker:
    """Runs jobs until it is told to stop, of each lane as many at once as it has places.

    A lane that is full, because whatever its jobs call doesn't answer, keeps no other lane's jobs waiting. Without
    `lanes` all jobs are in one, of `concurrency` places.

    The leases of all its jobs are renewed together until it is recorded how they ended, every `renew_seconds` or four
    times within a lease; a worker that dies lets its leases run out after `lease_seconds`, or longer where the database
    is slow, and a peer takes the jobs over. A handler whose lease can't be renewed is ended before that. A handler that
    fails is run again after `backoff` of how often it has failed since a process last ended in the midst of it, or
    after as long as the error's `retry_after` says if that is longer; after `max_attempts`, however each of them ended,
    the job is dead: that is an event in the audit log, and `on_dead` is called.
    """

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        name: str,
        lanes: Sequence[JobLane] = (),
        concurrency: int = 4,
        lease_seconds: float = 30,
        renew_seconds: float | None = None,
        poll_seconds: float = 1.0,
        backoff: Callable[[int], float] | None = None,
        max_attempts: int = 20,
        on_dead: OnDead | None = None,
        drain_seconds: float = 10,
        metrics: Metrics | None = None,
    ) -> None:
        self._store = store
        self._handlers = handlers
        self._name = name
        self._lanes = tuple(lanes) or (JobLane(name="all", places=concurrency),)
        self._leases = Leases(store, lease_seconds=lease_seconds, renew_seconds=renew_seconds)
        self._poll_seconds = poll_seconds
        self._backoff = backoff or Backoff()
        self._max_attempts = max_attempts
        self._on_dead = on_dead
        self._drain_seconds = drain_seconds
        self._metrics = metrics or Metrics()
        self._wakeup = asyncio.Event()
        #: What runs, with the number of its job and its lane.
        self._running: dict[asyncio.Task[None], tuple[int, str]] = {}
        self._endings = Endings()
        self._goes_round = False  #: jobs are taken again and again, and those that are done are recorded on the way

    def wake(self) -> None:
        """Look for jobs now instead of at the next poll."""
        self._wakeup.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then let what runs end within `drain_seconds`, and give the rest back."""
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self.wake())
        self._store.on_enqueued.append(self.wake)
        self._goes_round = True
        try:
            while not stop.is_set():
                self._wakeup.clear()
                began = asyncio.get_running_loop().time()
                # Whatever makes more of them due, and each place that is free again, wakes the next taking.
                await self._start_jobs()
                await self._wait(not_before=began + _BETWEEN)
            self._goes_round = False
            await record_alone(self._store, self._endings.taken())
            if self._running:
                await asyncio.wait([*self._running], timeout=self._drain_seconds)
        finally:
            self._goes_round = False
            self._store.on_enqueued.remove(self.wake)
            stopping.cancel()
            for task in [*self._running]:
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def run_due(self) -> int:
        """Run every job that is due, and those that they queue to run at once, to the end; how many ran."""
        ran = 0
        while started := await self._start_jobs():
            ran += started
            await asyncio.gather(*self._running)
        return ran

    async def _wait(self, *, not_before: float) -> None:
        try:
            async with asyncio.timeout(self._poll_seconds):
                await self._wakeup.wait()
        except TimeoutError:
            pass
        if (left := not_before - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(left)

    async def _start_jobs(self) -> int:
        """Take what is due of each lane that has a free place, and record what is done; how many were taken."""
        endings = self._endings.taken()
        done = {ending.job.id for ending in endings}
        taken = Counter(lane for job_id, lane in self._running.values() if job_id not in done)
        free = [(lane, lane.places - taken[lane.name]) for lane in self._lanes if taken[lane.name] < lane.places]
        if not free:
            await record_alone(self._store, endings)
            return 0
        found: list[tuple[Job, str]] = []
        loop = asyncio.get_running_loop()
        asked_at, lease_seconds = loop.time(), self._leases.length.seconds
        own = [job_id for job_id, _ in self._running.values()]
        try:
            async with self._store.read() as uow:
                due = await uow.jobs.kinds_due(self._store.clock(), but=own)
            wanted = [(lane, places) for lane, places in free if lane.takes_any(due)]
            if not wanted:
                await record_alone(self._store, endings)
                return 0
            async with self._store.write() as uow:
                await record(uow, endings)
                for lane, places in wanted:
                    jobs = await uow.jobs.claim(
                        self._name, self._store.clock(), lease_seconds, places, lane=lane, but=own
                    )
                    found += [(job, lane.name) for job in jobs]
        except StoreError as error:
            _log.warning("jobs.claim_failed", error=str(error))
            # What can't be taken keeps nothing from being recorded: it would be done again.
            await record_alone(self._store, endings)
            return 0
        settle(endings)
        self._leases.length.note(loop.time() - asked_at)
        for job, lane_name in found:
            work = self._run_and_record(job, asked_at, lease_seconds)
            task = asyncio.create_task(work, name=f"{job.kind}#{job.id}")
            self._running[task] = (job.id, lane_name)
            task.add_done_callback(self._ended)
        return len(found)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.pop(task, None)
        self.wake()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("jobs.not_settled", task=task.get_name(), exc_info=error)

    async def _run_and_record(self, job: Job, claimed_at: float, lease_seconds: float) -> None:
        """Run a job, and record how it ended. What can't be recorded is left to the lease: it runs out."""
        with referenced(job.reference or new_reference()):
            self._metrics.job(
                job.kind if job.kind in self._handlers else _UNKNOWN, await self._ran(job, claimed_at, lease_seconds)
            )

    async def _ran(self, job: Job, claimed_at: float, lease_seconds: float) -> AttemptOutcome:
        # A taking of jobs, with which it is recorded, can last longer than what is left of the lease by then.
        async with self._leases.kept(job, kept_at=claimed_at, lease_seconds=lease_seconds) as lease:
            return await self._ran_within(lease, job)

    async def _ran_within(self, lease: KeptLease, job: Job) -> AttemptOutcome:
        log = _log.bind(job=job.id, kind=job.kind, attempt=job.attempts)
        try:
            try:
                await self._handle(job, lease)
            except asyncio.CancelledError:
                await self._release(job)
                raise
            except LeaseLost:
                raise
            except TryLater as later:
                await self._again(job, seconds=later.seconds, why=later.what, counts=False)
                return AttemptOutcome.LATER
            except Exception as error:
                log.warning("jobs.failed", error=_told(error), exc_info=not isinstance(error, PortcullisError))
                return await self._failed(job, error)
            else:
                await self._finish(job)
                return AttemptOutcome.DONE
        except LeaseLost as lost:
            log.info("jobs.lease_lost", error=str(lost))
            return AttemptOutcome.LEASE_LOST
        except StoreError as error:
            log.warning("jobs.outcome_not_recorded", error=str(error))
            return AttemptOutcome.NOT_RECORDED
        finally:
            self._store.finished.discard(job.id)

    async def _handle(self, job: Job, lease: KeptLease) -> None:
        if job.attempts > self._max_attempts:
            raise PortcullisError("The job ended its worker, or outlasted its lease, at each attempt.")
        handler = self._handlers.get(job.kind)
        if handler is None:
            raise PortcullisError(f"This version has no handler for {job.kind}.", "Run the same version everywhere.")
        await lease.around(handler(job))

    async def _finish(self, job: Job) -> None:
        if job.id in self._store.finished:
            return  # by its handler, as it may: there is nothing left to do
        ending = self._endings.add(job)
        if self._goes_round:
            self.wake()
        else:
            await record_alone(self._store, self._endings.taken())
        await ending.recorded

    async def _release(self, job: Job) -> None:
        try:
            async with self._store.write() as uow:
                await uow.jobs.release(job)
        except StoreError as error:
            _log.info("jobs.not_released", job=job.id, kind=job.kind, error=str(error))

    async def _failed(self, job: Job, error: Exception) -> AttemptOutcome:
        if job.attempts >= self._max_attempts:
            await self._mark_dead(job, _told(error))
            return AttemptOutcome.DEAD
        asked = getattr(error, "retry_after", None)
        await self._again(
            job, seconds=max(self._backoff(job.failures + 1), asked or 0.0), why=_told(error), counts=True
        )
        return AttemptOutcome.FAILED

    async def _again(self, job: Job, *, seconds: float, why: str, counts: bool) -> None:
        run_at = self._store.clock() + timedelta(seconds=seconds)
        async with self._store.write() as uow:
            await uow.jobs.retry(job, run_at, why, counts=counts)
        # Not at the poll after that: somebody may be waiting.
        asyncio.get_running_loop().call_later(seconds, self.wake)

    async def _mark_dead(self, job: Job, error: str) -> None:
        try:
            await self._mark_dead_and_tell(job, error, self._on_dead)
        except StoreError:
            raise
        except Exception:  # noqa: BLE001 - the job is dead even where nobody can be told
            _log.exception("jobs.on_dead_failed", job=job.id, kind=job.kind)
            await self._mark_dead_and_tell(job, error, None)

    async def _mark_dead_and_tell(self, job: Job, error: str, on_dead: OnDead | None) -> None:
        async with self._store.write() as uow:
            await uow.jobs.mark_dead(job, error)
            if on_dead is not None:
                await on_dead(uow, job, error)
            request_id = job.payload.get("request_id")
            await uow.audit.append(
                EventKind.JOB_DEAD,
                actor=PORTCULLIS,
                target=f"job #{job.id} {job.kind}",
                request_id=request_id if isinstance(request_id, int) else None,
                payload={"job": job.id, "kind": job.kind, "attempts": job.attempts, "error": error},
                at=self._store.clock(),
            )
        _log.error("jobs.dead", job=job.id, kind=job.kind, attempts=job.attempts, error=error)


def _told(error: Exception) -> str:
    """What may be kept of an error: an unexpected one's text may hold anything, so only its name."""
    return str(error) if isinstance(error, PortcullisError) else f"{type(error).__name__} (the log has the cause)"
