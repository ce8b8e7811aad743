"""What came of what: the events that were logged under a reference, and the references of events."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, or_, select
from sqlalchemy.orm import aliased

from bot.domain.auditing.events import Event
from bot.reference import LENGTH, current_reference
from bot.store.audit_log import event_of
from bot.store.audit_tables import AuditEventRow, EventReferenceRow
from bot.store.awaited import NOTES
from bot.store.databases import in_chunks
from bot.store.job_rows import Job, job_of
from bot.store.scope import Scope
from bot.store.slack_tables import DeliveryRow
from bot.store.table import core
from bot.store.tables import JobRow

#: So many deliveries, and so many jobs, are found at most.
_MOST = 200

#: Run after each transaction that has logged something, so that it is put together once.
_KEEP = insert(core(EventReferenceRow))


async def keep_reference(scope: Scope) -> None:
    """Keep which events a transaction has logged, and under which reference; nothing where it has none of either.

    Nobody else logs between the first and the last of them: the log is locked from the first one on.
    """
    reference = current_reference()
    if scope.appended is None or not reference:
        return
    first, last = scope.appended
    row = {"tenant_id": scope.tenant_id, "first_seq": first, "last_seq": last, "reference": reference}
    await scope.prepared(_KEEP, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenDelivery:
    """Something that was delivered, as long as it is remembered, and whatever was noted of it."""

    key: str
    seen_at: datetime
    answer: Mapping[str, Any] | None


class References:
    """The references of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def events(self, reference: str, *, limit: int) -> list[Event]:
        """The events that were logged under it, oldest first."""
        kept, event = EventReferenceRow, AuditEventRow
        query = (
            select(event)
            .join(kept, (kept.tenant_id == event.tenant_id) & event.seq.between(kept.first_seq, kept.last_seq))
            .where(kept.tenant_id == self._scope.tenant_id, kept.reference == reference)
            .order_by(event.seq)
            .limit(limit)
        )
        return [event_of(row) for row in await self._scope.session.scalars(query)]

    async def of_events(self, numbers: Collection[int]) -> Mapping[int, str]:
        """Under which reference each of these events was logged, by its number; those without any are left out."""
        kept, event, tenant_id = EventReferenceRow, AuditEventRow, self._scope.tenant_id
        before = aliased(EventReferenceRow)
        nearest = (
            select(func.max(before.first_seq))
            .where(before.tenant_id == tenant_id, before.first_seq <= event.seq)
            .correlate(event)
            .scalar_subquery()
        )
        found: dict[int, str] = {}
        for some in in_chunks(sorted(numbers)):
            query = (
                select(event.seq, kept.reference)
                .join(kept, and_(kept.tenant_id == tenant_id, kept.first_seq == nearest, kept.last_seq >= event.seq))
                .where(event.tenant_id == tenant_id, event.seq.in_(some))
            )
            found |= dict(await self._scope.rows(query))
        return found

    async def deliveries(self, references: Collection[str]) -> list[SeenDelivery]:
        """What was delivered under these references, and what was noted of it, oldest first."""
        row = DeliveryRow
        whose = sorted(references)
        named = [
            and_(row.key.startswith(note, autoescape=True), func.substr(row.key, len(note) + 1, LENGTH).in_(whose))
            for note in ("", *NOTES)
        ]
        query = select(row).where(row.tenant_id == self._scope.tenant_id, or_(*named)).order_by(row.seen_at, row.key)
        found = await self._scope.session.scalars(query.limit(_MOST))
        return [SeenDelivery(key=each.key, seen_at=each.seen_at, answer=each.answer) for each in found]

    async def jobs(self, references: Collection[str]) -> list[Job]:
        """The jobs that were queued under these references and aren't done, those that were given up among them."""
        row = JobRow
        query = select(row).where(row.tenant_id == self._scope.tenant_id, row.reference.in_(sorted(references)))
        return [job_of(each) for each in await self._scope.session.scalars(query.order_by(row.id).limit(_MOST))]
