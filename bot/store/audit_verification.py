"""Reading the audit log for verification: row by row, and as it lies in the table, whatever somebody made of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    String,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import aliased

from bot.domain.auditing.chain import ChainFindings, ChainRow, Head, Verifier
from bot.domain.auditing.events import Event, canonical_json, genesis
from bot.domain.auditing.plain_rows import PlainRows
from bot.domain.requests.logged import LoggedEvents
from bot.store.audit_stretches import Times
from bot.store.audit_tables import AuditEventRow, AuditHeadRow
from bot.store.scope import Scope

#: How SQLAlchemy spells a time in SQLite; and how PostgreSQL is asked to, which takes years before our era too: with
#: that mark, or else they would look like ours.
_SQLITE_TIME = "%Y-%m-%d %H:%M:%S.%f"
_POSTGRESQL_TIME, _OF_OUR_ERA = "YYYY-MM-DD HH24:MI:SS.US AD", " AD"

_BATCH = 2_000

#: Shown a row's number and hash: of those that are wanted, and of the last of so many that were looked at together.
Watched: TypeAlias = Callable[[int, str], None]


async def verify_log(
    scope: Scope, watched: Watched | None = None, wanted: frozenset[int] = frozenset()
) -> ChainFindings:
    """Verify one tenant's log as it was when this transaction began.

    `watched` is shown the hash of each row whose number is wanted, and now and then another's, by which
    it is seen how far it is.
    """
    head = await scope.session.scalar(select(AuditHeadRow).where(AuditHeadRow.tenant_id == scope.tenant_id))
    verifier = Verifier(scope.tenant_id, None if head is None else Head(seq=head.seq, hash=head.hash))
    times, is_text = Times(), _is_text(scope)
    as_it_lies = _as_it_lies(scope.tenant_id, is_text=is_text)
    plain = PlainRows(scope.tenant_id, is_spelled=is_text)
    found = await scope.connection.stream(as_it_lies.execution_options(yield_per=_BATCH))
    async for batch in found.partitions(_BATCH):
        _verify_some(verifier, plain, batch, scope)
        if verifier.is_one_run:
            times.see(batch)
        if watched is not None:
            for row in (row for row in batch if row.seq in wanted) if wanted else ():
                watched(_number(row.seq), str(row.hash))
            watched(_number(batch[-1].seq), str(batch[-1].hash))
    if verifier.is_one_run:
        for first, last in await times.wrong(scope, lambda column: _time_as_text(column, is_text=is_text)):
            verifier.note_times(first, last)
    return verifier.finish()


def _verify_some(verifier: Verifier, plain: PlainRows, rows: Sequence[Row[Any]], scope: Scope) -> None:
    """Look at the next rows: at those that are as they were written, together, and at each of the others."""
    at = 0
    while at < len(rows):
        end, count = verifier.end, 0
        if end is not None:
            count = plain.following(rows, at, seq=end.seq, digest=end.hash, end=verifier.head_hash)
        if count > 1:
            before, last = rows[at + count - 2], rows[at + count - 1]
            verifier.follow(count, last_id=last.id, last_hash=last.hash, before_id=before.id, before_hash=before.hash)
            at += count
        else:
            verifier.add(_row(rows[at]._mapping, scope))  # noqa: SLF001 - SQLAlchemy's public name for it
            at += 1


async def read_logged(scope: Scope, request_ids: Collection[int], *, of: str = "request.") -> dict[int, LoggedEvents]:
    """What the log says of some requests as a whole, each row held against its own hash and its place in the log.

    `of` is how the kinds of event begin that are read: those of the requests, or of their items.
    """
    asked = {"its_tenant": scope.tenant_id, "before_all": genesis(scope.tenant_id), "ids": list(request_ids), "of": of}
    events: dict[int, list[Event]] = defaultdict(list)
    changed: dict[int, list[int]] = defaultdict(list)
    for found in await scope.prepared(_logged(is_text=_is_text(scope)), asked):
        row, request_id = _row(found._asdict(), scope), int(found.request_id)
        if row.event is not None:
            events[request_id].append(row.event)
        if not (row.is_intact and found.is_in_place):
            changed[request_id].append(row.seq)
    return {
        request_id: LoggedEvents(events=tuple(events[request_id]), changed=tuple(changed[request_id]))
        for request_id in request_ids
    }


@cache
def _logged(*, is_text: bool) -> Select[*tuple[Any, ...]]:
    """The rows of some requests; asked before anything is sent, so that it is put together once."""
    rows, tenant_id = AuditEventRow, bindparam("its_tenant", type_=String())
    wanted = (rows.request_id.in_(bindparam("ids", expanding=True)), rows.kind.startswith(bindparam("of")))
    return (
        _as_it_lies(tenant_id, is_text=is_text).where(*wanted).add_columns(_is_in_place(tenant_id).label("is_in_place"))
    )


def _is_in_place(tenant_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether a row follows upon the one before it and isn't beyond the head: else nobody but SQL has put it there."""
    rows, before = AuditEventRow, aliased(AuditEventRow)
    follows = exists().where(
        before.tenant_id == tenant_id, before.seq == rows.seq - 1, before.hash == rows.previous_hash
    )
    is_first = and_(rows.seq == 1, rows.previous_hash == bindparam("before_all"))
    head = select(AuditHeadRow.seq).where(AuditHeadRow.tenant_id == tenant_id).scalar_subquery()
    return and_(rows.seq <= head, or_(is_first, follows.correlate(rows)))


