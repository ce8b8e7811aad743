"""A page of the audit log: which events to show, and the queries that find them by the log's indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select

from bot.domain.auditing.events import as_target, clean_text
from bot.store.scope import Scope
from bot.store.tables import AuditEventRow, ItemRow

#: So many requests that name an indicator are looked at, the newest ones.
_MOST_REQUESTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events to show. Everything given must hold; `since` is included, `until` is not."""

    actor: str | None = None
    kind: str | None = None
    target: str | None = None  #: what an event is about, or an item of the request that it is about
    wider: tuple[str, ...] = ()  #: other values that count as the target too: those that cover it
    request_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None  #: the next page: the last number of this one
    limit: int = 50


#: The newest events of all.
ALL = AuditFilter()


async def read_page(scope: Scope, filters: AuditFilter) -> Sequence[AuditEventRow]:
    """The rows that a filter lets through, newest first, as many as its limit says."""
    if filters.target is None:
        return (await scope.session.scalars(_page(scope, filters))).all()
    values = [filters.target, *filters.wider]
    # One query for each index: of both together, sorted, a database may make a walk over the whole log.
    by_target = _page(scope, filters, AuditEventRow.target.in_([as_target(value) for value in values]))
    found = {row.seq: row for row in await scope.session.scalars(by_target)}
    if requests := await _naming(scope, values):
        by_item = _page(scope, filters, AuditEventRow.request_id.in_(requests), ~_about_one_item())
        found |= {row.seq: row for row in await scope.session.scalars(by_item)}
    return [found[seq] for seq in sorted(found, reverse=True)[: filters.limit]]


def _page(scope: Scope, filters: AuditFilter, *conditions: ColumnElement[bool]) -> Select[AuditEventRow]:
    rows = AuditEventRow
    query = (
        select(rows)
        .where(rows.tenant_id == scope.tenant_id, *conditions)
        .order_by(rows.seq.desc())
        .limit(filters.limit)
    )
    for column, wanted in (
        (rows.actor, filters.actor),
        (rows.kind, filters.kind),
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
    return query


async def _naming(scope: Scope, values: Sequence[str]) -> Sequence[int]:
    """The requests that have one of the values as an item, the newest first."""
    query = (
        select(ItemRow.request_id)
        .where(ItemRow.tenant_id == scope.tenant_id, ItemRow.value.in_([clean_text(value) for value in values]))
        .distinct()
        .order_by(ItemRow.request_id.desc())
        .limit(_MOST_REQUESTS)
    )
    return (await scope.session.scalars(query)).all()


def _about_one_item() -> ColumnElement[bool]:
    """Events whose target is one item: those of the other items of a request aren't about this one."""
    return or_(AuditEventRow.kind.startswith("item."), AuditEventRow.kind.startswith("submission."))
