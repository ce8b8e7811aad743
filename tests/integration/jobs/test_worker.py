"""The worker: what it does with each way in which a handler can end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

import bot.jobs.worker
import bot.store.queue
from bot.domain.auditing.events import EventKind
from bot.errors import LeaseLost, PortcullisError, SlackUnavailable, StoreError, Throttled, TryLater
from bot.jobs import Worker
from bot.metrics import Metrics
from bot.reference import REFERENCE, current_reference, referenced
from bot.store import AuditFilter, Job, JobLane, Store, UnitOfWork
from bot.store.jobs_seen import JobsSeen
from tests.integration.databases import Clock

BACKOFF = 10.0


def worker(store: Store, handler: Callable[[Job], Awaitable[None]], **options: Any) -> Worker:  # noqa: ANN401
    settings: dict[str, Any] = {"name": "one", "backoff": lambda failures: BACKOFF * failures, "max_attempts": 3}
    return Worker(store, {"work": handler}, **(settings | options))


async def enqueue(store: Store, kind: str = "work", **options: Any) -> None:  # noqa: ANN401
    async with store.write() as uow:
        await uow.jobs.enqueue(kind, {"request_id": 7}, **options)


async def waiting(store: Store) -> list[Job]:
    async with store.read() as uow:
        return await uow.jobs.waiting()


async def dead(store: Store) -> list[Job]:
    async with store.read() as uow:
        return await uow.jobs.dead()


def counts(metrics: Metrics) -> dict[tuple[str, str], float]:
    """By kind and outcome, how many attempts were counted."""
    [family] = [family for family in metrics.registry.collect() if family.name == "portcullis_jobs"]
    return {(sample.labels["kind"], sample.labels["outcome"]): sample.value for sample in family.samples}


def raising(error: BaseException) -> Callable[[Job], Awaitable[None]]:
    async def handler(job: Job) -> None:
        raise error

    return handler


async def test_a_job_is_handled_and_finished(store: Store) -> None:
    seen: list[Job] = []

    async def handler(job: Job) -> None:
        seen.append(job)

    await enqueue(store)
    assert await worker(store, handler).run_due() == 1
    assert [job.payload for job in seen] == [{"request_id": 7}]
    assert await waiting(store) == []


async def test_a_handler_may_finish_its_job_with_its_outcome(store: Store) -> None:
    async def handler(job: Job) -> None:
        async with store.write() as uow:
            await uow.jobs.hold(job)
            await uow.jobs.enqueue("next", {})
            await uow.jobs.finish(job)

    await enqueue(store)
    await worker(store, handler, max_attempts=99).run_due()
    [left] = await waiting(store)
    assert left.kind == "next"
    assert "no handler for next" in left.error
    assert not store.finished, "whoever ran it has taken note"


async def test_a_handler_that_ends_a_job_which_somebody_else_has_ends_nothing(store: Store) -> None:
    """What it has done stands, and the job is its new holder's."""
    ended: list[bool] = []

    async def handler(job: Job) -> None:
        async with store.write() as uow:
            ended.append(await uow.jobs.end(replace(job, fence=job.fence - 1)))
            await uow.jobs.enqueue("next", {}, run_at=store.clock() + timedelta(days=1))
            ended.append(await uow.jobs.end(job))

    await enqueue(store)
    await worker(store, handler).run_due()
    assert ended == [False, True]
    assert [job.kind for job in await waiting(store)] == ["next"]


