"""What the database says of how the bot is doing, as Prometheus reads it: kept for a while, and never waited for long.

However often and by whomever /metrics is asked for, the database is read once in fifteen seconds. What it last said
stays, with its age, while it doesn't answer: a page without numbers would say less than old ones.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import structlog
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.domain.requests.unrequested import ChangeState
from bot.errors import StoreError
from bot.store import JobLane, Store
from bot.store.gauges import WAITING, Backlog, StoreGauges

_log = structlog.get_logger(__name__)

#: So long, in seconds, goes by what the database has said once.
KEPT_FOR = 15.0

#: So long, in seconds, whoever asks for the page waits for the database.
WAITED_FOR = 1.0

#: So long, in seconds, a reading may take that nobody waits for any more.
_READ_WITHIN = 30.0


class DatabaseGauges(Collector):
    """The gauges of one database, for the registry of `bot.metrics`."""

    def __init__(
        self,
        store: Store,
        lanes: Sequence[JobLane],
        *,
        is_slack_well: Callable[[], bool],
        kept_for: float = KEPT_FOR,
        waited_for: float = WAITED_FOR,
    ) -> None:
        self._store = store
        self._lanes = lanes
        self._is_slack_well = is_slack_well
        self._kept_for = kept_for
        self._waited_for = waited_for
        self._last: StoreGauges | None = None
        self._began_at = store.clock()
        self._reading: asyncio.Task[None] | None = None

    async def refresh(self) -> None:
        """Read the database, unless that was done a moment ago. Returns in time, whatever the database does."""
        if self._last is not None and self._since(self._last.at) < self._kept_for:
            return
        if self._reading is None:
            self._reading = asyncio.create_task(self._read(), name="gauges")
            self._reading.add_done_callback(self._was_read)
        await asyncio.wait({self._reading}, timeout=self._waited_for)

    async def close(self) -> None:
        """End a reading that is under way."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, return_exceptions=True)

    def collect(self) -> Iterable[Metric]:
        """What was last read; called by prometheus_client."""
        yield _gauge(
            "portcullis_slack_well", "1 while Slack can be worked with, as /readyz has it.", self._is_slack_well()
        )
        last = self._last
        yield _gauge(
            "portcullis_database_read_age_seconds",
            "How old the numbers are that come from the database; before the first, how long they are waited for.",
            self._since(self._began_at if last is None else last.at),
        )
        if last is not None:
            yield from self._jobs(last)
            yield from self._requests(last)
            yield from self._tenant(last)
            yield _gauge("portcullis_audit_head", "The number of the audit log's last event.", last.head)
            yield _gauge("portcullis_database_bytes", "The size of the database.", last.bytes)

    def _jobs(self, last: StoreGauges) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(
            "portcullis_jobs_waiting", "Jobs that are due and not done, under way or not.", labels=["lane"]
        )
        oldest = GaugeMetricFamily(
            "portcullis_jobs_oldest_seconds", "Since when the oldest of them is due.", labels=["lane"]
        )
        for lane in self._lanes:
            own = [found for kind, found in last.jobs_due.items() if lane.takes_any({kind})]
            waiting.add_metric([lane.name], sum(found.count for found in own))
            oldest.add_metric([lane.name], self._waited(own))
        yield waiting
        yield oldest
        yield _gauge("portcullis_jobs_dead", "Jobs that were given up, and wait for the operator.", last.jobs_dead)

    def _requests(self, last: StoreGauges) -> Iterable[Metric]:
        waiting = GaugeMetricFamily(
            "portcullis_requests_waiting", "Requests that wait for a decision, or to be applied.", labels=["status"]
        )
        oldest = GaugeMetricFamily(
            "portcullis_requests_oldest_seconds", "The age of the oldest of them.", labels=["status"]
        )
        for status in WAITING:
            own = [last.requests[status]] if status in last.requests else []
            waiting.add_metric([status.value], sum(found.count for found in own))
            oldest.add_metric([status.value], self._waited(own))
        yield waiting
        yield oldest

    def _tenant(self, last: StoreGauges) -> Iterable[Metric]:
        ages = GaugeMetricFamily(
            "portcullis_snapshot_age_seconds", "How long ago a list of the tenant was last read.", labels=["list"]
        )
        for name, as_of in sorted(last.snapshot.items()):
            ages.add_metric([name], self._since(as_of))
        yield ages
        unreadable = GaugeMetricFamily(
            "portcullis_snapshot_unreadable",
            "1 where a list of the tenant could not be read the last time.",
            labels=["list"],
        )
        for name in sorted({*last.snapshot, *last.unreadable}):
            unreadable.add_metric([name], name in last.unreadable)
        yield unreadable
        changes = GaugeMetricFamily(
            "portcullis_unrequested_changes", "Changes that nobody requested, by what became of them.", labels=["state"]
        )
        for state, count in sorted(last.unrequested.items()):
            changes.add_metric([state], count)
        yield changes

    def _waited(self, found: Sequence[Backlog]) -> float:
        return max((self._since(each.since) for each in found), default=0.0)

    def _since(self, at: datetime) -> float:
        return max(0.0, (self._store.clock() - at).total_seconds())

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(_READ_WITHIN), self._store.read() as uow:
                self._last = await uow.gauges.read(self._store.clock(), states=[state.value for state in ChangeState])
        except (StoreError, TimeoutError) as error:
            _log.warning("the database could not be asked for /metrics", error=str(error) or type(error).__name__)

    def _was_read(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the database could not be asked for /metrics", exc_info=error)


def _gauge(name: str, told: str, value: float) -> Metric:
    return GaugeMetricFamily(name, told, value=value)
