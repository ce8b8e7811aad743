"""What the outbox has of one tenant: what waits, whose it is, what is late, and what was given up."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from bot.store.job_lanes import JobLane, kinds_due, newly_late
from bot.store.job_rows import DEAD, DOING, Job, job_of
from bot.store.scope import Scope, short_key
from bot.store.table import core
from bot.store.tables import JobRow

_table = core(JobRow)
_of_tenant = _table.c.tenant_id == bindparam("tenant_id")
_GET = select(_table).where(_of_tenant, _table.c.id == bindparam("its_id"))
_STANDS = select(
    _table.c.kind, _table.c.state, _table.c.run_at, _table.c.due_at, _table.c.taken_at, _table.c.error
).where(_of_tenant)
#: Asked at each check. For a list of several values SQLite makes a table first, which takes many times as long as this.
_STANDING = union_all(
    _STANDS.where(_table.c.kind == bindparam("its_kind"), _table.c.state != DEAD),
    _STANDS.where(_table.c.kind == bindparam("other_kind"), _table.c.state == DOING),
)
_WAITING = (
    select(_table)
    .where(_table.c.tenant_id == bindparam("tenant_id"), _table.c.state != DEAD)
    .order_by(_table.c.run_at, _table.c.id)
)


@cache
def _waiting(*, has_kind: bool, has_key: bool) -> Select[*tuple[Any, ...]]:
    query = _WAITING
    if has_kind:
        query = query.where(_table.c.kind == bindparam("kind"))
    if has_key:
        query = query.where(_table.c.key == bindparam("key"))
    return query


@dataclass(frozen=True, slots=True, kw_only=True)
class JobStanding:
    """How a job stands that is neither done nor dead."""

    kind: str
    run_at: datetime
    due_at: datetime
    since: datetime | None  #: when whoever is doing it has claimed it; None: nobody is
    error: str  #: of the attempt before


class JobsSeen:
    """The jobs of one tenant, within one unit of work, to be looked at."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def kinds_due(self, now: datetime, *, but: Collection[int] = ()) -> frozenset[str]:
        """The kinds of the jobs that `claim` would look at: only their lanes have to be asked."""
        return await kinds_due(self._scope, now, but)

    async def get(self, job_id: int) -> Job | None:
        """The job as it is now, whoever has it; None once it is finished."""
        row = (await self._scope.prepared(_GET, {"tenant_id": self._scope.tenant_id, "its_id": job_id})).first()
        return None if row is None else job_of(row)

    async def waiting(self, *, kind: str | None = None, key: str | None = None) -> list[Job]:
        """The jobs that are neither done nor dead, in the order in which they are due; of one kind, or with one key."""
        asked = {"tenant_id": self._scope.tenant_id}
        if kind is not None:
            asked["kind"] = kind
        if key is not None:
            asked["key"] = short_key(key)
        query = _waiting(has_kind=kind is not None, has_key=key is not None)
        return [job_of(row) for row in await self._scope.prepared(query, asked)]

    async def count_of(self, person: str, kinds: Collection[str]) -> int:
        """How many jobs of these kinds somebody has that are neither done nor dead."""
        count = await self._scope.session.scalar(
            select(func.count())
            .select_from(JobRow)
            .where(
                JobRow.tenant_id == self._scope.tenant_id,
                JobRow.kind.in_(kinds),
                JobRow.person == person,
                JobRow.state != DEAD,
            )
        )
        return count or 0

    async def standing(self, kind: str, *, doing: str) -> list[JobStanding]:
        """How the jobs of a kind stand that are neither done nor dead, and those of another kind that somebody is
        `doing`; in no order."""
        asked = {"tenant_id": self._scope.tenant_id, "its_kind": kind, "other_kind": doing}
        return [
            JobStanding(
                kind=row.kind,
                run_at=row.run_at,
                due_at=row.due_at or row.run_at,  # as for `job_of`
                since=row.taken_at if row.state == DOING else None,
                error=row.error,
            )
            for row in await self._scope.prepared(_STANDING, asked)
        ]

    async def dead(self, limit: int = 100) -> list[Job]:
        """The jobs that were given up, newest first."""
        rows = await self._scope.session.scalars(
            select(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, JobRow.state == DEAD)
            .order_by(JobRow.id.desc())
            .limit(limit)
        )
        return [job_of(row) for row in rows]

    async def count_dead_of_all(self) -> int:
        """How many jobs of any tenant were given up."""
        count = await self._scope.session.scalar(select(func.count()).select_from(JobRow).where(JobRow.state == DEAD))
        return count or 0

    async def newly_late(self, lane: JobLane, now: datetime, *, limit: int = 20) -> Sequence[Job]:
        """The jobs of a lane that should have been done `late_after` ago and aren't, oldest first; each given once."""
        return await newly_late(self._scope, lane, now, limit=limit)

    async def has_others_told_late(self, lane: JobLane, late: Sequence[Job]) -> bool:
        """Whether a lane has other jobs than these that were given as late before, and still aren't done."""
        found = await self._scope.session.scalar(
            select(JobRow.id)
            .where(
                JobRow.tenant_id == self._scope.tenant_id,
                JobRow.state != DEAD,
                JobRow.late_told_at.is_not(None),
                JobRow.id.not_in([job.id for job in late]),
                lane.takes(),
            )
            .limit(1)
        )
        return found is not None
