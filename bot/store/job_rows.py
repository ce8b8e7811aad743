"""A job as one claim of it sees it, the rows that it comes from, and what they keep no longer than it works."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from bot.store.scope import Scope
from bot.store.tables import JobRow

TODO = "todo"  #: waits until it is due
DOING = "doing"  #: a worker has it, until its lease ends
DEAD = "dead"  #: given up; kept for people

#: The field of a payload that holds where one person can be answered. Whoever has it can write to that person in
#: Portcullis's name, so that no row keeps it for longer than it works.
ADDRESS = "response_url"

#: Stands as the error of a job whose worker was told to stop in the midst of it.
INTERRUPTED = "Portcullis was told to stop in the midst of it, and goes on when it runs again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A durable piece of work, as one claim sees it."""

    id: int
    tenant_id: str
    kind: str
    payload: Mapping[str, Any]
    key: str | None
    attempts: int  #: this one included
    failures: int  #: those that failed, since it was queued or a process ended in the midst of it: waits go by them
    fence: int
    worker: str
    run_at: datetime
    due_at: datetime  #: when it was to run for the first time, however often it was put back since
    created_at: datetime
    lease_until: datetime | None
    person: str = ""  #: whose it is, where that matters for whose turn it is
    reference: str = ""  #: of the delivery that it comes of, see `bot.reference`
    error: str = ""  #: of the attempt before, or the last one of a dead job

    @property
    def was_interrupted(self) -> bool:
        """Whether the attempt before this one was ended in the midst of it, and counts for none."""
        return self.error == INTERRUPTED


def job_of(row: Any, **claimed: Any) -> Job:  # noqa: ANN401 - a row of the table, mapped or not; columns of any type
    """The row as a job; `claimed` are the fields that a claim has just changed."""
    values: dict[str, Any] = {
        "attempts": row.attempts,
        "failures": row.failures,
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
        due_at=row.due_at or row.run_at,  # a replica of an older version writes none
        created_at=row.created_at,
        person=row.person,
        reference=row.reference,
        error=row.error,
        **(values | claimed),
    )


def without_address(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload, with an empty text where it says where somebody can be answered."""
    return {name: "" if name == ADDRESS else value for name, value in payload.items()}


def _object(stored: object) -> Mapping[str, Any]:
    """A payload: only objects are queued, and what somebody made anything else of says nothing to anybody."""
    return stored if isinstance(stored, Mapping) else {}


async def forget_addresses(scope: Scope, kinds: Collection[str], before: datetime) -> int:
    """Keep no longer where jobs of these kinds that were queued before a time were to answer. How many had one."""
    await scope.forget_thoroughly()
    old = select(JobRow).where(JobRow.tenant_id == scope.tenant_id, JobRow.kind.in_(kinds), JobRow.created_at < before)
    forgotten = 0
    for row in await scope.session.scalars(old.with_for_update(skip_locked=True)):
        job = job_of(row)
        if job.payload.get(ADDRESS):
            change = update(JobRow).where(JobRow.id == job.id).values(payload=without_address(job.payload))
            forgotten += await scope.changed(change)
    return forgotten