def _as_it_lies(tenant_id: str | ColumnElement[str], *, is_text: bool) -> Select[*tuple[Any, ...]]:
    """One tenant's rows, by their numbers.

    SQLite holds times and JSON as text, and that text is what has to be as it was written: a spelling that reads the
    same here may read differently to a query. PostgreSQL, which holds neither, gives both as text as well.
    """
    rows = AuditEventRow
    at = _time_as_text(rows.at, is_text=is_text)
    payload = type_coerce(rows.payload, Text) if is_text else cast(rows.payload, Text)
    return (
        select(
            rows.id, rows.seq, rows.kind, rows.actor, rows.target, rows.request_id, rows.previous_hash, rows.hash,
            at.label("at_stored"), payload.label("payload_stored"),
        )
        .where(rows.tenant_id == tenant_id)
        .order_by(rows.seq, rows.id)
    )  # fmt: skip


def _is_text(scope: Scope) -> bool:
    """Whether times and payloads lie as text, each in the spelling in which it was written."""
    return scope.dialect.name == "sqlite"


def _time_as_text(column: Any, *, is_text: bool) -> ColumnElement[Any]:  # noqa: ANN401 - a column of times
    if is_text:
        return type_coerce(column, Text)
    return func.replace(func.to_char(func.timezone("UTC", column), _POSTGRESQL_TIME), _OF_OUR_ERA, "")


def _row(row: Mapping[Any, Any], scope: Scope) -> ChainRow:
    return ChainRow(
        id=row["id"],
        seq=_number(row["seq"]),
        previous_hash=str(row["previous_hash"]),
        hash=str(row["hash"]),
        event=_event(row, scope),
    )


def _number(stored: object) -> int:
    return stored if isinstance(stored, int) else -1


def _event(row: Mapping[Any, Any], scope: Scope) -> Event | None:
    """The event, or None when the row holds what was never written."""
    try:
        event = Event(
            seq=row["seq"],
            tenant_id=scope.tenant_id,
            at=_time(row["at_stored"]),
            kind=row["kind"],
            actor=row["actor"],
            target=row["target"],
            request_id=row["request_id"],
            payload=_payload(row["payload_stored"], is_spelled=_is_text(scope)),
        )
    except (TypeError, ValueError, RecursionError):
        return None
    texts = (event.kind, event.actor, event.target)
    well_typed = all(isinstance(text, str) for text in texts) and isinstance(event.request_id, int | None)
    return event if well_typed else None


def _time(stored: str) -> datetime:
    moment = datetime.strptime(stored, _SQLITE_TIME).replace(tzinfo=UTC)
    if moment.strftime(_SQLITE_TIME) != stored:
        raise ValueError("a time in another spelling")
    return moment


def _payload(stored: str, *, is_spelled: bool) -> Mapping[str, Any]:
    # Our own text, held against its own spelling below: only the parser that wrote it tells 1.0 from 1.
    payload = json.loads(stored)  # noqa: TID251
    if not isinstance(payload, dict) or (is_spelled and canonical_json(payload) != stored):
        raise ValueError("a payload in another spelling")
    return payload
