"""The audit log in the database: rows are appended under a lock that keeps the chain one, and paged by number."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, bindparam, func, insert, select, union, update
from sqlalchemy.exc import IntegrityError

from bot.domain.auditing.card_events import TELL_OF_THE_CARD
from bot.domain.auditing.chain import ChainFindings, Head
from bot.domain.auditing.events import Event, EventKind, NewEvent, chain_hash, compose, genesis
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.logged import LoggedEvents
from bot.errors import ChainBroken
from bot.store.audit_page import ALL, AuditFilter, count_rows, read_bounded_page, read_page
from bot.store.audit_steps import read_steps
from bot.store.audit_stretches import keep_full_stretches
from bot.store.audit_tables import AuditEventRow, AuditHeadRow
from bot.store.audit_triggers import TriggerFinding, find_wrong
from bot.store.audit_verification import Watched, read_logged, verify_log
from bot.store.databases import in_chunks, insert_or_ignore, looked_at
from bot.store.request_verification import RequestFindings, verify_requests
from bot.store.scope import Scope
from bot.store.table import core

#: More events than this are composed and hashed in a thread: of thousands it takes a second.
_FEW = 100

_heads = core(AuditHeadRow)
_INSERT = insert(core(AuditEventRow))
_LOCK_HEAD = select(_heads.c.seq, _heads.c.hash).where(_heads.c.tenant_id == bindparam("tenant")).with_for_update()
_NEWS = (
    select(AuditEventRow.seq)
    .where(
        AuditEventRow.tenant_id == bindparam("its_tenant"),
        AuditEventRow.request_id.in_(bindparam("ids", expanding=True)),
        AuditEventRow.seq > bindparam("after"),
        AuditEventRow.kind.in_(sorted(kind.value for kind in TELL_OF_THE_CARD)),
    )
    .limit(bindparam("most", type_=Integer()))
)
_MOVE_HEAD = (
    update(_heads)
    .where(_heads.c.tenant_id == bindparam("tenant"))
    .values(seq=bindparam("new_seq"), hash=bindparam("new_hash"))
)


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
        new = NewEvent(kind=kind, actor=actor, target=target, request_id=request_id, payload=payload or {}, at=at)
        return (await self.append_all([new]))[0]

    async def append_all(self, events: Sequence[NewEvent]) -> list[Event]:
        """Add events to the end of the log in their order, in this transaction, as `append` does with one."""
        if not events:
            return []
        end = await self._lock_head()
        if len(events) > _FEW:
            appended, rows = await asyncio.to_thread(_chained, self._scope.tenant_id, end, events)
        else:
            appended, rows = _chained(self._scope.tenant_id, end, events)
        try:
            await self._scope.many(_INSERT, rows)
        except IntegrityError as error:
            raise ChainBroken(
                f"The audit log goes on beyond its recorded end, row {end.seq}; nothing was written.",
                "Run `portcullis audit verify`, and find out who changed the database.",
            ) from error
        await keep_full_stretches(self._scope, before=end.seq, last=appended[-1].seq)
        moved = {"tenant": self._scope.tenant_id, "new_seq": appended[-1].seq, "new_hash": rows[-1]["hash"]}
        await self._scope.prepared(_MOVE_HEAD, moved)
        first, _ = self._scope.appended or (end.seq + 1, 0)
        self._scope.appended = first, appended[-1].seq
        return appended

    async def steps(self, request_id: int) -> list[StoryStep]:
        """What happened to a request, oldest first: events of one kind that follow each other are one step."""
        return await read_steps(self._scope, request_id)

    async def story(self, request_id: int) -> list[StoryStep]:
        """The steps that are told of: what was only read, or turned down at a click, comes between none of them."""
        return await read_steps(self._scope, request_id, kinds=TELL_OF_THE_CARD)

    async def has_news(self, request_ids: Sequence[int], *, after: int, but: Collection[int] = ()) -> bool:
        """Whether the story of any of some requests has events with numbers above one, beside some that are known: else
        it is as it was then."""
        asked = {"its_tenant": self._scope.tenant_id, "ids": list(request_ids), "after": after, "most": len(but) + 1}
        return any(seq not in but for seq in (await self._scope.prepared(_NEWS, asked)).scalars())

    async def approvals(self, request_ids: Collection[int]) -> dict[int, int]:
        """By request, the number of the event that approved it; of one that nobody has approved, none.

        What was approved later has the greater number, whatever the clocks of those who wrote it down.
        """
        rows = AuditEventRow
        kind: ColumnElement[str] = looked_at(self._scope.dialect, core(rows).c.kind)
        found: dict[int, int] = {}
        for ids in in_chunks(sorted(set(request_ids))):
            query = (
                select(rows.request_id, func.min(rows.seq))
                .where(
                    rows.tenant_id == self._scope.tenant_id,
                    rows.request_id.in_(ids),
                    kind == EventKind.REQUEST_APPROVED.value,
                )
                .group_by(rows.request_id)
            )
            found |= {row[0]: row[1] for row in await self._scope.rows(query)}
        return found

    async def page(self, *, filters: AuditFilter = ALL) -> list[Event]:
        """Events, newest first. For the next page pass the last one's number as `before_seq`.

        A target is looked for in what the events are about, and among the items of their requests: a request's events
        are found by each of its items, but for those about its other items.
        """
        return [event_of(row) for row in await read_page(self._scope, filters)]

    async def bounded_page(self, *, filters: AuditFilter) -> tuple[list[Event], int | None]:
        """The same; and of how many requests that name the target what is about them was looked for, the newest. None:
        of all."""
        rows, most = await read_bounded_page(self._scope, filters)
        return [event_of(row) for row in rows], most

    async def count(self, *, filters: AuditFilter = ALL) -> int:
        """How many events a filter lets through that names no target, whatever its limit."""
        return await count_rows(self._scope, filters)

    async def head(self) -> Head | None:
        """Where the log ends now; None before its first event."""
        head = await self._scope.session.get(AuditHeadRow, self._scope.tenant_id)
        return None if head is None else Head(seq=head.seq, hash=head.hash)

    async def head_at(self, seq: int) -> Head | None:
        """Where the log ended with the event of this number (0: where it began); None where it isn't there."""
        if seq == 0:
            return Head(seq=0, hash=genesis(self._scope.tenant_id))
        rows = AuditEventRow
        query = select(rows.hash).where(rows.tenant_id == self._scope.tenant_id, rows.seq == seq)
        digest = await self._scope.session.scalar(query)
        return None if digest is None else Head(seq=seq, hash=digest)

    async def last_before(self, at: datetime) -> int:
        """The number of the last event before the first one of a time or later; 0: there is none."""
        found = await read_page(self._scope, AuditFilter(since=at, after_seq=0, limit=1))
        head = await self.head()
        return int(found[0].seq) - 1 if found else 0 if head is None else head.seq

    async def verify(self, watched: Watched | None = None, wanted: frozenset[int] = frozenset()) -> ChainFindings:
        """Hold the whole log against its hash chain, in constant memory.

        `watched` is shown how far it is, and the hash of each row whose number is wanted.
        """
        return await verify_log(self._scope, watched, wanted)

    async def wrong_triggers(self) -> tuple[TriggerFinding, ...]:
        """What is wrong with the triggers that keep the log of every tenant append-only."""
        connection = await self._scope.session.connection()
        return await connection.run_sync(find_wrong)

    async def verify_requests(self) -> RequestFindings:
        """Hold every request against its events. Some seconds for ten thousand of them."""
        return await verify_requests(self._scope)

    async def logged(self, request_id: int) -> LoggedEvents:
        """What the log says of a request as a whole, by which it is held to what was proposed and approved."""
        return (await read_logged(self._scope, [request_id]))[request_id]

    async def logged_items(self, request_id: int) -> LoggedEvents:
        """What the log says of a request's items, one by one."""
        return (await read_logged(self._scope, [request_id], of="item."))[request_id]

    async def find(self, seq: int) -> Event | None:
        """The event with this number; None when there is none."""
        rows = AuditEventRow
        query = select(rows).where(rows.tenant_id == self._scope.tenant_id, rows.seq == seq)
        row = await self._scope.session.scalar(query)
        return None if row is None else event_of(row)

    async def tenants(self) -> list[str]:
        """Every tenant that has an audit log in this database, not only this one."""
        rows = await self._scope.session.scalars(
            union(select(AuditHeadRow.tenant_id), select(AuditEventRow.tenant_id).distinct()).order_by("tenant_id")
        )
        return [str(tenant_id) for tenant_id in rows]

    async def _lock_head(self) -> Head:
        tenant_id = self._scope.tenant_id
        head = (await self._scope.prepared(_LOCK_HEAD, {"tenant": tenant_id})).first()
        if head is None:
            await self._scope.changed(
                insert_or_ignore(
                    self._scope.dialect,
                    AuditHeadRow,
                    {"tenant_id": tenant_id, "seq": 0, "hash": genesis(tenant_id)},
                )
            )
            head = (await self._scope.prepared(_LOCK_HEAD, {"tenant": tenant_id})).first()
        assert head is not None  # noqa: S101 - it was there, or was just made
        return Head(seq=head.seq, hash=head.hash)


def _chained(tenant_id: str, end: Head, events: Sequence[NewEvent]) -> tuple[list[Event], list[dict[str, Any]]]:
    """The events that follow the end of a tenant's log, and their rows."""
    seq, last_hash = end.seq, end.hash
    appended: list[Event] = []
    rows: list[dict[str, Any]] = []
    for new in events:
        seq += 1
        event = compose(
            seq=seq,
            tenant_id=tenant_id,
            at=new.at,
            kind=str(new.kind),
            actor=new.actor,
            target=new.target,
            request_id=new.request_id,
            payload=new.payload,
        )
        previous_hash, last_hash = last_hash, chain_hash(last_hash, event)
        appended.append(event)
        rows.append(
            {
                "tenant_id": event.tenant_id,
                "seq": event.seq,
                "at": event.at,
                "kind": event.kind,
                "actor": event.actor,
                "target": event.target,
                "request_id": event.request_id,
                "payload": event.payload,
                "previous_hash": previous_hash,
                "hash": last_hash,
            }
        )
    return appended, rows


def event_of(row: AuditEventRow | Row[Any]) -> Event:
    """The event that a row holds."""
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
