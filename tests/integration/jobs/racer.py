"""A process of its own that works on the outbox, for the tests of replicas: `racer.py URL MODE NAME`.

MODE `race`: run until nothing is left, and leave a known entry's trace for each job that ran.
MODE `stall`: take the job, write `started` to stdout in the middle of it, and never come back.
MODE `late`: take the job, write `started` to stdout, and leave its trace whenever a line comes on stdin; write
`refused` if that is refused, `ended` if it doesn't come to it, and else `recorded`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from bot.domain.auditing.events import EventKind
from bot.errors import LeaseLost
from bot.jobs import Worker
from bot.store import Job, Store

LEASE_SECONDS = 2.0


async def record(store: Store, job: Job, name: str) -> None:
    """The job's effect: one event, in the transaction that finishes it."""
    async with store.write() as uow:
        await uow.jobs.hold(job)
        await uow.jobs.finish(job)
        await uow.audit.append(EventKind.CHECK_ASKED, actor=name, target=str(job.payload["n"]), at=store.clock())


async def record_late(store: Store, job: Job, name: str) -> None:
    """Leave the trace when a line comes, and say what came of it."""
    print("started", flush=True)  # noqa: T201 - the test reads it
    try:
        await asyncio.to_thread(sys.stdin.readline)
        await record(store, job, name)
    except LeaseLost:
        print("refused", flush=True)  # noqa: T201 - the test reads it
    except asyncio.CancelledError:
        print("ended", flush=True)  # noqa: T201 - the test reads it
        raise
    else:
        print("recorded", flush=True)  # noqa: T201 - the test reads it


async def main(url: str, mode: str, name: str) -> None:
    store = Store(url, tenant_id="raced")
    stop = asyncio.Event()

    async def handle(job: Job) -> None:
        if mode == "stall":
            async with store.write() as uow:
                await uow.jobs.hold(job)
            print("started", flush=True)  # noqa: T201 - the test reads it
            await asyncio.Event().wait()
        if mode == "late":
            await record_late(store, job, name)
            return
        await record(store, job, name)

    async def until_nothing_is_left() -> None:
        while not stop.is_set():
            async with store.read() as uow:
                left = await uow.jobs.waiting()
            if left:
                await asyncio.sleep(0.05)
            else:
                stop.set()

    worker = Worker(store, {"work": handle}, name=name, lease_seconds=LEASE_SECONDS, poll_seconds=0.05, concurrency=4)
    async with asyncio.TaskGroup() as group:
        group.create_task(worker.run(stop))
        if mode == "race":
            group.create_task(until_nothing_is_left())
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:4]))
