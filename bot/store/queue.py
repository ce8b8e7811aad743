"""The outbox: jobs queued in the same transaction as the change that makes them due, and taken by lease.

Each claim raises the job's fence. Whoever writes on a job's behalf first says `hold`, which refuses once the fence has
moved on: a worker that was thought dead can't write over its successor's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from bot.errors import LeaseLost
from bot.store.databases import insert_or_ignore
from bot.store.scope import Scope, short_key
from bot.store.tables import JobRow

TODO = "todo"  #: waits until it is due
DOING = "doing"  #: a worker has it, until its lease ends
DEAD = "dead"  #: given up; kept for people

_ERROR_LENGTH = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A durable piece of work, as one claim sees it."""

    id: int
    tenant_id: str
    kind: str
    payload: Mapping[str, Any]
    key: str | None
    attempts: int  #: this one included
    fence: int
    worker: str
    run_at: datetime
    created_at: datetime
    lease_until: datetime | None
    error: str = ""  #: of the attempt before, or the last one of a dead job


class Queue:
    """The jobs of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def enqueue(
        self, kind: str, payload: Mapping[str, Any], *, run_at: datetime | None = None, key: str | None = None
    ) -> bool:
        """Queue a job, to run when this unit of work commits or at `run_at`.

        A `key` names the need: while a job with it waits, another one isn't queued, and the answer is False. Once that
        job runs its key is free, because what it has read may be older than the newer need.
        """
        now = self._scope.clock()
        due = run_at or now
        added = await self._scope.changed(
            insert_or_ignore(
                self._scope.dialect,
                JobRow,
                {
                    "tenant_id": self._scope.tenant_id,
                    "kind": kind,
                    "payload": dict(payload),
                    "key": None if key is None else short_key(key),
                    "state": TODO,
                    "run_at": due,
                    "created_at": now,
                    "attempts": 0,
                    "fence": 0,
                    "worker": "",
                    "lease_until": None,
                    "error": "",
                },
            )
        )
        if added and due <= now:
            self._scope.enqueued = True
        return added == 1

    async def claim(self, worker: str, now: datetime, lease_seconds: float, limit: int) -> list[Job]:
        """Take up to `limit` jobs that are due, or whose worker has let its lease run out, oldest first.

        A job whose key is also that of a job under way waits for it, even where that one's worker is gone: it is taken
        over first. So what serves the same need never runs side by side, and two claims at once need no lock for it.
        """
        under_way = aliased(JobRow)
        same_need = exists().where(
            under_way.tenant_id == JobRow.tenant_id, under_way.key == JobRow.key, under_way.state == DOING
        )
        due = or_(
            and_(JobRow.state == TODO, JobRow.run_at <= now, ~same_need),
            and_(JobRow.state == DOING, JobRow.lease_until <= now),
        )
        found = await self._scope.session.scalars(
            select(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, due)
            .order_by(JobRow.run_at, JobRow.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=JobRow)
        )
        rows = found.all()
        if not rows:
            return []
        lease_until = now + timedelta(seconds=lease_seconds)
        await self._scope.changed(
            update(JobRow)
            .where(JobRow.id.in_([row.id for row in rows]))
            .values(
                state=DOING,
                worker=worker,
                fence=JobRow.fence + 1,
                attempts=JobRow.attempts + 1,
                lease_until=lease_until,
            )
        )
        return [
            _job(row, attempts=row.attempts + 1, fence=row.fence + 1, worker=worker, lease_until=lease_until)
            for row in rows
        ]

    async def hold(self, job: Job) -> None:
        """Make sure, until this unit of work ends, that the job is still this claim's. Raises LeaseLost if it isn't."""
        held = await self._scope.session.scalar(select(JobRow.id).where(self._held(job)).with_for_update())
        if held is None:
            raise _lost(job)

    async def extend(self, job: Job, *, now: datetime, lease_seconds: float) -> None:
        """Renew the lease. Raises LeaseLost when the job is no longer this claim's."""
        await self._change(job, lease_until=now + timedelta(seconds=lease_seconds))

    async def finish(self, job: Job) -> None:
        """The job is done. Raises LeaseLost when it is no longer this claim's, so that its step is undone."""
        if await self._scope.changed(delete(JobRow).where(self._held(job))) == 0:
            raise _lost(job)

    async def retry(self, job: Job, run_at: datetime, error: str, *, counts: bool = True) -> None:
        """Put the job back, to run at `run_at`. Raises LeaseLost when it is no longer this claim's.

        Unless it `counts`, this attempt is forgotten: nothing failed, it was only too early. If the same need has been
        queued anew meanwhile, that job stands for both: it inherits the attempts, and waits as long.
        """
        await self._put_back(job, run_at=run_at, attempts=job.attempts if counts else job.attempts - 1, error=error)

    async def release(self, job: Job) -> None:
        """Put the job back as if it had not been claimed: for a worker that is told to stop."""
        await self._put_back(job, run_at=job.run_at, attempts=job.attempts - 1, error=job.error)
        self._scope.enqueued = True  # another worker of this process may take it at once

    async def mark_dead(self, job: Job, error: str) -> None:
        """Give the job up, and keep it for people. Raises LeaseLost when it is no longer this claim's.

        Where it was to answer isn't kept: whoever has a `response_url` can write to that person in Portcullis's name.
        """
        payload = {name: "" if name == "response_url" else value for name, value in job.payload.items()}
        await self._change(job, state=DEAD, lease_until=None, error=error[:_ERROR_LENGTH], payload=payload)

    async def get(self, job_id: int) -> Job | None:
        """The job as it is now, whoever has it; None once it is finished."""
        row = await self._scope.session.scalar(
            select(JobRow).where(JobRow.tenant_id == self._scope.tenant_id, JobRow.id == job_id)
        )
        return None if row is None else _job(row)

    async def dead(self, limit: int = 100) -> list[Job]:
        """The jobs that were given up, newest first."""
        rows = await self._scope.session.scalars(
            select(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, JobRow.state == DEAD)
            .order_by(JobRow.id.desc())
            .limit(limit)
        )
        return [_job(row) for row in rows]

    async def count_dead_of_all(self) -> int:
        """How many jobs of any tenant were given up."""
        count = await self._scope.session.scalar(select(func.count()).select_from(JobRow).where(JobRow.state == DEAD))
        return count or 0

    async def revive(self, job_id: int) -> bool:
        """Queue a dead job again, with all its attempts before it; False if there is no such dead job.

        Where the same need waits already, that job serves it, and the dead one goes.
        """
        dead = and_(JobRow.tenant_id == self._scope.tenant_id, JobRow.id == job_id, JobRow.state == DEAD)
        row = await self._scope.session.scalar(select(JobRow).where(dead).with_for_update())
        if row is None:
            return False
        self._scope.enqueued = True
        while await self._same_need(row.key) is None:
            try:
                async with self._scope.session.begin_nested():
                    await self._scope.changed(
                        update(JobRow)
                        .where(JobRow.id == row.id)
                        .values(state=TODO, run_at=self._scope.clock(), attempts=0, worker="")
                    )
            except IntegrityError:
                continue  # the same need was queued between the look and the update
            return True
        await self._scope.changed(delete(JobRow).where(JobRow.id == row.id))
        return True

    async def waiting(self, *, kind: str | None = None) -> list[Job]:
        """The jobs that are neither done nor dead, in the order in which they are due."""
        query = (
            select(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, JobRow.state != DEAD)
            .order_by(JobRow.run_at, JobRow.id)
        )
        if kind is not None:
            query = query.where(JobRow.kind == kind)
        return [_job(row) for row in await self._scope.session.scalars(query)]

    async def _put_back(self, job: Job, *, run_at: datetime, attempts: int, error: str) -> None:
        error = error[:_ERROR_LENGTH]
        await self.hold(job)
        while True:
            newer = await self._same_need(job.key)
            if newer is not None:
                await self._scope.changed(
                    update(JobRow)
                    .where(JobRow.id == newer.id)
                    .values(run_at=max(newer.run_at, run_at), attempts=max(newer.attempts, attempts), error=error)
                )
                await self.finish(job)
                return
            try:
                async with self._scope.session.begin_nested():
                    await self._change(
                        job, state=TODO, lease_until=None, worker="", run_at=run_at, attempts=attempts, error=error
                    )
            except IntegrityError:
                continue  # the same need was queued between the look and the update
            return

    async def _same_need(self, key: str | None) -> JobRow | None:
        """The waiting job that has a key, locked."""
        if key is None:
            return None
        return await self._scope.session.scalar(
            select(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, JobRow.key == key, JobRow.state == TODO)
            .with_for_update()
        )

    async def _change(self, job: Job, **values: Any) -> None:  # noqa: ANN401 - columns of any type
        if await self._scope.changed(update(JobRow).where(self._held(job)).values(**values)) == 0:
            raise _lost(job)

    def _held(self, job: Job) -> ColumnElement[bool]:
        return and_(
            JobRow.id == job.id,
            JobRow.tenant_id == self._scope.tenant_id,
            JobRow.state == DOING,
            JobRow.fence == job.fence,
        )


def _lost(job: Job) -> LeaseLost:
    return LeaseLost(f"The job {job.kind} #{job.id} is no longer this worker's.", "Its new holder goes on with it.")


def _job(row: JobRow, **claimed: Any) -> Job:  # noqa: ANN401 - columns of any type
    values: dict[str, Any] = {
        "attempts": row.attempts,
        "fence": row.fence,
        "worker": row.worker,
        "lease_until": row.lease_until,
    }
    return Job(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=row.kind,
        payload=_object(row.payload),
        key=row.key,
        run_at=row.run_at,
        created_at=row.created_at,
        error=row.error,
        **(values | claimed),
    )


def _object(stored: object) -> Mapping[str, Any]:
    """A payload: only objects are queued, and what somebody made anything else of says nothing to anybody."""
    return stored if isinstance(stored, Mapping) else {}