@pytest.mark.parametrize(
    ("error", "seconds", "attempts"),
    [
        (PortcullisError("Something is wrong."), BACKOFF, 1),
        (ValueError("with a secret in it"), BACKOFF, 1),
        (StoreError("The database is away."), BACKOFF, 1),
        (Throttled("Too many calls.", retry_after=77), 77, 1),
        (Throttled("Too many calls.", retry_after=1), BACKOFF, 1),
        (Throttled("Too many calls."), BACKOFF, 1),
        (SlackUnavailable("Slack is slow.", retry_after=30), 30, 1),
        (TryLater(5, "not yet"), 5, 0),
    ],
)
async def test_a_failure_is_tried_again(
    store: Store, clock: Clock, error: Exception, seconds: float, attempts: int
) -> None:
    await enqueue(store)
    await worker(store, raising(error)).run_due()
    [job] = await waiting(store)
    assert job.run_at == clock() + timedelta(seconds=seconds)
    assert job.attempts == attempts
    assert job.error
    assert "secret" not in job.error
    assert await worker(store, raising(error)).run_due() == 0


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (None, "done"),
        (PortcullisError("Something is wrong."), "failed"),
        (ValueError("anything"), "failed"),
        (TryLater(5, "not yet"), "later"),
        (LeaseLost("Somebody else has it."), "lease_lost"),
    ],
)
async def test_how_an_attempt_ended_is_counted(store: Store, error: Exception | None, outcome: str) -> None:
    async def handler(job: Job) -> None:
        if error is not None:
            raise error

    metrics = Metrics()
    await enqueue(store)
    await worker(store, handler, metrics=metrics).run_due()
    assert counts(metrics) == {("work", outcome): 1}


async def test_a_job_that_is_given_up_counts_as_dead_and_one_that_nobody_knows_by_no_name(store: Store) -> None:
    metrics = Metrics()
    await enqueue(store, "of another version")
    await worker(store, raising(ValueError()), metrics=metrics, max_attempts=1).run_due()
    assert counts(metrics) == {("unknown", "dead"): 1}


async def test_what_a_job_does_and_queues_goes_by_the_reference_of_what_queued_it(store: Store) -> None:
    seen: list[str] = []

    async def handler(job: Job) -> None:
        seen.append(current_reference())
        if job.payload["request_id"] == 7:
            async with store.write() as uow:
                await uow.jobs.enqueue("work", {"request_id": 8})
                await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())

    with referenced("0a1b2c3d"):
        await enqueue(store)
    assert current_reference() == ""
    await worker(store, handler).run_due()
    assert seen == ["0a1b2c3d", "0a1b2c3d"]
    async with store.read() as uow:
        assert [event.actor for event in await uow.references.events("0a1b2c3d", limit=10)] == ["U1"]


async def test_a_job_that_comes_round_has_a_reference_of_its_own(store: Store) -> None:
    seen: list[str] = []

    async def handler(job: Job) -> None:
        seen.append(current_reference())

    await enqueue(store)
    await enqueue(store)
    await worker(store, handler).run_due()
    assert len(set(seen)) == 2
    assert all(REFERENCE.fullmatch(reference) for reference in seen)


async def test_after_the_last_attempt_the_job_is_dead_logged_and_told(store: Store, clock: Clock) -> None:
    told: list[str] = []

    async def on_dead(uow: UnitOfWork, job: Job, error: str) -> None:
        told.append(error)
        await uow.jobs.enqueue("alert", {"job": job.id}, run_at=clock() + timedelta(days=1))

    await enqueue(store)
    failing = worker(store, raising(PortcullisError("It fails.")), on_dead=on_dead)
    runs = 0
    while ran := await failing.run_due():
        runs += ran
        clock.advance(seconds=BACKOFF * 10)
    assert runs == 3
    assert told == ["It fails."]
    [job] = await dead(store)
    assert (job.kind, job.error) == ("work", "It fails.")
    assert [job.kind for job in await waiting(store)] == ["alert"]
    async with store.read() as uow:
        [event] = await uow.audit.page(filters=AuditFilter(kind=EventKind.JOB_DEAD))
    assert event.request_id == 7
    assert event.payload["error"] == "It fails."


