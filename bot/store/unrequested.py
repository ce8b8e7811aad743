"""The changes that nobody requested, and what became of each."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, select, update

from bot.domain.lists.differences import Happening
from bot.domain.requests.attributing import AdminRecord
from bot.domain.requests.unrequested import ChangeState, UnrequestedChange, as_record, of_record
from bot.store.scope import ROWS_AT_ONCE, Scope
from bot.store.table import core
from bot.store.watch_tables import UnrequestedChangeRow

#: What happened to an override that was there afterwards.
_THERE = (Happening.ADDED.value, Happening.CHANGED.value)

_INSERT = insert(core(UnrequestedChangeRow))
_READINGS = (
    select(UnrequestedChangeRow.reading)
    .where(
        UnrequestedChangeRow.tenant_id == bindparam("its_tenant"),
        UnrequestedChangeRow.request_id.in_(bindparam("ids", expanding=True)),
    )
    .distinct()
)


#: Asked whenever a list differs, mostly in vain.
_ANY_SEEN_SINCE = (
    select(UnrequestedChangeRow.number)
    .where(
        UnrequestedChangeRow.tenant_id == bindparam("its_tenant"),
        UnrequestedChangeRow.place == bindparam("its_place"),
        UnrequestedChangeRow.seen_at > bindparam("since"),
    )
    .limit(1)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """The changes of one reading whose makers aren't known, how often the tenant's log was asked, and the question that
    was left there; empty: none."""

    reading: int
    changes: tuple[UnrequestedChange, ...]
    times: int
    query: str
    due: datetime  #: since when it is to be asked


class UnrequestedChanges:
    """Those of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(self, changes: Sequence[UnrequestedChange], *, ask_at: datetime | None = None) -> None:
        """Keep changes that were just logged. `ask_at` is when the tenant's log is asked who made them; None: never."""
        # In a thread: a list may have been emptied.
        rows = await asyncio.to_thread(lambda: [_row(self._scope.tenant_id, change, ask_at) for change in changes])
        await self._scope.many(_INSERT, rows)

    async def of_reading(self, reading: int) -> list[UnrequestedChange]:
        """What one reading found, in the order in which it was logged."""
        return await self._found(UnrequestedChangeRow.reading == reading)

    async def find(self, number: int, *, lock: bool = False) -> UnrequestedChange | None:
        """The change that an event tells of, if it is one. With `lock` nobody else changes its state meanwhile."""
        return next(iter(await self._found(UnrequestedChangeRow.number == number, lock=lock)), None)

    async def readings_of(self, request_ids: Collection[int]) -> list[int]:
        """The readings that found what some requests ask to keep, or to take out."""
        asked = {"its_tenant": self._scope.tenant_id, "ids": sorted(request_ids)}
        return sorted((await self._scope.prepared(_READINGS, asked)).scalars())

    async def open_in(self, places: Collection[str]) -> list[UnrequestedChange]:
        """Those in some places that the place may still hold: of what was taken out there is nothing to hold."""
        return await self._found(
            UnrequestedChangeRow.place.in_(sorted(places)),
            UnrequestedChangeRow.state != ChangeState.GONE.value,
            UnrequestedChangeRow.what.in_(_THERE),
        )

    async def seen_since(self, place: str, since: datetime) -> list[UnrequestedChange]:
        """Those in a place that were seen after a time, whatever became of them."""
        asked = {"its_tenant": self._scope.tenant_id, "its_place": place, "since": since}
        if (await self._scope.prepared(_ANY_SEEN_SINCE, asked)).first() is None:
            return []
        return await self._found(UnrequestedChangeRow.place == place, UnrequestedChangeRow.seen_at > since)

    async def set_state(self, numbers: Collection[int], state: ChangeState, *, request_id: int | None = None) -> None:
        """What became of some changes, and by which request."""
        values: dict[str, object] = {"state": state.value}
        if request_id is not None:
            values["request_id"] = request_id
        ordered = sorted(numbers)
        for first in range(0, len(ordered), ROWS_AT_ONCE):
            await self._scope.changed(
                update(UnrequestedChangeRow)
                .where(
                    UnrequestedChangeRow.tenant_id == self._scope.tenant_id,
                    UnrequestedChangeRow.number.in_(ordered[first : first + ROWS_AT_ONCE]),
                    UnrequestedChangeRow.state != ChangeState.GONE.value,
                )
                .values(**values)
            )

    async def to_ask(self, now: datetime, *, most: int) -> list[Asking]:
        """What it is time to ask about, the oldest reading first."""
        rows = UnrequestedChangeRow
        query = (
            select(rows.reading, rows.asked, rows.query, rows.ask_at)
            .where(rows.tenant_id == self._scope.tenant_id, rows.ask_at <= now, rows.actor == "")
            .distinct()
            .order_by(rows.reading)
            .limit(most)
        )
        found = (await self._scope.session.execute(query)).all()
        return [
            Asking(
                reading=reading,
                changes=tuple(each for each in await self.of_reading(reading) if not each.actor),
                times=times,
                query=question,
                due=due,
            )
            for reading, times, question, due in found
            if due is not None
        ]

    async def note_query(self, asking: Asking, query: str) -> bool:
        """Note the question that was left about a reading, unless another process has asked meanwhile."""
        return await self._still(asking, query=query)

    async def ask_again(self, asking: Asking, at: datetime | None) -> bool:
        """Have it asked anew at a time, or no more; False where another process has settled it."""
        return await self._still(asking, ask_at=at, asked=asking.times + 1, query="")

    async def set_actor(self, number: int, record: AdminRecord) -> bool:
        """Note who made a change; False where that is known."""
        rows = UnrequestedChangeRow
        changed = await self._scope.changed(
            update(rows)
            .where(rows.tenant_id == self._scope.tenant_id, rows.number == number, rows.actor == "")
            .values(actor=record.user, actor_at=record.at, actor_address=record.address)
        )
        return changed == 1

    async def _still(self, asking: Asking, **values: object) -> bool:
        rows = UnrequestedChangeRow
        changed = await self._scope.changed(
            update(rows)
            .where(
                rows.tenant_id == self._scope.tenant_id,
                rows.reading == asking.reading,
                rows.asked == asking.times,
                rows.query == asking.query,
            )
            .values(**values)
        )
        return changed > 0

    async def _found(self, *conditions: ColumnElement[bool], lock: bool = False) -> list[UnrequestedChange]:
        query = (
            select(UnrequestedChangeRow)
            .where(UnrequestedChangeRow.tenant_id == self._scope.tenant_id, *conditions)
            .order_by(UnrequestedChangeRow.number)
        )
        if lock:
            query = query.with_for_update()
        # Some at a time: a list that was emptied is thousands, and others have the event loop in between.
        found = await self._scope.session.stream_scalars(query.execution_options(yield_per=ROWS_AT_ONCE))
        return [_change(row) async for some in found.partitions(ROWS_AT_ONCE) for row in some]


