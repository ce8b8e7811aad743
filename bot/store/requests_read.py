"""Requests with their items and reviews, as they are looked for: whole or in short, by proposal, by what they name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, distinct, func, or_, select

from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import approval_in
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import ItemState, Request, SetAside, Status
from bot.errors import NotFound
from bot.store.databases import in_chunks
from bot.store.emergencies import awaits_review
from bot.store.request_loading import (
    ItemsNamed,
    load_counts,
    load_naming,
    load_states,
    load_summaries,
    load_whole,
    load_with,
)
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import ItemRow, RequestRow, SetAsideRow

_rows = core(RequestRow)
_of_tenant = _rows.c.tenant_id == bindparam("its_tenant")
_this = and_(_of_tenant, _rows.c.id == bindparam("its_id"))
_lead = _rows.alias()
_ONE = select(_rows).where(_this)
_LOCKED = _ONE.with_for_update()
_PARTS = (
    select(_rows)
    .where(
        _of_tenant,
        _rows.c.proposal_id
        == select(_lead.c.proposal_id)
        .where(_lead.c.tenant_id == bindparam("its_tenant"), _lead.c.id == bindparam("its_id"))
        .scalar_subquery(),
    )
    .order_by(_rows.c.id)
)
_PARTS_LOCKED = _PARTS.with_for_update(of=_rows)
_OF_PROPOSALS = (
    select(_rows)
    .where(_of_tenant, _rows.c.proposal_id.in_(bindparam("proposals", expanding=True)))
    .order_by(_rows.c.id)
)
_NUMBERS = select(_rows.c.id, _rows.c.proposal_id).where(_of_tenant, _rows.c.id.in_(bindparam("ids", expanding=True)))
_COUNT_PENDING = select(func.count(distinct(_rows.c.proposal_id))).where(
    _of_tenant, _rows.c.requester == bindparam("its_requester"), _rows.c.status == Status.PENDING.value
)

#: Of what may still change the tenant.
UNDER_WAY = frozenset(status for status in Status if status.is_under_way)

#: Asked at each check and each proposal, mostly in vain, so that it is put together once.
_SHARES = and_(
    RequestRow.list == bindparam("list"),
    RequestRow.status.in_(bindparam("statuses", expanding=True)),
    RequestRow.id != bindparam("but"),
    RequestRow.proposal_id != bindparam("but"),
    ItemRow.state != ItemState.LEFT_OUT.value,
)
_NAMING = ItemsNamed(_SHARES)
# What nobody decides in time lapses: what was decided later lapses later.
_NAMING_SINCE = ItemsNamed(
    and_(
        _SHARES,
        or_(
            RequestRow.status.in_(sorted(status.value for status in UNDER_WAY)),
            RequestRow.lapses_at >= bindparam("decided_since"),
        ),
    )
)
_NAMING_OF = ItemsNamed(RequestRow.id == bindparam("its_request"))


class RequestsRead:
    """The requests of one tenant, within one unit of work, to be read or locked."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def get(self, request_id: int, *, lock: bool = False) -> Request:
        """The request as it is now. With `lock`, nobody else changes it until this unit of work ends.

        Raises NotFound when this tenant has no such request.
        """
        rows = await self._scope.prepared(_LOCKED if lock else _ONE, self._this(request_id))
        found = await load_whole(self._scope, rows.all())
        if not found:
            raise _not_found(request_id)
        return found[0]

    async def with_values(self, request_id: int, values: Collection[str]) -> Request:
        """The request with exactly those of its items that have one of the values; `counts` and `total` are over all.

        Raises NotFound.
        """
        found = await load_naming(self._scope, _NAMING_OF, values, {"its_request": request_id})
        return found[0] if found else await self.summary(request_id, items=0)

    async def summary(self, request_id: int, *, items: int = 20, lock: bool = False) -> Request:
        """The request with at most `items` of its items: refused ones first, then those with an unknown outcome, then
        those that are gone, then all others, each by number. `counts` and `total` are over all of them.

        With `lock`, nobody else changes it until this unit of work ends. Raises NotFound when this tenant has no such
        request.
        """
        rows = await self._scope.prepared(_LOCKED if lock else _ONE, self._this(request_id))
        found = await load_summaries(self._scope, rows.all(), items=items)
        if not found:
            raise _not_found(request_id)
        return found[0]

    async def parts(self, request_id: int, *, items: int = 20, lock: bool = False) -> Parts:
        """The proposal that a request is a part of, by the number of any of its requests: each as by `summary`.

        With `lock`, nobody else changes any of them until this unit of work ends. Raises NotFound.
        """
        rows = await self._scope.prepared(_PARTS_LOCKED if lock else _PARTS, self._this(request_id))
        requests = await load_summaries(self._scope, rows.all(), items=items)
        if not requests:
            raise _not_found(request_id)
        return Parts(requests=tuple(requests))

    async def without_items(self, request_ids: Collection[int]) -> dict[int, Request]:
        """Some requests by their numbers, as summaries that show no items. What doesn't exist is left out."""
        found: dict[int, Request] = {}
        for ids in in_chunks(sorted(request_ids)):
            found |= {request.id: request for request in await load_with(self._scope, ids, {})}
        return found

    async def counts(self, request_id: int) -> Mapping[ItemState, int]:
        """How many items of a request are in each state; nothing where there is no such request."""
        return await load_counts(self._scope, request_id)

    async def states(self, request_id: int) -> dict[int, ItemState]:
        """The state of each item of a request, by the item's id; nothing where there is no such request."""
        return await load_states(self._scope, request_id)

    async def proposals(self, request_ids: Sequence[int], *, items: int = 20) -> list[Parts]:
        """The proposals that some requests are parts of, the newest first. Raises NotFound where one doesn't exist."""
        of = await self._proposals_of(request_ids)
        asked = {"its_tenant": self._scope.tenant_id, "proposals": sorted(set(of.values()))}
        rows = await self._scope.prepared(_OF_PROPOSALS, asked)
        parts: dict[int, list[Request]] = defaultdict(list)
        for request in await load_summaries(self._scope, rows.all(), items=items):
            parts[request.proposal_id].append(request)
        return [Parts(requests=tuple(parts[number])) for number in sorted(parts, reverse=True)]

    async def proposal_of(self, request_id: int) -> int:
        """The number of the proposal that a request is a part of. Raises NotFound."""
        return (await self._proposals_of([request_id]))[request_id]

    async def proposal_numbers(self, request_ids: Collection[int]) -> dict[int, int]:
        """The numbers of the proposals that some requests are parts of, by request; of one that isn't there, none."""
        if not request_ids:
            return {}
        asked = {"its_tenant": self._scope.tenant_id, "ids": sorted(request_ids)}
        found = await self._scope.prepared(_NUMBERS, asked)
        return {row.id: row.proposal_id for row in found}

    async def _proposals_of(self, request_ids: Sequence[int]) -> dict[int, int]:
        proposals = await self.proposal_numbers(request_ids)
        for request_id in request_ids:
            if request_id not in proposals:
                raise _not_found(request_id)
        return proposals

    async def proposal_page(
        self,
        *,
        statuses: Iterable[Status] | None = None,
        requester: str | None = None,
        before_id: int | None = None,
        limit: int = 20,
        items: int = 20,
        unreviewed_too: bool = False,
    ) -> list[Parts]:
        """Summaries of proposals, newest first, each with all its requests, where any of them has one of the
        `statuses`; or, with `unreviewed_too`, is an emergency block that nobody has reviewed. For the next page pass
        the last one's number as `before_id`."""
        row = RequestRow
        query = select(row.proposal_id).where(row.tenant_id == self._scope.tenant_id)
        if statuses is not None:
            has_status = row.status.in_([status.value for status in statuses])
            query = query.where(or_(has_status, awaits_review(self._scope)) if unreviewed_too else has_status)
        if requester is not None:
            query = query.where(row.requester == requester)
        if before_id is not None:
            query = query.where(row.proposal_id < before_id)
        numbers = await self._scope.session.scalars(query.distinct().order_by(row.proposal_id.desc()).limit(limit))
        return await self.proposals(list(numbers), items=items)

    async def proposals_that_are(self, statuses: Iterable[Status]) -> tuple[int, ...]:
        """The numbers of the proposals of which a request has one of the `statuses`, lowest first."""
        row = RequestRow
        query = select(row.proposal_id).where(
            row.tenant_id == self._scope.tenant_id, row.status.in_([status.value for status in statuses])
        )
        return tuple(await self._scope.session.scalars(query.distinct().order_by(row.proposal_id)))

    async def count_pending(self, requester: str) -> int:
        """How many proposals of somebody wait for a decision."""
        asked = {"its_tenant": self._scope.tenant_id, "its_requester": requester}
        count: int | None = (await self._scope.prepared(_COUNT_PENDING, asked)).scalar()
        return count or 0

    async def count_let_through(self, rule: str, *, since: datetime) -> int:
        """How many indicators a rule has let through without approval since a time."""
        row = RequestRow
        query = select(row.id, row.approval).where(
            row.tenant_id == self._scope.tenant_id, row.created_at > since, row.approval.is_not(None)
        )
        found = [(request_id, approval_in(kept)) for request_id, kept in await self._scope.rows(query)]
        numbers = [number for number, kept in found if kept is not None and kept.is_by_rule(rule)]
        if not numbers:
            return 0
        count = await self._scope.session.scalar(
            select(func.count()).select_from(ItemRow).where(ItemRow.request_id.in_(numbers))
        )
        return count or 0

    async def set_aside(self, request_id: int) -> list[SetAside]:
        """The lines of what was imported that became no item of the request, by line."""
        rows = SetAsideRow
        found = await self._scope.session.execute(
            select(rows.line, rows.typed, rows.value, rows.code, rows.reason)
            .where(rows.request_id == request_id, rows.tenant_id == self._scope.tenant_id)
            .order_by(rows.line, rows.id)
        )
        return [SetAside(**row._mapping) for row in found]  # noqa: SLF001 - SQLAlchemy's public name for it

    async def naming(
        self,
        list_name: ListName,
        values: Collection[str] | None,
        *,
        but: int | None = None,
        statuses: Collection[Status] = UNDER_WAY,
        decided_since: datetime | None = None,
    ) -> list[Request]:
        """Summaries of the requests with one of the `statuses` that name one of these values in a list.

        Oldest first. Their `items` are exactly those with one of the values, without what an approver left out: nobody
        asks for that any more. `but` is a request to leave out, or a proposal with all its requests. Without `values`
        they are all their items. `decided_since` leaves out what was decided before a time, but for what is under way.
        """
        bound = {"list": list_name.value, "but": but or 0, "statuses": sorted(status.value for status in statuses)}
        if decided_since is None:
            return await load_naming(self._scope, _NAMING, values, bound)
        return await load_naming(self._scope, _NAMING_SINCE, values, {**bound, "decided_since": decided_since})

    def _this(self, request_id: int) -> dict[str, Any]:
        return {"its_tenant": self._scope.tenant_id, "its_id": request_id}


def _not_found(request_id: int) -> NotFound:
    return NotFound(f"There is no request #{request_id}.", "Look for its number with /requests.")