async def test_a_job_is_dead_even_where_telling_fails(store: Store) -> None:
    async def on_dead(uow: UnitOfWork, job: Job, error: str) -> None:
        await uow.jobs.enqueue("alert", {})
        raise RuntimeError

    await enqueue(store)
    await worker(store, raising(PortcullisError("It fails.")), on_dead=on_dead, max_attempts=1).run_due()
    assert len(await dead(store)) == 1
    assert await waiting(store) == []


async def test_a_job_that_ends_every_worker_is_dead_at_last(store: Store, clock: Clock) -> None:
    async def never_called(job: Job) -> None:
        raise AssertionError

    await enqueue(store)
    for _ in range(3):  # three workers that died with it
        async with store.write() as uow:
            assert len(await uow.jobs.claim("doomed", clock(), 30, 1)) == 1
        clock.advance(seconds=31)
    await worker(store, never_called).run_due()
    [job] = await dead(store)
    assert "ended its worker" in job.error


async def test_what_a_process_ended_in_the_midst_of_waits_as_if_it_were_new(store: Store, clock: Clock) -> None:
    await enqueue(store)
    failing = worker(store, raising(PortcullisError("It fails.")), max_attempts=99)
    for failures in (1, 2):
        assert await failing.run_due() == 1
        [job] = await waiting(store)
        assert job.run_at == clock() + timedelta(seconds=BACKOFF * failures)
        clock.now = job.run_at
    for _ in range(3):  # three workers that died with it
        async with store.write() as uow:
            [_job] = await uow.jobs.claim("a worker that dies", store.clock(), 30, 1)
        clock.advance(seconds=31)
    for failures in (1, 2):
        assert await failing.run_due() == 1
        [job] = await waiting(store)
        assert job.run_at == clock() + timedelta(seconds=BACKOFF * failures)
        clock.now = job.run_at
    assert job.attempts == 7


async def test_a_handler_that_lost_its_lease_leaves_the_job_to_its_peer(store: Store) -> None:
    await enqueue(store)
    await worker(store, raising(LeaseLost("gone"))).run_due()
    [job] = await waiting(store)
    assert job.attempts == 1
    assert job.lease_until is not None


async def test_a_handler_cancelled_from_within_counts_as_failed(store: Store) -> None:
    await enqueue(store)
    await worker(store, raising(asyncio.CancelledError())).run_due()
    [job] = await waiting(store)
    assert job.attempts == 1
    assert "cancelled from within" in job.error


async def test_the_lease_is_renewed_while_the_handler_runs(store: Store, clock: Clock) -> None:
    go_on = asyncio.Event()

    async def handler(job: Job) -> None:
        claimed_until = job.lease_until
        clock.advance(seconds=5)
        while True:
            async with store.read() as uow:
                now = await uow.jobs.get(job.id)
            assert now is not None
            if now.lease_until != claimed_until:
                break
            await asyncio.sleep(0.01)
        go_on.set()

    await enqueue(store)
    async with asyncio.timeout(20):
        await worker(store, handler, renew_seconds=0.05).run_due()
    assert go_on.is_set()
    assert await waiting(store) == []