def _row(tenant_id: str, change: UnrequestedChange, ask_at: datetime | None) -> dict[str, Any]:
    return {
        "tenant_id": tenant_id,
        "number": change.number,
        "reading": change.reading,
        "place": change.held.place,
        "what": change.what.value,
        "before": None if change.before is None else as_record(change.before),
        "after": None if change.after is None else as_record(change.after),
        "fields": list(change.fields),
        "made_by": list(change.made_by),
        "since": change.since,
        "seen_at": change.seen_at,
        "state": change.state.value,
        "request_id": change.request_id,
        "actor": change.actor,
        "actor_at": change.actor_at,
        "actor_address": change.actor_address,
        "ask_at": ask_at,
        "asked": 0,
        "query": "",
    }


def _change(row: UnrequestedChangeRow) -> UnrequestedChange:
    return UnrequestedChange(
        number=row.number,
        reading=row.reading,
        what=Happening(row.what),
        before=None if row.before is None else of_record(row.before),
        after=None if row.after is None else of_record(row.after),
        fields=tuple(str(name) for name in row.fields),
        made_by=tuple(int(number) for number in row.made_by),
        since=row.since,
        seen_at=row.seen_at,
        state=ChangeState(row.state),
        request_id=row.request_id,
        actor=row.actor,
        actor_at=row.actor_at,
        actor_address=row.actor_address,
        is_unnamed=row.asked > 0 and row.ask_at is None and not row.actor,
    )
