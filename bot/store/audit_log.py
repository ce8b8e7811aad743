"""The audit log in the database: rows are appended under a lock that keeps the chain one, and paged by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, union, update
from sqlalchemy.exc import IntegrityError

from bot.domain.audit import Event, EventKind, chain_hash, compose, genesis
from bot.domain.audit_chain import Findings
from bot.errors import ChainBroken
from bot.store.audit_verification import verify_log
from bot.store.databases import insert_or_ignore
from bot.store.scope import Scope
from bot.store.tables import AuditEventRow, AuditHeadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events to show. Everything given must hold; `since` is included, `until` is not."""

    actor: str | None = None
    kind: str | None = None
    target: str | None = None
    request_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None  #: the next page: the last number of this one
    limit: int = 50


class AuditLog:
    """The audit log of one tenant, within one unit of work.

    From the first `append` on, every other writer of the tenant's log waits for this unit of work: append last.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def append(
        self,
        kind: EventKind,
        *,
        actor: str,
        target: str = "",
        request_id: int | None = None,
        payload: Mapping[str, object] | None = None,
        at: datetime,
    ) -> Event:
        """Add an event to the end of the log, in this transaction.

        `payload` may hold texts, whole numbers, booleans, times, enums, and lists and objects of them. Raises
        ChainBroken when the log doesn't end where its head says: then somebody has been at it.
        """
        head = await self._lock_head()
        event = compose(
            seq=head.seq + 1,
            tenant_id=self._scope.tenant_id,
            at=at,
            kind=str(kind),
            actor=actor,
            target=target,
            request_id=request_id,
            payload=payload,
        )
        new_hash = chain_hash(head.hash, event)
        try:
            await self._scope.session.execute(
                insert(AuditEventRow).values(
                    tenant_id=event.tenant_id,
                    seq=event.seq,
                    at=event.at,
                    kind=event.kind,
                    actor=event.actor,
                    target=event.target,
                    request_id=event.request_id,
                    payload=event.payload,
                    previous_hash=head.hash,
                    hash=new_hash,
                )
            )
        except IntegrityError as error:
            raise ChainBroken(
                f"The audit log has a row {event.seq} beyond its recorded end; nothing was written.",
                "Run `portcullis audit verify`, and find out who changed the database.",
            ) from error
        await self._scope.changed(
            update(AuditHeadRow)
            .where(AuditHeadRow.tenant_id == self._scope.tenant_id)
            .values(seq=event.seq, hash=new_hash)
        )
        return event

    async def page(self, *, filters: AuditFilter = AuditFilter()) -> list[Event]:
        """Events, newest first. For the next page pass the last one's number as `before_seq`."""
        rows = AuditEventRow
        query = (
            select(rows).where(rows.tenant_id == self._scope.tenant_id).order_by(rows.seq.desc()).limit(filters.limit)
        )
        for column, wanted in (
            (rows.actor, filters.actor),
            (rows.kind, filters.kind),
            (rows.target, filters.target),
            (rows.request_id, filters.request_id),
        ):
            if wanted is not None:
                query = query.where(column == wanted)
        if filters.since is not None:
            query = query.where(rows.at >= filters.since)
        if filters.until is not None:
            query = query.where(rows.at < filters.until)
        if filters.before_seq is not None:
            query = query.where(rows.seq < filters.before_seq)
        return [_event(row) for row in await self._scope.session.scalars(query)]

    async def verify(self) -> Findings:
        """Hold the whole log against its hash chain, in constant memory."""
        return await verify_log(self._scope)

    async def tenants(self) -> list[str]:
        """Every tenant that has an audit log in this database, not only this one."""
        rows = await self._scope.session.scalars(
            union(select(AuditHeadRow.tenant_id), select(AuditEventRow.tenant_id).distinct()).order_by("tenant_id")
        )
        return [str(tenant_id) for tenant_id in rows]

    async def _lock_head(self) -> AuditHeadRow:
        query = select(AuditHeadRow).where(AuditHeadRow.tenant_id == self._scope.tenant_id).with_for_update()
        head = await self._scope.session.scalar(query)
        if head is None:
            tenant_id = self._scope.tenant_id
            await self._scope.changed(
                insert_or_ignore(
                    self._scope.dialect,
                    AuditHeadRow,
                    {"tenant_id": tenant_id, "seq": 0, "hash": genesis(tenant_id)},
                )
            )
            head = await self._scope.session.scalar(query)
        assert head is not None  # noqa: S101 - inserted above, or there before
        return head


def _event(row: AuditEventRow) -> Event:
    return Event(
        seq=row.seq,
        tenant_id=row.tenant_id,
        at=row.at,
        kind=row.kind,
        actor=row.actor,
        target=row.target,
        request_id=row.request_id,
        payload=row.payload,
    )