async def test_the_lease_is_renewed_until_it_is_recorded_that_the_job_is_done(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before that the next jobs are looked for, which takes long where very many wait: a peer would do it once more."""
    begun, ends, looks, found = asyncio.Event(), asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        begun.set()
        await ends.wait()

    async def slow(*_: Any, **__: Any) -> frozenset[str]:  # noqa: ANN401 - whatever a look is given
        looks.set()
        await found.wait()
        return frozenset()

    metrics = Metrics()
    await enqueue(store)
    stop = asyncio.Event()
    running = asyncio.create_task(
        worker(store, handler, renew_seconds=0.05, poll_seconds=3600, metrics=metrics).run(stop)
    )
    async with asyncio.timeout(30):
        await begun.wait()
        with monkeypatch.context() as patch:
            patch.setattr(JobsSeen, "kinds_due", slow)
            ends.set()
            await looks.wait()
            for _ in range(2):
                [before] = await waiting(store)
                clock.advance(seconds=5)
                while (await waiting(store))[0].lease_until == before.lease_until:  # noqa: ASYNC110 - as below
                    await asyncio.sleep(0.01)
        found.set()
        while not counts(metrics):  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert counts(metrics) == {("work", "done"): 1}
    assert await waiting(store) == []


async def test_the_leases_of_all_that_runs_are_renewed_together(store: Store, clock: Clock) -> None:
    """Each was claimed at a time of its own, and all of them end at the same time afterwards."""
    together = asyncio.Event()
    begun = 0

    async def handler(job: Job) -> None:
        nonlocal begun
        begun += 1
        clock.advance(seconds=1)
        if begun < 3:
            await enqueue(store)
        while not together.is_set():
            jobs = await waiting(store)
            if len(jobs) == 3 and len({job.lease_until for job in jobs}) == 1:
                together.set()
            await asyncio.sleep(0.01)

    await enqueue(store)
    stop = asyncio.Event()
    running = asyncio.create_task(worker(store, handler, renew_seconds=0.05).run(stop))
    async with asyncio.timeout(20):
        await together.wait()
        stop.set()
        await running
    assert await waiting(store) == []


async def test_a_handler_whose_lease_was_taken_is_stopped(open_store: Callable[..., Store], clock: Clock) -> None:
    mine, peers = open_store(), open_store()
    stopped = asyncio.Event()

    async def handler(job: Job) -> None:
        taken = False
        while not taken:  # the heartbeat may renew the lease, or hold its row, in the very moment
            clock.advance(seconds=60)
            async with peers.write() as uow:
                taken = len(await uow.jobs.claim("peer", clock(), 3600, 1)) == 1
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    await enqueue(mine)
    async with asyncio.timeout(20):
        await worker(mine, handler, renew_seconds=0.05).run_due()
    assert stopped.is_set()
    [job] = await waiting(mine)
    assert job.worker == "peer"


async def test_a_running_worker_starts_at_once_on_what_is_queued(store: Store) -> None:
    done = asyncio.Event()

    async def handler(job: Job) -> None:
        done.set()

    stop = asyncio.Event()
    running = asyncio.create_task(worker(store, handler, poll_seconds=3600).run(stop))
    await asyncio.sleep(0)
    async with asyncio.timeout(20):
        await enqueue(store)
        await done.wait()
        stop.set()
        await running
    assert await waiting(store) == []
    assert store.on_enqueued == []


async def test_what_is_due_within_a_moment_is_taken_together_and_what_is_done_is_recorded_with_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.jobs.worker, "_BETWEEN", 0.3)
    ran: list[int] = []
    began, written = asyncio.Event(), 0
    write = store.write

    def counted() -> AbstractAsyncContextManager[UnitOfWork]:
        nonlocal written
        written += 1
        return write()

    async def handler(job: Job) -> None:
        ran.append(job.id)
        began.set()

    stop = asyncio.Event()
    running = asyncio.create_task(worker(store, handler, poll_seconds=3600).run(stop))
    async with asyncio.timeout(30):
        await enqueue(store)
        await began.wait()
        for _ in range(3):
            await enqueue(store)
        monkeypatch.setattr(store, "write", counted)
        while await waiting(store):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert len(ran) == 4
    assert written == 2  # the three that came, with the end of the first; and their ends


async def test_what_is_done_is_recorded_where_nothing_can_be_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the jobs that wait are so many that looking through them takes too long."""
    began, ends, refused = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        began.set()
        await ends.wait()

    async def refuses(*_: Any, **__: Any) -> list[Job]:  # noqa: ANN401 - whatever a taking is given
        refused.set()
        raise StoreError("The database took too long.")

    metrics = Metrics()
    stop = asyncio.Event()
    running = asyncio.create_task(worker(store, handler, poll_seconds=3600, metrics=metrics).run(stop))
    async with asyncio.timeout(30):
        await enqueue(store)
        await began.wait()
        monkeypatch.setattr(bot.store.queue, "claim", refuses)
        await enqueue(store)
        await refused.wait()
        ends.set()
        while not counts(metrics):  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert counts(metrics) == {("work", "done"): 1}
    [left] = await waiting(store)
    assert left.attempts == 0


async def test_the_end_of_a_job_that_somebody_else_has_by_now_undoes_no_other(store: Store, clock: Clock) -> None:
    both = asyncio.Barrier(2)

    async def handler(job: Job) -> None:
        if job.payload["request_id"] == 8:
            async with store.write() as uow:
                clock.advance(hours=1)
                [taken] = await uow.jobs.claim("peer", clock(), 30, 1)
                assert taken.id == job.id
        await both.wait()

    metrics = Metrics()
    stop = asyncio.Event()
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {"request_id": 8})
    await enqueue(store)
    running = asyncio.create_task(worker(store, handler, poll_seconds=0.05, metrics=metrics).run(stop))
    async with asyncio.timeout(30):
        while sum(counts(metrics).values()) < 2:  # noqa: ASYNC110 - nobody is told
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert counts(metrics) == {("work", "done"): 1, ("work", "lease_lost"): 1}
    [left] = await waiting(store)
    assert left.worker == "peer"


