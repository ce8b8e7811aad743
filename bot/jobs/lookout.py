"""Finds the jobs that should have been done by now, whatever holds them, and has somebody told: each of them once.

A job may wait for a place, for its next attempt, or for an answer that doesn't come; how often it was tried says little
of how long people have been waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeAlias

import structlog

from bot.errors import StoreError
from bot.store import Job, JobLane, Store, UnitOfWork

#: Tells people of jobs of a lane that are late: in the transaction that marks them as told of.
OnLate: TypeAlias = Callable[[UnitOfWork, JobLane, Sequence[Job]], Awaitable[None]]

_log = structlog.get_logger(__name__)

LOOK_EVERY = 5.0  #: seconds


class Lookout:
    """Looks for late jobs. Several replicas may: each job is found by one of them."""

    def __init__(self, store: Store, lanes: Sequence[JobLane], on_late: OnLate) -> None:
        self._store = store
        self._lanes = [lane for lane in lanes if lane.late_after is not None]
        self._on_late = on_late

    async def look(self) -> int:
        """Have people told of the jobs that have become late; how many they were. Raises StoreError."""
        found: list[tuple[Job, str]] = []
        async with self._store.write() as uow:
            for lane in self._lanes:
                late = await uow.jobs.newly_late(lane, self._store.clock())
                if late:
                    await self._on_late(uow, lane, late)
                found += [(job, lane.name) for job in late]
        for job, lane_name in found:
            _log.warning("jobs.late", job=job.id, kind=job.kind, lane=lane_name, due_at=job.due_at.isoformat())
        return len(found)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set. A database that can't be reached is tried again."""
        while not stop.is_set():
            try:
                await self.look()
            except StoreError as error:
                _log.warning("jobs.lookout_failed", error=str(error))
            try:
                async with asyncio.timeout(LOOK_EVERY):
                    await stop.wait()
            except TimeoutError:
                pass
