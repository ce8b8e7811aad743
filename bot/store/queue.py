"""The outbox: jobs queued in the same transaction as the change that makes them due, and taken by lease.

Each claim raises the job's fence. Whoever writes on a job's behalf first says `hold`, which refuses once the fence has
moved on: a worker that was thought dead can't write over its successor's work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from bot.errors import LeaseLost
from bot.reference import current_reference
from bot.store.column_types import Utc
from bot.store.databases import prepared_insert_or_ignore
from bot.store.job_lanes import EVERY_KIND, JobLane, claim, turn_of
from bot.store.job_leases import Lease, renew
from bot.store.job_rows import ADDRESS, DEAD, DOING, INTERRUPTED, TODO, Job, forget_addresses, without_address
from bot.store.jobs_seen import JobsSeen
from bot.store.scope import short_key
from bot.store.table import core
from bot.store.tables import JobRow

_ERROR_LENGTH = 2_000

_table = core(JobRow)
_of_tenant = _table.c.tenant_id == bindparam("tenant_id")
_held = and_(
    _table.c.id == bindparam("its_id"),
    _of_tenant,
    _table.c.state == DOING,
    _table.c.fence == bindparam("its_fence"),
)
_HOLD = select(_table.c.id).where(_held).with_for_update()
_FINISH = delete(_table).where(_held)
_with_key = and_(_of_tenant, _table.c.key == bindparam("its_key"), _table.c.state == TODO)
_DROP = delete(_table).where(_with_key)
_DROP_UNTRIED = _DROP.where(_table.c.attempts == 0, _table.c.error == literal_column("''"))
#: Nobody who takes jobs takes one that is held so, and several who need it hold it at once.
_SHARE = select(_table.c.id).where(_with_key).with_for_update(read=True)
_SOONER = (
    update(_table)
    .where(_with_key, _table.c.attempts == 0, _table.c.run_at > bindparam("due", type_=Utc()))
    # It counts as late from the earlier time on; where it was put off, from when it was due at first.
    .values(
        run_at=bindparam("due", type_=Utc()),
        due_at=case(
            (_table.c.due_at < bindparam("due", type_=Utc()), _table.c.due_at), else_=bindparam("due", type_=Utc())
        ),
    )
)


class Queue(JobsSeen):
    """The jobs of one tenant, within one unit of work."""

    async def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        run_at: datetime | None = None,
        key: str | None = None,
        person: str = "",
        sooner: bool = False,
    ) -> bool:
        """Queue a job, to run when this unit of work commits or at `run_at`.

        A `key` names the need: while a job with it waits, another one isn't queued, and the answer is False. With
        `sooner` one that waits for a later time is brought forward, unless an attempt of it has failed. Once a job
        runs its key is free, because what it has read may be older than the newer need. The jobs of one kind that
        are somebody's (`person`) are taken in turns: nobody waits for all that somebody else has queued.
        """
        now = self._scope.clock()
        due = run_at or now
        row = {
            "tenant_id": self._scope.tenant_id,
            "kind": kind,
            "payload": dict(payload),
            "key": None if key is None else short_key(key),
            "state": TODO,
            "run_at": due,
            "due_at": due,
            "created_at": now,
            "person": person,
            "turn": await turn_of(self._scope, kind, person) if person else 0,
            "attempts": 0,
            "failures": 0,
            "fence": 0,
            "worker": "",
            "lease_until": None,
            "error": "",
            "reference": current_reference(),
        }
        insert = prepared_insert_or_ignore(self._scope.dialect.name, _table)
        added = brought_forward = False
        while not (added := (await self._scope.prepared(insert, row)).rowcount == 1):
            of_key = {"tenant_id": self._scope.tenant_id, "its_key": row["key"]}
            if sooner:
                brought_forward = (await self._scope.prepared(_SOONER, {**of_key, "due": due})).rowcount == 1
            if brought_forward or await self._waits_for_this(of_key):
                break
        if (added or brought_forward) and due <= now:
            self._scope.enqueued = True
        return added

    async def _waits_for_this(self, of_key: Mapping[str, Any]) -> bool:
        """Have a job that waits under a key wait until this unit of work has ended; False where none waits any more.

        Else somebody could take it meanwhile, and read what was before this: nobody would ever tell of it. On SQLite
        whoever takes jobs waits for whoever writes anyway.
        """
        if self._scope.dialect.name == "sqlite":
            return True
        return (await self._scope.prepared(_SHARE, of_key)).first() is not None

    async def replace(self, key: str, payload: Mapping[str, Any]) -> bool:
        """Have the job that waits under a key told something else; False where none waits any more."""
        changed = await self._scope.changed(
            update(JobRow)
            .where(JobRow.tenant_id == self._scope.tenant_id, JobRow.key == short_key(key), JobRow.state == TODO)
            .values(payload=dict(payload))
        )
        return changed > 0

    async def drop(self, key: str, *, untried: bool = False) -> bool:
        """Nobody needs the job any more that waits under a key: whether one did. One that runs finds that out by
        itself. With `untried` one stays of which an attempt was begun."""
        statement = _DROP_UNTRIED if untried else _DROP
        dropped = await self._scope.prepared(statement, {"tenant_id": self._scope.tenant_id, "its_key": short_key(key)})
        return dropped.rowcount > 0

    async def claim(
        self,
        worker: str,
        now: datetime,
        lease_seconds: float,
        limit: int,
        *,
        lane: JobLane = EVERY_KIND,
        but: Collection[int] = (),
    ) -> list[Job]:
        """Take up to `limit` jobs of a lane that are due, or whose worker has let its lease run out.

        The most urgent come first; of those, people take turns; of those, the oldest. What serves the same need never
        runs side by side, nor more of the lane's jobs than it has places `of_all` processes. `but` are the numbers of
        jobs that the worker is still doing, whose leases it could not renew for a while: it must not do them twice.
        """
        return await claim(self._scope, worker, now, lease_seconds, limit, lane, but)

    async def free(self) -> int:
        """Let go of every job that some worker has, for a process that knows that no other one runs. How many."""
        doing = and_(JobRow.tenant_id == self._scope.tenant_id, JobRow.state == DOING)
        freed = await self._scope.changed(update(JobRow).where(doing).values(lease_until=self._scope.clock()))
        self._scope.enqueued = self._scope.enqueued or freed > 0
        return freed

    async def hold(self, job: Job) -> None:
        """Make sure, until this unit of work ends, that the job is still this claim's. Raises LeaseLost if it isn't."""
        if (await self._scope.prepared(_HOLD, self._of(job))).scalar() is None:
            raise _lost(job)

    async def renew(
        self, jobs: Collection[Job], *, now: datetime, lease_seconds: float, patience: float = 0.0
    ) -> Mapping[int, Lease]:
        """Renew the leases of these claims together; what is found of each of them, by the job's number. See
        `bot.store.job_leases`."""
        return await renew(self._scope, jobs, now, lease_seconds, patience=patience)

    async def finish(self, job: Job) -> None:
        """The job is done. Raises LeaseLost when it is no longer this claim's, so that its step is undone."""
        if not await self.end(job):
            raise _lost(job)

    async def end(self, job: Job) -> bool:
        """The job is done, if it is still this claim's: whether it is. For a step that stands in any case."""
        if job.payload.get(ADDRESS):
            await self._scope.forget_thoroughly()
        if (await self._scope.prepared(_FINISH, self._of(job))).rowcount == 0:
            return False
        self._scope.finished.add(job.id)
        return True

    async def tell(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Have the job told something else at its next attempt. Raises LeaseLost when it is no longer this claim's."""
        await self._change(job, payload=dict(payload))

    async def retry(self, job: Job, run_at: datetime, error: str, *, counts: bool = True) -> None:
        """Put the job back, to run at `run_at`. Raises LeaseLost when it is no longer this claim's.

        Unless it `counts`, this attempt is forgotten: nothing failed, it was only too early; that the one before it was
        interrupted is not. If the same need has been queued anew meanwhile, that job stands for both: it inherits the
        attempts and the failures, and after a failure waits as long.
        """
        attempts = job.attempts if counts else job.attempts - 1
        if job.was_interrupted and not counts:
            error = INTERRUPTED
        await self._put_back(job, run_at=run_at, attempts=attempts, error=error, has_failed=counts)

    async def release(self, job: Job) -> None:
        """Put the job back as if it had not been claimed, for a worker that is told to stop.

        Whoever claims it next sees that it `was_interrupted`.
        """
        await self._put_back(job, run_at=job.run_at, attempts=job.attempts - 1, error=INTERRUPTED, has_failed=False)
        self._scope.enqueued = True  # another worker of this process may take it at once

    async def mark_dead(self, job: Job, error: str) -> None:
        """Give the job up, and keep it for people. Raises LeaseLost when it is no longer this claim's.

        Where it was to answer isn't kept: whoever has a `response_url` can write to that person in Portcullis's name.
        """
        await self._scope.forget_thoroughly()
        payload = without_address(job.payload)
        await self._change(job, state=DEAD, lease_until=None, error=error[:_ERROR_LENGTH], payload=payload)

    async def forget_address(self, job: Job) -> None:
        """Keep no longer where the job was to answer: it is used up. Raises LeaseLost as `finish` does."""
        await self._scope.forget_thoroughly()
        await self._change(job, payload=without_address(job.payload))

    async def forget_addresses(self, kinds: Collection[str], before: datetime) -> int:
        """Keep no longer where jobs of these kinds that were queued before a time were to answer. How many had one."""
        return await forget_addresses(self._scope, kinds, before)

    async def revive(self, job_id: int) -> bool:
        """Queue a dead job again, with all its attempts before it; False if there is no such dead job.

        Where the same need waits already, that job serves it, and the dead one goes.
        """
        dead = and_(JobRow.tenant_id == self._scope.tenant_id, JobRow.id == job_id, JobRow.state == DEAD)
        row = await self._scope.session.scalar(select(JobRow).where(dead).with_for_update())
        if row is None:
            return False
        self._scope.enqueued = True
        now = self._scope.clock()
        while await self._same_need(row.key) is None:
            try:
                async with self._scope.session.begin_nested():
                    await self._scope.changed(
                        update(JobRow)
                        .where(JobRow.id == row.id)
                        .values(
                            state=TODO, run_at=now, due_at=now, attempts=0, failures=0, worker="", late_told_at=None
                        )
                    )
            except IntegrityError:
                continue  # the same need was queued between the look and the update
            return True
        await self._scope.changed(delete(JobRow).where(JobRow.id == row.id))
        return True

    async def _put_back(self, job: Job, *, run_at: datetime, attempts: int, error: str, has_failed: bool) -> None:
        error, failures = error[:_ERROR_LENGTH], job.failures + has_failed
        before = aliased(JobRow)
        await self.hold(job)
        while True:
            newer = await self._same_need(job.key)
            if newer is not None:
                await self._scope.changed(
                    update(JobRow)
                    .where(JobRow.id == newer.id)
                    .values(
                        # What was put off because its time had not come keeps nothing newer waiting.
                        run_at=(max if has_failed else min)(newer.run_at, run_at),
                        due_at=min(newer.due_at or newer.run_at, job.due_at),
                        attempts=max(newer.attempts, attempts),
                        failures=max(newer.failures, failures),
                        error=error,
                        late_told_at=select(before.late_told_at).where(before.id == job.id).scalar_subquery(),
                    )
                )
                await self.finish(job)
                return
            try:
                async with self._scope.session.begin_nested():
                    await self._change(
                        job,
                        state=TODO,
                        lease_until=None,
                        worker="",
                        run_at=run_at,
                        attempts=attempts,
                        failures=failures,
                        error=error,
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

    def _of(self, job: Job) -> dict[str, Any]:
        return {"tenant_id": self._scope.tenant_id, "its_id": job.id, "its_fence": job.fence}

    def _held(self, job: Job) -> ColumnElement[bool]:
        return and_(
            JobRow.id == job.id,
            JobRow.tenant_id == self._scope.tenant_id,
            JobRow.state == DOING,
            JobRow.fence == job.fence,
        )


def _lost(job: Job) -> LeaseLost:
    return LeaseLost(f"The job {job.kind} #{job.id} is no longer this worker's.", "Its new holder goes on with it.")
