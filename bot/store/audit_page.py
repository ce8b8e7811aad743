"""A page of the audit log: which events to show, and the queries that find them by the log's indexes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, ColumnElement, Select, and_, func, or_, select, true, type_coerce

from bot.domain.auditing.events import EventKind, as_target, clean_text
from bot.domain.auditing.query import Subject
from bot.domain.lists.narrower import Narrower
from bot.errors import InvalidInput
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import MOST_IN_A_STATEMENT
from bot.store.scope import Scope
from bot.store.tables import ItemRow, RequestRow

#: So many requests that name an indicator are looked at, the newest ones.
_MOST_REQUESTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """Which events to show. Everything given must hold; `since` is included, `until` is not."""

    actor: str | None = None
    kind: str | None = None
    kinds: frozenset[str] = frozenset()  #: one of these, or a review with one of the `decisions`; both empty: any
    decisions: frozenset[str] = frozenset()
    subjects: frozenset[Subject] = frozenset()  #: of a request of one of these sorts; empty: any
    target: str | None = None  #: what an event is about, or an item of the request that it is about
    wider: tuple[str, ...] = ()  #: other values that count as the target too: those that cover it
    narrower: Narrower | None = None  #: and those that it covers
    request_id: int | None = None
    proposal_id: int | None = None  #: of any request of a proposal, by the number of any of them
    since: datetime | None = None
    until: datetime | None = None
    before_seq: int | None = None  #: the next page: the last number of this one
    after_seq: int | None = None  #: the page before: the first number of this one; those next to it
    limit: int = 50
    #: Values that the target covers are looked for among so many events, those next to where the page begins: to find
    #: them takes a look at each of these events. None: among all.
    look_among: int | None = None


#: The newest events of all.
ALL = AuditFilter()


async def read_page(scope: Scope, filters: AuditFilter) -> Sequence[AuditEventRow]:
    """The rows that a filter lets through, newest first, as many as its limit says.

    Raises InvalidInput for an indicator that covers more values of the log than one query can name.
    """
    upwards = filters.after_seq is not None
    if filters.target is None:
        rows = (await scope.session.scalars(_page(scope, filters))).all()
        return rows[::-1] if upwards else rows
    values = [filters.target, *filters.wider]
    if filters.narrower is not None:
        values += await _within(scope, filters.narrower, filters)
    # One query for each index: of both together, sorted, a database may make a walk over the whole log.
    by_target = _page(scope, filters, AuditEventRow.target.in_([as_target(value) for value in values]))
    found = {row.seq: row for row in await scope.session.scalars(by_target)}
    if requests := await _naming(scope, values):
        by_item = _page(scope, filters, AuditEventRow.request_id.in_(requests), ~_about_one_item())
        found |= {row.seq: row for row in await scope.session.scalars(by_item)}
    chosen = sorted(found, reverse=not upwards)[: filters.limit]
    return [found[seq] for seq in sorted(chosen, reverse=True)]


async def count_rows(scope: Scope, filters: AuditFilter) -> int:
    """How many rows a filter without a target lets through, whatever its limit."""
    found = _page(scope, filters).with_only_columns(AuditEventRow.seq).order_by(None).limit(None).subquery()
    return int(await scope.session.scalar(select(func.count()).select_from(found)) or 0)


def _page(scope: Scope, filters: AuditFilter, *conditions: ColumnElement[bool]) -> Select[AuditEventRow]:
    rows = AuditEventRow
    # By a sum no index is in order: for a value with few events, both databases walked over the whole log instead, in
    # the order that is asked for, until they had as many.
    seq = rows.seq + 0 if conditions else rows.seq
    query = (
        select(rows)
        .where(rows.tenant_id == scope.tenant_id, *conditions)
        .order_by(seq.desc() if filters.after_seq is None else seq)
        .limit(filters.limit)
    )
    if filters.kinds or filters.decisions:
        query = query.where(or_(rows.kind.in_(sorted(filters.kinds)), _reviews(filters.decisions)))
    if filters.subjects:
        query = query.where(or_(*(_about(scope, subject) for subject in _in_order(filters.subjects))))
    for column, wanted in (
        (rows.actor, filters.actor),
        (rows.kind, filters.kind),
        (rows.request_id, filters.request_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if filters.proposal_id is not None:
        whole = select(RequestRow.proposal_id).where(
            RequestRow.tenant_id == scope.tenant_id, RequestRow.id == filters.proposal_id
        )
        parts = select(RequestRow.id).where(
            RequestRow.tenant_id == scope.tenant_id, RequestRow.proposal_id == whole.scalar_subquery()
        )
        query = query.where(or_(rows.request_id == filters.proposal_id, rows.request_id.in_(parts)))
    if filters.since is not None:
        query = query.where(rows.at >= filters.since)
    if filters.until is not None:
        query = query.where(rows.at < filters.until)
    if filters.before_seq is not None:
        query = query.where(rows.seq < filters.before_seq)
    if filters.after_seq is not None:
        query = query.where(rows.seq > filters.after_seq)
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


def _reviews(decisions: frozenset[str]) -> ColumnElement[bool]:
    rows = AuditEventRow
    decision = type_coerce(rows.payload, JSON)["decision"].as_string()
    return and_(rows.kind == EventKind.REQUEST_REVIEWED.value, decision.in_(sorted(decisions)))


def _in_order(subjects: frozenset[Subject]) -> list[Subject]:
    return sorted(subjects, key=lambda subject: (str(subject.operation), str(subject.action), str(subject.list)))


def _about(scope: Scope, subject: Subject) -> ColumnElement[bool]:
    """Events of the requests of a sort; and those of no request that say the same of what was refused."""
    wanted = {"operation": subject.operation, "action": subject.action, "list": subject.list}
    requests = select(RequestRow.id).where(RequestRow.tenant_id == scope.tenant_id)
    payload = type_coerce(AuditEventRow.payload, JSON)
    said: list[ColumnElement[bool]] = [AuditEventRow.request_id.is_(None)]
    for name, value in wanted.items():
        if value is not None:
            requests = requests.where(getattr(RequestRow, name) == value.value)
            said.append(payload[name].as_string() == value.value)
    return or_(AuditEventRow.request_id.in_(requests), and_(true(), *said))


async def _within(scope: Scope, narrower: Narrower, filters: AuditFilter) -> list[str]:
    """The values in the log, and among the items, that an indicator covers beside its own."""
    events, items = AuditEventRow, ItemRow
    targets = select(events.target).where(events.tenant_id == scope.tenant_id)
    values = select(items.value).where(items.tenant_id == scope.tenant_id)
    if filters.look_among is not None:
        first, last = await _stretch(scope, filters, filters.look_among)
        targets = targets.where(events.seq > first, events.seq <= last)
        newest = await scope.session.scalar(select(func.max(items.id)))
        values = values.where(items.id > (newest or 0) - filters.look_among)
    else:
        targets, values = targets.distinct(), values.distinct()
    # Of a stretch not DISTINCT: SQLite would walk over the index of all targets for that.
    found: set[str] = set()
    for column, query in ((events.target, targets), (items.value, values)):
        like = or_(*(column.like(pattern, escape="\\") for pattern in narrower.patterns))
        found.update(filter(narrower.covers, set(await scope.session.scalars(query.where(like)))))
    if len(found) > MOST_IN_A_STATEMENT:
        raise InvalidInput(
            f"The log has {len(found):,} values within that, and one query takes {MOST_IN_A_STATEMENT:,}.",
            "Ask for a smaller network or domain, or use the command line.",
        )
    return sorted(found)


async def _stretch(scope: Scope, filters: AuditFilter, length: int) -> tuple[int, int]:
    """Between which numbers so many events lie next to where a page begins: above the first, up to the last."""
    if filters.after_seq is not None:
        return filters.after_seq, filters.after_seq + length
    rows = AuditEventRow
    newest = select(rows.seq).where(rows.tenant_id == scope.tenant_id)
    if filters.until is not None:
        newest = newest.where(rows.at < filters.until).order_by(rows.at.desc(), rows.seq.desc())
    else:
        newest = newest.order_by(rows.seq.desc())
    last = await scope.session.scalar(newest.limit(1)) or 0
    if filters.before_seq is not None:
        last = min(last, filters.before_seq - 1)
    return last - length, last