async def test_no_more_than_concurrency_run_at_once(store: Store) -> None:
    running = most = 0

    async def handler(job: Job) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        async with store.read() as uow:
            await uow.jobs.get(job.id)
        running -= 1

    for _ in range(9):
        await enqueue(store)
    stop = asyncio.Event()
    task = asyncio.create_task(worker(store, handler, concurrency=3, poll_seconds=0.05).run(stop))
    async with asyncio.timeout(30):
        while await waiting(store):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    stop.set()
    await task
    assert 1 <= most <= 3


async def test_a_lane_that_is_full_of_what_never_ends_holds_up_no_other(store: Store) -> None:
    stuck = 0
    told, never = asyncio.Event(), asyncio.Event()

    async def silent(job: Job) -> None:
        nonlocal stuck
        stuck += 1
        await never.wait()

    async def tell(job: Job) -> None:
        told.set()

    lanes = [
        JobLane(name="reading", kinds=(("read",),), places=2),
        JobLane(name="telling", kinds=(("tell",),), places=1),
    ]
    for _ in range(5):
        await enqueue(store, "read")
    stop = asyncio.Event()
    handlers = {"read": silent, "tell": tell}
    two_lanes = Worker(store, handlers, name="one", lanes=lanes, poll_seconds=3600, drain_seconds=0)
    running = asyncio.create_task(two_lanes.run(stop))
    async with asyncio.timeout(30):
        await enqueue(store, "tell")
        await told.wait()
        while any(job.kind == "tell" for job in await waiting(store)):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
        stop.set()
        await running
    assert stuck == 2
    assert {job.kind for job in await waiting(store)} == {"read"}


async def test_what_is_put_off_holds_no_place_meanwhile(store: Store) -> None:
    done = asyncio.Event()
    looks = 0

    async def handler(job: Job) -> None:
        nonlocal looks
        if job.payload["request_id"] == 8:
            done.set()
            return
        looks += 1
        raise TryLater(3600, "Not yet.")

    await enqueue(store)
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {"request_id": 8})
    async with asyncio.timeout(30):
        await worker(store, handler, concurrency=1).run_due()
    assert done.is_set()
    assert looks == 1


async def test_stopping_lets_what_runs_end(store: Store) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def handler(job: Job) -> None:
        started.set()
        await go_on.wait()

    await enqueue(store)
    stop = asyncio.Event()
    task = asyncio.create_task(worker(store, handler, drain_seconds=20).run(stop))
    await started.wait()
    stop.set()
    go_on.set()
    await task
    assert await waiting(store) == []
    assert await dead(store) == []
