"""What requests do to the values of one list just now, or have done since a time: what may explain a difference."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, exists, or_, select

from bot.aside import aside
from bot.domain.auditing.events import EventKind, clean_text
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.requests.request import ItemState, Status
from bot.store.audit_stretches import ranges
from bot.store.audit_tables import AuditEventRow
from bot.store.scope import Scope
from bot.store.tables import ItemRow, RequestRow, SubmissionRow

#: What was sent and never seen is looked for about a day; then it explains nothing any more.
_LOOKED_FOR = timedelta(days=2)

#: What is logged of an item once the tenant, read back, has it as asked; and once its end was carried out.
_DONE = EventKind.ITEM_APPLIED
_OVER = EventKind.ITEM_EXPIRED


_spoken_of = exists().where(
    AuditEventRow.tenant_id == RequestRow.tenant_id,
    AuditEventRow.request_id == RequestRow.id,
    AuditEventRow.at >= bindparam("spoken_since"),
)
_over = (Status.FAILED.value, Status.PARTLY_APPLIED.value, Status.APPLIED.value)
_IN_FLIGHT = (
    select(ItemRow.request_id, ItemRow.value)
    .join(RequestRow, RequestRow.id == ItemRow.request_id)
    .where(
        RequestRow.tenant_id == bindparam("its_tenant"),
        RequestRow.list == bindparam("its_list"),
        ItemRow.state == ItemState.INTENDED.value,
        or_(RequestRow.status == Status.APPLYING.value, and_(RequestRow.status.in_(_over), _spoken_of)),
    )
)
_DONE_SINCE = (
    select(AuditEventRow.request_id, AuditEventRow.target, AuditEventRow.at, AuditEventRow.kind)
    .join(RequestRow, (RequestRow.tenant_id == AuditEventRow.tenant_id) & (RequestRow.id == AuditEventRow.request_id))
    .where(
        AuditEventRow.tenant_id == bindparam("its_tenant"),
        AuditEventRow.seq > bindparam("after"),
        AuditEventRow.at >= bindparam("since"),
        AuditEventRow.kind.in_([_DONE.value, _OVER.value]),
        RequestRow.list == bindparam("its_list"),
        RequestRow.operation != Operation.SUBMIT.value,
    )
)
_DONE_TO = _DONE_SINCE.where(AuditEventRow.target.in_(bindparam("targets", expanding=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAct:
    """What a request does to one value. `at` is when it was done; None: it was sent, and nobody knows yet."""

    request_id: int
    value: str
    at: datetime | None
    is_end: bool = False  #: it is taken out because its end has come


class Acts:
    """Those of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def of_list(
        self, name: ListName, *, since: datetime, now: datetime, values: Collection[str] | None = None
    ) -> list[ItemAct]:
        """What was sent with no known outcome, whenever, and what was done since a time: with `values` only what was
        done to these, in just this spelling."""
        return [*await self._in_flight(name, now), *await self._done(name, since, values)]

    async def submissions(self) -> tuple[frozenset[str], frozenset[int]]:
        """The service's ids of what was ever submitted, and the requests that submitted it."""
        rows = SubmissionRow
        found = await self._scope.session.execute(
            select(rows.reference, rows.request_id).where(rows.tenant_id == self._scope.tenant_id)
        )
        both = found.all()
        return frozenset(reference for reference, _ in both if reference), frozenset(number for _, number in both)

    async def _in_flight(self, name: ListName, now: datetime) -> list[ItemAct]:
        """A request that is over is looked after for some time: what it sent may show late."""
        asked = {"its_tenant": self._scope.tenant_id, "its_list": name.value, "spoken_since": now - _LOOKED_FOR}
        found = await self._scope.prepared(_IN_FLIGHT, asked)

        def acts() -> list[ItemAct]:
            return [ItemAct(request_id=request_id, value=value, at=None) for request_id, value in found]

        return await aside(len(found.all()), acts)

    async def _done(self, name: ListName, since: datetime, values: Collection[str] | None) -> list[ItemAct]:
        where = await ranges(self._scope, since=since, until=None)
        after = min(each.after for each in where)
        asked = {"its_tenant": self._scope.tenant_id, "its_list": name.value, "after": after, "since": since}
        if values is None:
            found = await self._scope.prepared(_DONE_SINCE, asked)
        else:
            found = await self._scope.prepared(_DONE_TO, {**asked, "targets": sorted(map(clean_text, values))})

        def acts() -> list[ItemAct]:
            return [
                ItemAct(request_id=request_id, value=value, at=at, is_end=kind == _OVER)
                for request_id, value, at, kind in found
            ]

        return await aside(len(found.all()), acts)
