"""Several processes on one outbox: each job runs once, and a process that is killed loses nothing."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.errors import LeaseLost
from bot.jobs import Worker
from bot.store import AuditFilter, Job, Store
from tests.integration.databases import Clock

RACER = Path(__file__).parent / "racer.py"
JOBS = 300


async def racer(url: str, mode: str, name: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, RACER, url, mode, name, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


async def until_said(process: asyncio.subprocess.Process, *lines: bytes) -> bytes:
    """The first of these lines that it says. Its log comes there too, of which a busy machine makes more."""
    assert process.stdout is not None
    while (said := await process.stdout.readline()) not in lines:
        assert said, f"it ended without a word of {lines}"
    return said


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
    await until_said(doomed, b"started\n")
    doomed.kill()
    assert await doomed.wait() == -9
    assert await effects(store) == []
    peer = await racer(database_url, "race", "UPEER")
    assert await peer.wait() == 0
    assert await effects(store) == [("7", "UPEER")]
    await store.close()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_replica_that_stood_still_can_not_write_over_its_peers_work(database_url: str) -> None:
    store = Store(database_url, tenant_id="raced")
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {"n": 7})
    still = await racer(database_url, "late", "USTILL")
    assert still.stdin is not None
    await until_said(still, b"started\n")
    still.send_signal(signal.SIGSTOP)
    peer = await racer(database_url, "race", "UPEER")
    assert await peer.wait() == 0
    assert await effects(store) == [("7", "UPEER")]
    still.stdin.write(b"go on\n")
    still.send_signal(signal.SIGCONT)
    still.stdin.close()
    # Its handler is ended, as its lease is; if it gets to write first, it is refused.
    said = await until_said(still, b"refused\n", b"ended\n", b"recorded\n")
    still.kill()
    await still.wait()
    assert said != b"recorded\n"
    assert await effects(store) == [("7", "UPEER")]
    await store.close()


async def test_who_knows_that_nobody_else_runs_goes_on_at_once(store: Store, clock: Clock) -> None:
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {}, key="same")
        await uow.jobs.enqueue("later", {}, run_at=clock() + timedelta(hours=1))
        [before] = await uow.jobs.claim("killed", clock(), 30, 9)
    woken: list[bool] = []
    store.on_enqueued.append(lambda: woken.append(True))
    async with store.write() as uow:
        assert await uow.jobs.free() == 1
    assert woken
    async with store.write() as uow:
        [job] = await uow.jobs.claim("new", clock(), 30, 9)
        assert (job.id, job.attempts, job.fence) == (before.id, 2, before.fence + 1)
        with pytest.raises(LeaseLost):
            await uow.jobs.hold(before)


@pytest.mark.parametrize("hours", [-1, 1])
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_replicas_whose_clocks_differ_agree_on_leases(
    database_url: str, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """A peer whose clock is ahead takes nobody's job, and one whose clock is behind is not robbed of its own."""
    right, wrong = Store(database_url, tenant_id="raced"), Store(database_url, tenant_id="raced")
    there = utc_now() + timedelta(hours=hours)
    async with right.write() as uow:
        await uow.jobs.enqueue("work", {}, run_at=utc_now() - timedelta(days=1))
        await uow.jobs.claim("right", utc_now(), 600, 1)
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.databases.utc_now", lambda: there)
        async with wrong.write() as uow:
            assert await uow.jobs.claim("wrong", there, 600, 1) == []
            await uow.jobs.enqueue("work", {}, run_at=utc_now() - timedelta(days=1))
            assert len(await uow.jobs.claim("wrong", there, 600, 1)) == 1
    async with right.write() as uow:
        assert await uow.jobs.claim("right", utc_now(), 600, 1) == []
        assert len(await uow.jobs.claim("right", utc_now() + timedelta(seconds=601), 600, 9)) == 2
    await right.close()
    await wrong.close()


async def test_a_worker_never_does_twice_what_it_is_doing(store: Store, clock: Clock) -> None:
    """Its lease may have run out while the machine slept."""
    running = most = ran = 0
    go_on = asyncio.Event()

    async def handler(job: Job) -> None:
        nonlocal running, most, ran
        running, ran = running + 1, ran + 1
        most = max(most, running)
        if job.kind == "long":
            await go_on.wait()
        running -= 1

    async with store.write() as uow:
        await uow.jobs.enqueue("long", {})
    stop = asyncio.Event()
    working = asyncio.create_task(
        Worker(store, {"long": handler, "short": handler}, name="one", poll_seconds=0.01).run(stop)
    )
    async with asyncio.timeout(60):
        while ran < 1:  # noqa: ASYNC110 - the handler tells nobody
            await asyncio.sleep(0.01)
        clock.advance(hours=1)
        async with store.write() as uow:
            await uow.jobs.enqueue("short", {})
        while ran < 2:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)
        go_on.set()
        while running:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.01)
        stop.set()
        await working
    assert ran == 2


async def test_a_process_told_to_stop_gives_its_job_back_at_once(store: Store, clock: Clock) -> None:
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
