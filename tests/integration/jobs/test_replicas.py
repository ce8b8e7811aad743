"""Several processes on one outbox: each job runs once, and a process that is killed loses nothing."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections import Counter
from pathlib import Path

from bot.store import AuditFilter, Store
from tests.integration.databases import Clock

RACER = Path(__file__).parent / "racer.py"
JOBS = 300


async def racer(url: str, mode: str, name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, RACER, url, mode, name, stdout=subprocess.PIPE)


async def effects(store: Store) -> list[tuple[str, str]]:
    async with store.read() as uow:
        events = await uow.audit.page(filters=AuditFilter(limit=10_000))
        assert (await uow.audit.verify()).intact
    return [(event.target, event.actor) for event in events]


async def test_three_processes_run_each_of_300_jobs_once(database_url: str) -> None:
    store = Store(database_url, tenant_id="raced")
    async with store.write() as uow:
        for number in range(JOBS):
            await uow.jobs.enqueue("work", {"n": number})
    processes = [await racer(database_url, "race", f"U{number}") for number in range(3)]
    assert [await process.wait() for process in processes] == [0, 0, 0]
    ran = await effects(store)
    await store.close()
    assert Counter(target for target, _ in ran) == Counter(str(number) for number in range(JOBS))


async def test_a_killed_processes_job_is_done_once_by_a_peer(database_url: str) -> None:
    store = Store(database_url, tenant_id="raced")
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {"n": 7})
    doomed = await racer(database_url, "stall", "UDOOMED")
    assert doomed.stdout is not None
    assert await doomed.stdout.readline() == b"started\n"
    doomed.kill()
    assert await doomed.wait() == -9
    assert await effects(store) == []
    peer = await racer(database_url, "race", "UPEER")
    assert await peer.wait() == 0
    assert await effects(store) == [("7", "UPEER")]
    await store.close()


async def test_a_process_told_to_stop_gives_its_job_back_at_once(store: Store, clock: Clock) -> None:
    from bot.jobs import Worker  # noqa: PLC0415

    started = asyncio.Event()

    async def never(job: object) -> None:
        started.set()
        await asyncio.Event().wait()

    async with store.write() as uow:
        await uow.jobs.enqueue("work", {})
    stop = asyncio.Event()
    running = asyncio.create_task(Worker(store, {"work": never}, name="one", drain_seconds=0).run(stop))
    await started.wait()
    stop.set()
    await running
    async with store.write() as uow:
        [job] = await uow.jobs.claim("two", clock(), 30, 1)
    assert (job.worker, job.attempts) == ("two", 1)
