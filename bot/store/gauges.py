"""What a database says of how the bot is doing: counts and ages, each read by an index, for /metrics."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text

from bot.domain.requests.request import Status
from bot.store.audit_tables import AuditHeadRow
from bot.store.job_rows import DEAD
from bot.store.scope import Scope
from bot.store.tables import JobRow, RequestRow, SnapshotRow
from bot.store.watch_tables import UnrequestedChangeRow

#: The requests that wait for somebody, or for something.
WAITING = (Status.PENDING, Status.APPROVED, Status.APPLYING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """How many there are of something that waits, and since when the oldest does."""

    count: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreGauges:
    """How one tenant's work stands at a moment."""

    at: datetime
    jobs_due: Mapping[str, Backlog]  #: by kind: what should be done by now and isn't, under way or not
    jobs_dead: int  #: given up, and kept for people
    requests: Mapping[Status, Backlog]  #: those that aren't decided yet, or not applied
    unrequested: Mapping[str, int]  #: changes that nobody requested, by what became of them
    snapshot: Mapping[str, datetime]  #: by part, when it was last read; one that couldn't be is left out
    unreadable: Collection[str]  #: the parts that couldn't be
    head: int  #: the number of the last event; 0 before the first
    bytes: int  #: of the whole database, all tenants in it


class Gauges:
    """What is read for one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def read(self, now: datetime, *, states: Collection[str]) -> StoreGauges:
        """All of it. `states` are those of unrequested changes: one that has none counts 0."""
        snapshot, unreadable = await self._snapshot()
        return StoreGauges(
            at=now,
            jobs_due=await self._jobs_due(now),
            jobs_dead=await self._jobs_dead(),
            requests=await self._requests(),
            unrequested={**dict.fromkeys(states, 0), **await self._unrequested()},
            snapshot=snapshot,
            unreadable=unreadable,
            head=await self._head(),
            bytes=await self._bytes(),
        )

    async def _jobs_due(self, now: datetime) -> Mapping[str, Backlog]:
        row = JobRow
        query = (
            select(row.kind, func.count(), func.min(row.due_at))
            .where(row.tenant_id == self._scope.tenant_id, row.due_at <= now, row.state != DEAD)
            .group_by(row.kind)
        )
        return {kind: Backlog(count=count, since=since) for kind, count, since in await self._scope.rows(query)}

    async def _jobs_dead(self) -> int:
        query = select(func.count()).where(JobRow.tenant_id == self._scope.tenant_id, JobRow.state == DEAD)
        return await self._scope.session.scalar(query) or 0

    async def _requests(self) -> Mapping[Status, Backlog]:
        row = RequestRow
        query = (
            select(row.status, func.count(), func.min(row.created_at))
            .where(row.tenant_id == self._scope.tenant_id, row.status.in_([status.value for status in WAITING]))
            .group_by(row.status)
        )
        found = await self._scope.rows(query)
        return {Status(status): Backlog(count=count, since=since) for status, count, since in found}

    async def _unrequested(self) -> Mapping[str, int]:
        row = UnrequestedChangeRow
        query = select(row.state, func.count()).where(row.tenant_id == self._scope.tenant_id).group_by(row.state)
        return dict(await self._scope.rows(query))

    async def _snapshot(self) -> tuple[Mapping[str, datetime], Collection[str]]:
        """The parts that were read, each with when, and those that couldn't be."""
        row = SnapshotRow
        query = select(row.list, row.as_of, row.error == "").where(row.tenant_id == self._scope.tenant_id)
        found = await self._scope.rows(query)
        return (
            {name: as_of for name, as_of, is_read in found if is_read},
            [name for name, _, is_read in found if not is_read],
        )

    async def _head(self) -> int:
        query = select(AuditHeadRow.seq).where(AuditHeadRow.tenant_id == self._scope.tenant_id)
        return await self._scope.session.scalar(query) or 0

    async def _bytes(self) -> int:
        if self._scope.dialect.name == "sqlite":
            pages = await self._scope.session.scalar(text("PRAGMA page_count"))
            size = await self._scope.session.scalar(text("PRAGMA page_size"))
            return (pages or 0) * (size or 0)
        return await self._scope.session.scalar(text("SELECT pg_database_size(current_database())")) or 0
