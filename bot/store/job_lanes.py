"""Whose turn it is: which jobs a lane takes, in which order, and how many of them at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, exists, func, or_, select, union, update

from bot.store.job_rows import DEAD, DOING, TODO, Job, job_of
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import JobRow


@dataclass(frozen=True, slots=True, kw_only=True)
class JobLane:
    """Jobs that share places of their own, so that no other jobs can hold them up.

    `kinds` has the names of their kinds, the most urgent first, those that are equally urgent together. None is for
    every kind that isn't in `but`: what another version queued has to be taken as well, to be given up.
    """

    name: str
    kinds: tuple[tuple[str, ...], ...] | None = None
    but: frozenset[str] = frozenset()
    places: int = 4  #: so many of them run at once in one process
    of_all: int | None = None  #: so many at once in all processes on this database; None: each has its own places
    late_after: timedelta | None = None  #: a job that isn't done so long after it was due is told of; None: none is

    def takes(self) -> ColumnElement[bool]:
        """What tells its rows."""
        if self.kinds is None:
            return JobRow.kind.not_in(self.but)
        return JobRow.kind.in_([kind for kinds in self.kinds for kind in kinds])

    def takes_any(self, kinds: Collection[str]) -> bool:
        """Whether one of these kinds is its own."""
        if self.kinds is None:
            return not self.but.issuperset(kinds)
        return any(kind in kinds for equals in self.kinds for kind in equals)

    def urgency(self) -> ColumnElement[int] | None:
        """What orders its rows by urgency; None where all are equally urgent."""
        if self.kinds is None or len(self.kinds) < 2:
            return None
        return case(*((JobRow.kind.in_(kinds), place) for place, kinds in enumerate(self.kinds)), else_=0)


#: All jobs in one lane, by the time at which they are due.
EVERY_KIND = JobLane(name="all")


_jobs = core(JobRow)

_KINDS = select(_jobs.c.kind).where(_jobs.c.tenant_id == bindparam("tenant_id"))
#: Asked at every turn of a worker, mostly in vain, so that it is put together once; in two parts, so that what waits
#: for a later day isn't looked at: for one that takes either, SQLite goes through all of them by their kinds.
_KINDS_DUE = union(
    _KINDS.where(_jobs.c.state == TODO, _jobs.c.run_at <= bindparam("now")),
    _KINDS.where(
        _jobs.c.state == DOING,
        _jobs.c.lease_until <= bindparam("at"),
        _jobs.c.id.not_in(bindparam("but", expanding=True)),
    ),
)


_TAKE = (
    update(_jobs)
    .where(_jobs.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=DOING,
        worker=bindparam("its_worker"),
        fence=_jobs.c.fence + 1,
        attempts=_jobs.c.attempts + 1,
        # Nothing failed where a process ended: what it was doing waits no longer than something new.
        failures=case((_jobs.c.state == DOING, 0), else_=_jobs.c.failures),
        lease_until=bindparam("lease"),
        taken_at=bindparam("now"),
    )
)


async def kinds_due(scope: Scope, now: datetime, but: Collection[int] = ()) -> frozenset[str]:
    """The kinds of the jobs that `claim` would look at, in any lane: a lane of none of them has nothing to be taken."""
    at = now + await scope.clock_ahead()
    values = {"tenant_id": scope.tenant_id, "now": now, "at": at, "but": list(but)}
    return frozenset((await scope.prepared(_KINDS_DUE, values)).scalars())


async def claim(
    scope: Scope,
    worker: str,
    now: datetime,
    lease_seconds: float,
    limit: int,
    lane: JobLane = EVERY_KIND,
    but: Collection[int] = (),
) -> list[Job]:
    """Take up to `limit` jobs of a lane that are due, or whose worker has let its lease run out.

    Leases go by the database's clock, so that replicas whose clocks differ agree on them. `but` are the numbers of
    jobs that are not to be taken over.

    The most urgent come first; of those, people take turns; of those, the oldest. A job whose key is also that of a
    job under way waits for it, even where that one's worker is gone: it is taken over first. So what serves the same
    need never runs side by side, and two claims at once need no lock for it. Where the lane has places `of_all`
    processes, two claims at once do need one, and the later finds nothing this time.
    """
    at = now + await scope.clock_ahead()
    if lane.of_all is not None:
        if not await scope.is_alone_with(f"lane:{scope.tenant_id}:{lane.name}"):
            return []
        limit = min(limit, lane.of_all - await _under_way(scope, lane, at))
    if limit <= 0:
        return []
    asked = {"tenant_id": scope.tenant_id, "now": now, "at": at, "but": list(but), "most": limit}
    rows = (await scope.prepared(_due_of(lane), asked)).all()
    if not rows:
        return []
    lease_until = at + timedelta(seconds=lease_seconds)
    taken = {"ids": [row.id for row in rows], "its_worker": worker, "lease": lease_until, "now": now}
    await scope.prepared(_TAKE, taken)
    return [
        job_of(
            row,
            attempts=row.attempts + 1,
            failures=0 if row.state == DOING else row.failures,
            fence=row.fence + 1,
            worker=worker,
            lease_until=lease_until,
        )
        for row in rows
    ]


@cache
def _due_of(lane: JobLane) -> Select[*tuple[Any, ...]]:
    """What of a lane is due, in the order in which it is taken."""
    under_way = _jobs.alias()
    same_need = exists().where(
        under_way.c.tenant_id == _jobs.c.tenant_id, under_way.c.key == _jobs.c.key, under_way.c.state == DOING
    )
    due = or_(
        and_(_jobs.c.state == TODO, _jobs.c.run_at <= bindparam("now"), ~same_need),
        and_(
            _jobs.c.state == DOING,
            _jobs.c.lease_until <= bindparam("at"),
            _jobs.c.id.not_in(bindparam("but", expanding=True)),
        ),
    )
    urgency = lane.urgency()
    return (
        select(_jobs)
        .where(_jobs.c.tenant_id == bindparam("tenant_id"), due, lane.takes())
        .order_by(*(() if urgency is None else (urgency,)), _jobs.c.turn, _jobs.c.run_at, _jobs.c.id)
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True, of=_jobs)
    )


async def _under_way(scope: Scope, lane: JobLane, at: datetime) -> int:
    """How many of a lane some process is doing. One that let its lease run out does none."""
    count = await scope.session.scalar(
        select(func.count())
        .select_from(JobRow)
        .where(JobRow.tenant_id == scope.tenant_id, JobRow.state == DOING, JobRow.lease_until > at, lane.takes())
    )
    return count or 0


async def turn_of(scope: Scope, kind: str, person: str) -> int:
    """Which turn somebody's next job of a kind gets: the present one, and one later for each that they have already.

    So whoever comes with one job comes before the second of whoever came with sixteen, and nobody has to be counted
    when jobs are taken.
    """
    row = JobRow
    of_kind = and_(row.tenant_id == scope.tenant_id, row.kind == kind, row.state != DEAD)
    present = await scope.session.scalar(select(func.min(row.turn)).where(of_kind))
    own = await scope.session.scalar(select(func.count()).select_from(row).where(of_kind, row.person == person))
    return (present or 0) + (own or 0)


async def newly_late(scope: Scope, lane: JobLane, now: datetime, *, limit: int) -> Sequence[Job]:
    """The jobs of a lane that should have been done `late_after` ago and aren't, oldest first; each is given once.

    They may wait for a place, for their next attempt, or for whatever their handler waits for.
    """
    if lane.late_after is None:
        return ()
    row = JobRow
    late = and_(
        row.tenant_id == scope.tenant_id,
        row.state != DEAD,
        row.due_at <= now - lane.late_after,
        row.late_told_at.is_(None),
        lane.takes(),
    )
    found = await scope.session.scalars(
        select(row).where(late).order_by(row.due_at, row.id).limit(limit).with_for_update(skip_locked=True)
    )
    rows = found.all()
    if rows:
        await scope.changed(update(row).where(row.id.in_([each.id for each in rows])).values(late_told_at=now))
    return [job_of(each) for each in rows]
