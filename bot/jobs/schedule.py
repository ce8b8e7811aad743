"""Jobs that come round: queued once for each slot of time, however many replicas run."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog

from bot.errors import StoreError
from bot.store import Store

_log = structlog.get_logger(__name__)

#: Look again at least so often, in case the machine's clock was set.
_LONGEST_WAIT = 60.0
_SHORTEST_WAIT = 0.05
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A kind of job that is due `every` so often, counted from midnight 1970-01-01 UTC."""

    every: timedelta
    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    at_start: bool = False  #: also when a replica starts, whose settings may be others

    def slot(self, now: datetime) -> int:
        """The number of the slot that a time falls into."""
        return (now - _EPOCH) // self.every

    def seconds_left(self, now: datetime) -> float:
        """How long until the next slot begins."""
        return (_EPOCH + (self.slot(now) + 1) * self.every - now).total_seconds()


class Scheduler:
    """Queues scheduled jobs.

    The first replica that sees a slot queues its job and leaves a mark among the deliveries, so that the others don't,
    even after the job is done. Slots that passed while nobody ran are not made up for. While the job of an earlier slot
    still waits, no second one is queued.
    """

    def __init__(self, store: Store, schedules: Sequence[Schedule]) -> None:
        self._store = store
        self._schedules = schedules
        self._seen: dict[str, int] = {}

    async def enqueue_due(self) -> list[str]:
        """Queue what is due in the present slots; the kinds that this replica has queued."""
        queued: list[str] = []
        now = self._store.clock()
        for schedule in self._schedules:
            slot = schedule.slot(now)
            if self._seen.get(schedule.kind) == slot:
                continue
            starts = schedule.at_start and schedule.kind not in self._seen
            async with self._store.write() as uow:
                is_new = await uow.deliveries.first_time(f"schedule:{schedule.kind}:{slot}")
                if (is_new or starts) and await uow.jobs.enqueue(
                    schedule.kind, schedule.payload, key=f"schedule:{schedule.kind}"
                ):
                    queued.append(schedule.kind)
            self._seen[schedule.kind] = slot
        return queued

    async def run(self, stop: asyncio.Event) -> None:
        """Queue what is due until `stop` is set. A database that can't be reached is tried again."""
        while not stop.is_set():
            try:
                await self.enqueue_due()
            except StoreError as error:
                _log.warning("schedule.failed", error=str(error))
            try:
                async with asyncio.timeout(self._wait()):
                    await stop.wait()
            except TimeoutError:
                pass

    def _wait(self) -> float:
        now = self._store.clock()
        left = [schedule.seconds_left(now) for schedule in self._schedules]
        return max(_SHORTEST_WAIT, min([_LONGEST_WAIT, *left]))
