"""Scheduled jobs: once for each slot, whoever looks, however often."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.jobs import Schedule, Scheduler
from bot.store import Store
from tests.integration.databases import Clock

WATCH = Schedule(every=timedelta(minutes=15), kind="watch", payload={"full": True})


async def run_all(store: Store) -> list[str]:
    """Claim and finish everything that is due; the kinds."""
    async with store.write() as uow:
        jobs = await uow.jobs.claim("one", store.clock(), 30, 10)
        for job in jobs:
            await uow.jobs.finish(job)
        return [job.kind for job in jobs]


async def test_replicas_queue_a_slots_job_once_even_after_it_is_done(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(3)]
    queued = await asyncio.gather(*(Scheduler(store, [WATCH]).enqueue_due() for store in stores))
    assert sorted(queued) == [[], [], ["watch"]]
    assert await run_all(stores[0]) == ["watch"]
    assert await Scheduler(stores[1], [WATCH]).enqueue_due() == []
    assert await run_all(stores[0]) == []


async def test_the_next_slot_has_its_own_job(store: Store, clock: Clock) -> None:
    scheduler = Scheduler(store, [WATCH])
    assert await scheduler.enqueue_due() == ["watch"]
    await run_all(store)
    clock.advance(minutes=15)
    assert await scheduler.enqueue_due() == ["watch"]
    assert await scheduler.enqueue_due() == []


async def test_what_is_due_at_each_start_is_queued_by_each_replica_that_starts(store: Store) -> None:
    schedule = replace(WATCH, at_start=True)
    assert await Scheduler(store, [schedule]).enqueue_due() == ["watch"]
    await run_all(store)
    started = Scheduler(store, [schedule])
    assert await started.enqueue_due() == ["watch"]
    await run_all(store)
    assert await started.enqueue_due() == []


async def test_jobs_do_not_pile_up_behind_a_slow_worker(store: Store, clock: Clock) -> None:
    scheduler = Scheduler(store, [WATCH])
    for _ in range(4):
        await scheduler.enqueue_due()
        clock.advance(minutes=15)
    assert await run_all(store) == ["watch"]


async def test_it_runs_until_told_to_stop(store: Store) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(Scheduler(store, [WATCH]).run(stop))
    async with asyncio.timeout(20):
        while not await run_all(store):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.01)
    stop.set()
    await task


def test_slots_are_counted_from_midnight() -> None:
    assert WATCH.slot(datetime(1970, 1, 1, 0, 14, 59, tzinfo=UTC)) == 0
    assert WATCH.slot(datetime(1970, 1, 1, 0, 15, tzinfo=UTC)) == 1
    assert WATCH.seconds_left(datetime(2030, 1, 1, 0, 10, tzinfo=UTC)) == 300
