"""Large requests while they are written down, in portions: nobody sees anything of one before it is finished.

The row of such a request has `UNFINISHED` in the place of its tenant, so that no query of any subject, of this version
or the one before, finds it; whose it is stands beside it. The last transaction gives it its tenant, and has the events
and jobs that tell of it. What a process that died has left is dropped later, and nobody has seen it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, update

from bot.domain.requests.request import Request
from bot.errors import Conflict
from bot.store.request_rows import NewRequest, items_out, request_out, request_without_items, set_aside_out
from bot.store.requests import INSERT, INSERT_ITEM, INSERT_SET_ASIDE
from bot.store.scope import ROWS_AT_ONCE, Scope, short_key
from bot.store.table import core
from bot.store.tables import ItemRow, RequestRow, SetAsideRow, UnfinishedRequestRow

#: Stands in the place of the tenant: no tenant is called so.
UNFINISHED = "unfinished"

_rows = core(UnfinishedRequestRow)
_requests = core(RequestRow)
_mine = _rows.c.tenant_id == bindparam("its_tenant")
_this = and_(_mine, _rows.c.request_id == bindparam("its_id"))
_BEGIN = insert(_rows)
_WRITTEN = (
    update(_rows)
    .where(_this, _rows.c.is_dropped.is_(False), _rows.c.written == bindparam("so_far"))
    .values(written=bindparam("now_written"))
)
_END = delete(_rows).where(_this, _rows.c.is_dropped.is_(False), _rows.c.written == bindparam("so_far"))
_SHOW = (
    update(_requests)
    .where(_requests.c.tenant_id == UNFINISHED, _requests.c.id == bindparam("its_id"))
    .values(
        tenant_id=bindparam("new_tenant"),
        proposal_id=bindparam("new_proposal"),
        created_at=bindparam("new_created"),
        lapses_at=bindparam("new_lapses"),
    )
)
_DROP = update(_rows).where(_this).values(is_dropped=True)
_DROPPED = delete(_rows).where(_this)
_FORGET = delete(_requests).where(_requests.c.tenant_id == UNFINISHED, _requests.c.id == bindparam("its_id"))


class UnfinishedRequests:
    """The requests of one tenant that are being written down, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def begin(
        self, new: NewRequest, *, delivery: str, lapses_at: datetime, at: datetime, proposal_id: int | None = None
    ) -> Request:
        """Begin to write a request down that a delivery makes; it is returned without items. It will be a part of the
        proposal `proposal_id`, or its own.
        """
        row = request_out(new, tenant_id=UNFINISHED, proposal_id=proposal_id or 0, lapses_at=lapses_at, at=at)
        request_id: int | None = (await self._scope.prepared(INSERT, row)).scalar()
        assert request_id is not None  # noqa: S101 - RETURNING always gives a row
        begun = {
            "request_id": request_id,
            "tenant_id": self._scope.tenant_id,
            "delivery": short_key(delivery),
            "begun_at": self._scope.clock(),
            "written": 0,
            "is_dropped": False,
        }
        await self._scope.prepared(_BEGIN, begun)
        shown = {"id": request_id, "tenant_id": self._scope.tenant_id, "proposal_id": proposal_id or request_id}
        return request_without_items(row | shown)

    async def write(self, new: NewRequest, request_id: int, *, so_far: int, most: int) -> int:
        """Write its next rows, `most` of them, where `so_far` as many are there; how many are there then.

        Raises Conflict where nobody may go on with it.
        """
        first, last = so_far, min(so_far + most, new.rows)
        if (await self._changed(_WRITTEN, request_id, so_far=so_far, now_written=last)) != 1:
            raise _taken_away()
        tenant_id, items = self._scope.tenant_id, len(new.indicators)
        some = slice(first, last)
        await self._scope.many(INSERT_ITEM, items_out(new, request_id, tenant_id=tenant_id, rows=some))
        some = slice(max(0, first - items), max(0, last - items))
        await self._scope.many(INSERT_SET_ASIDE, set_aside_out(new, request_id, tenant_id=tenant_id, rows=some))
        return last

    async def finish(self, request: Request, *, written: int, lapses_at: datetime, at: datetime) -> None:
        """All of it is there, so many rows: from the commit on everybody sees it, as one that was written down now.

        Raises Conflict where it isn't there, or not all of it.
        """
        ended = await self._changed(_END, request.id, so_far=written)
        shown = await self._scope.prepared(
            _SHOW,
            {
                "its_id": request.id,
                "new_tenant": self._scope.tenant_id,
                "new_proposal": request.proposal_id,
                "new_created": at,
                "new_lapses": lapses_at,
            },
        )
        if (ended, shown.rowcount) != (1, 1):
            raise _taken_away()

    async def of(self, delivery: str) -> list[int]:
        """The numbers of those that a delivery was to make, as often as it came."""
        return await self._numbers(UnfinishedRequestRow.delivery == short_key(delivery))

    async def begun_before(self, time: datetime) -> list[int]:
        """The numbers of those that were begun before a time."""
        return await self._numbers(UnfinishedRequestRow.begun_at < time)

    async def drop(self, request_id: int, *, most: int = ROWS_AT_ONCE) -> bool:
        """Delete `most` rows of one, with which nobody can go on from here; whether all of it is gone."""
        if await self._changed(_DROP, request_id) != 1:
            return True
        for table in (ItemRow, SetAsideRow):
            some = select(table.id).where(table.request_id == request_id).limit(most)
            most -= await self._scope.changed(delete(table).where(table.id.in_(some)))
            if most <= 0:
                return False
        await self._changed(_DROPPED, request_id)
        await self._scope.prepared(_FORGET, {"its_id": request_id})
        return True

    async def _numbers(self, which: Any) -> list[int]:  # noqa: ANN401 - a condition
        row = UnfinishedRequestRow
        query = select(row.request_id).where(row.tenant_id == self._scope.tenant_id, which).order_by(row.request_id)
        return list(await self._scope.session.scalars(query))

    async def _changed(self, statement: Any, request_id: int, **bound: object) -> int:  # noqa: ANN401 - an update or a deletion
        asked = {"its_tenant": self._scope.tenant_id, "its_id": request_id, **bound}
        return (await self._scope.prepared(statement, asked)).rowcount


def _taken_away() -> Conflict:
    return Conflict(
        "What was to be requested was written down for too long, or twice at once, and nothing was requested.",
        "Ask for it again.",
    )
