"""The ends of jobs whose handlers are done: recorded together, in the transaction that takes the next ones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import LeaseLost, StoreError
from bot.store import Job, Store, UnitOfWork


@dataclass(slots=True, eq=False)
class Ending:
    """A job that is done, and not yet recorded as done."""

    job: Job
    recorded: asyncio.Future[None]
    lost: LeaseLost | None = None

    def settle(self, error: Exception | None = None) -> None:
        """Tell whoever waits for it that it is recorded; or that it is not, and why."""
        error = error or self.lost
        if self.recorded.done():
            return  # nobody waits for it any more
        if error is None:
            self.recorded.set_result(None)
        else:
            self.recorded.set_exception(error)


class Endings:
    """Those that are to be recorded."""

    def __init__(self) -> None:
        self._waiting: list[Ending] = []

    def add(self, job: Job) -> Ending:
        """One more. Its `recorded` raises LeaseLost where the job is somebody else's by now, and StoreError."""
        ending = Ending(job, asyncio.get_running_loop().create_future())
        self._waiting.append(ending)
        return ending

    def taken(self) -> Sequence[Ending]:
        """All that wait. Whoever takes them records them, and settles each."""
        taken, self._waiting = self._waiting, []
        return taken


async def record(uow: UnitOfWork, endings: Sequence[Ending]) -> None:
    """Record these ends. One whose job is somebody else's by now is marked as lost, and undoes no other."""
    for ending in endings:
        # Or in a transaction whose answer was lost.
        if not await uow.jobs.end(ending.job) and await uow.jobs.get(ending.job.id) is not None:
            ending.lost = LeaseLost(f"The job {ending.job.kind} #{ending.job.id} is no longer this worker's.")


async def record_alone(store: Store, endings: Sequence[Ending]) -> None:
    """Record these ends, and settle them, where nothing is taken with them."""
    if not endings:
        return
    try:
        async with store.write() as uow:
            await record(uow, endings)
    except StoreError as error:
        settle(endings, error)
    else:
        settle(endings)


def settle(endings: Sequence[Ending], error: StoreError | None = None) -> None:
    """Tell whoever waits for these that they were recorded; or that they were not, and why."""
    for ending in endings:
        ending.settle(error)
