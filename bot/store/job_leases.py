"""Renewing the leases of all jobs that a worker has: in one transaction, however many they are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, func, or_, select, update

from bot.store.job_rows import DOING, Job
from bot.store.scope import Scope
from bot.store.tables import JobRow


class Lease(StrEnum):
    """What is found of a claim when its lease is to be renewed."""

    RENEWED = "renewed"
    BUSY = "busy"  #: still this claim's, and not renewed: its row is locked, such as by its own handler
    LOST = "lost"  #: no longer this claim's
    FINISHED = "finished"  #: there is no such job any more


async def renew(
    scope: Scope, jobs: Collection[Job], now: datetime, lease_seconds: float, *, patience: float = 0.0
) -> Mapping[int, Lease]:
    """Renew the leases of these claims, by the database's clock; what is found of each, by the job's number.

    A row that is locked is not waited for, unless it is for so many seconds of `patience`: nobody can take it over
    meanwhile, and the others must not wait for it. The transaction fails where it stays locked for longer.
    """
    if not jobs:
        return {}
    row = JobRow
    claims = or_(*(and_(row.id == job.id, row.fence == job.fence) for job in jobs))
    held = select(row.id).where(row.tenant_id == scope.tenant_id, row.state == DOING, claims)
    at = now + await scope.clock_ahead()
    if patience and scope.dialect.name == "postgresql":
        within = f"{round(patience * 1000):d}ms"
        await scope.session.execute(select(func.set_config("lock_timeout", within, True)))
    free = {*await scope.session.scalars(held.order_by(row.id).with_for_update(skip_locked=not patience))}
    if free:
        until = at + timedelta(seconds=lease_seconds)
        await scope.changed(update(row).where(row.id.in_(free)).values(lease_until=until))
    left = [job.id for job in jobs if job.id not in free]
    if not left:
        return dict.fromkeys(free, Lease.RENEWED)
    busy = {*await scope.session.scalars(held.where(row.id.in_(left)))}
    there = {*await scope.session.scalars(select(row.id).where(row.tenant_id == scope.tenant_id, row.id.in_(left)))}
    return {
        **dict.fromkeys(free, Lease.RENEWED),
        **{job: Lease.BUSY if job in busy else Lease.LOST if job in there else Lease.FINISHED for job in left},
    }
