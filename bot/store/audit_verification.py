"""Reading the audit log for verification: row by row, and as it lies in the table, whatever somebody made of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, Text, and_, exists, or_, select, type_coerce
from sqlalchemy.orm import aliased

from bot.domain.auditing.chain import ChainFindings, ChainRow, Head, Verifier
from bot.domain.auditing.events import Event, canonical_json, genesis
from bot.domain.requests.logged import LoggedEvents
from bot.store.audit_tables import AuditEventRow, AuditHeadRow
from bot.store.scope import Scope

#: How SQLAlchemy spells a time in SQLite.
_SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"

_BATCH = 1_000

#: Shown a row's number and hash.
Watched: TypeAlias = Callable[[int, str], None]


async def verify_log(scope: Scope, watched: Watched | None = None) -> ChainFindings:
    """Verify one tenant's log as it was when this transaction began.

    `watched` is shown the hash of each row by its number, as it passes.
    """
    head = await scope.session.scalar(select(AuditHeadRow).where(AuditHeadRow.tenant_id == scope.tenant_id))
    verifier = Verifier(scope.tenant_id, None if head is None else Head(seq=head.seq, hash=head.hash))
    found = await scope.session.stream(_as_it_lies(scope).execution_options(yield_per=_BATCH))
    async for batch in found.partitions(_BATCH):
        for found_row in batch:
            row = _row(found_row._mapping, scope.tenant_id)  # noqa: SLF001 - SQLAlchemy's public name for it
            verifier.add(row)
            if watched is not None:
                watched(row.seq, row.hash)
    return verifier.finish()


async def read_logged(scope: Scope, request_ids: Collection[int], *, of: str = "request.") -> dict[int, LoggedEvents]:
    """What the log says of some requests as a whole, each row held against its own hash and its place in the log.

    `of` is how the kinds of event begin that are read: those of the requests, or of their items.
    """
    rows = AuditEventRow
    query = (
        _as_it_lies(scope)
        .where(rows.request_id.in_(request_ids), rows.kind.startswith(of))
        .add_columns(_is_in_place(scope).label("is_in_place"))
    )
    events: dict[int, list[Event]] = defaultdict(list)
    changed: dict[int, list[int]] = defaultdict(list)
    for found in await scope.rows(query):
        row, request_id = _row(found._mapping, scope.tenant_id), int(found.request_id)  # noqa: SLF001 - as above
        if row.event is not None:
            events[request_id].append(row.event)
        if not (row.is_intact and found.is_in_place):
            changed[request_id].append(row.seq)
    return {
        request_id: LoggedEvents(events=tuple(events[request_id]), changed=tuple(changed[request_id]))
        for request_id in request_ids
    }


def _is_in_place(scope: Scope) -> ColumnElement[bool]:
    """Whether a row follows upon the one before it and isn't beyond the head: else nobody but SQL has put it there."""
    rows, before = AuditEventRow, aliased(AuditEventRow)
    follows = exists().where(
        before.tenant_id == scope.tenant_id, before.seq == rows.seq - 1, before.hash == rows.previous_hash
    )
    is_first = and_(rows.seq == 1, rows.previous_hash == genesis(scope.tenant_id))
    head = select(AuditHeadRow.seq).where(AuditHeadRow.tenant_id == scope.tenant_id).scalar_subquery()
    return and_(rows.seq <= head, or_(is_first, follows.correlate(rows)))


def _as_it_lies(scope: Scope) -> Select[*tuple[Any, ...]]:
    """One tenant's rows, by their numbers.

    SQLite holds times and JSON as text, and that text is what has to be as it was written: a spelling that reads the
    same here may read differently to a query.
    """
    rows, as_text = AuditEventRow, scope.dialect.name == "sqlite"
    at = type_coerce(rows.at, Text) if as_text else rows.at
    payload = type_coerce(rows.payload, Text) if as_text else rows.payload
    return (
        select(
            rows.id, rows.seq, rows.kind, rows.actor, rows.target, rows.request_id, rows.previous_hash, rows.hash,
            at.label("at_stored"), payload.label("payload_stored"),
        )
        .where(rows.tenant_id == scope.tenant_id)
        .order_by(rows.seq, rows.id)
    )  # fmt: skip


def _row(row: Mapping[Any, Any], tenant_id: str) -> ChainRow:
    return ChainRow(
        id=row["id"],
        seq=row["seq"] if isinstance(row["seq"], int) else -1,
        previous_hash=str(row["previous_hash"]),
        hash=str(row["hash"]),
        event=_event(row, tenant_id),
    )


def _event(row: Mapping[Any, Any], tenant_id: str) -> Event | None:
    """The event, or None when the row holds what was never written."""
    try:
        event = Event(
            seq=row["seq"],
            tenant_id=tenant_id,
            at=_time(row["at_stored"]),
            kind=row["kind"],
            actor=row["actor"],
            target=row["target"],
            request_id=row["request_id"],
            payload=_payload(row["payload_stored"]),
        )
    except (TypeError, ValueError, RecursionError):
        return None
    texts = (event.kind, event.actor, event.target)
    well_typed = all(isinstance(text, str) for text in texts) and isinstance(event.request_id, int | None)
    return event if well_typed else None


def _time(stored: str | datetime) -> datetime:
    if isinstance(stored, datetime):
        return stored
    moment = datetime.strptime(stored, _SQLITE_TIME).replace(tzinfo=UTC)
    if moment.strftime(_SQLITE_TIME) != stored:
        raise ValueError("a time in another spelling")
    return moment


def _payload(stored: Any) -> Mapping[str, Any]:  # noqa: ANN401 - whatever lies in the column
    # Our own text, held against its own spelling below: only the parser that wrote it tells 1.0 from 1.
    payload = json.loads(stored) if isinstance(stored, str) else stored  # noqa: TID251
    if not isinstance(payload, dict) or (isinstance(stored, str) and canonical_json(payload) != stored):
        raise ValueError("a payload in another spelling")
    return payload
