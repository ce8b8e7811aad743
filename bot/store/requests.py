"""Requests with their items and reviews: written in steps, each settled by a compare-and-set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, distinct, func, insert, or_, select, update

from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import Approval, approval_in, approval_out
from bot.domain.requests.parts import Parts
from bot.domain.requests.question import Question
from bot.domain.requests.request import ItemState, Request, RequestWarning, Review, SetAside, Status, may_follow
from bot.errors import Conflict, NotFound
from bot.store.databases import in_chunks, prepared_insert_or_ignore
from bot.store.emergencies import awaits_review
from bot.store.request_loading import (
    Naming,
    load_counts,
    load_naming,
    load_states,
    load_summaries,
    load_whole,
    load_with,
)
from bot.store.request_rows import (
    NewRequest,
    items_out,
    new_request,
    question_out,
    request_out,
    set_aside_out,
    warnings_out,
)
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import ItemRow, RequestRow, ReviewRow, SetAsideRow

_rows = core(RequestRow)
_of_tenant = _rows.c.tenant_id == bindparam("its_tenant")
_this = and_(_of_tenant, _rows.c.id == bindparam("its_id"))
_lead = _rows.alias()
INSERT = insert(_rows).returning(_rows.c.id)
_IS_PROPOSAL = update(_rows).where(_this).values(proposal_id=_rows.c.id)
_MOVE = (
    update(_rows)
    .where(_this, _rows.c.status == bindparam("expected"))
    .values(status=bindparam("new_status"), failure=bindparam("new_failure"))
)
_SET_SENT = update(_rows).where(_this).values(sent=bindparam("new_sent"))
_SET_END = update(_rows).where(_this).values(expires=bindparam("new_end"))
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

INSERT_ITEM = insert(core(ItemRow))
_ADD_ITEM = INSERT_ITEM.returning(ItemRow.id)
INSERT_SET_ASIDE = insert(core(SetAsideRow))
_SET_ITEM = (
    update(core(ItemRow))
    .where(ItemRow.id == bindparam("of_id"), ItemRow.tenant_id == bindparam("its_tenant"))
    .values(state=bindparam("new_state"), outcome=bindparam("new_outcome"))
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
_NAMING = Naming(_SHARES)
# What nobody decides in time lapses: what was decided later lapses later.
_NAMING_SINCE = Naming(
    and_(
        _SHARES,
        or_(
            RequestRow.status.in_(sorted(status.value for status in UNDER_WAY)),
            RequestRow.lapses_at >= bindparam("decided_since"),
        ),
    )
)


_NAMING_OF = Naming(RequestRow.id == bindparam("its_request"))


class Requests:
    """The requests of one tenant, within one unit of work.

    To keep two transactions from waiting for each other: lock a request before the first audit event is appended,
    and lock no second one after that.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self, new: NewRequest, *, lapses_at: datetime, at: datetime, proposal_id: int | None = None
    ) -> Request:
        """Write a pending request, and return its summary. It is a part of the proposal `proposal_id`, or its own."""
        tenant_id = self._scope.tenant_id
        row = request_out(new, tenant_id=tenant_id, proposal_id=proposal_id or 0, lapses_at=lapses_at, at=at)
        added = await self._scope.prepared(INSERT, row)
        request_id: int | None = added.scalar()
        assert request_id is not None  # noqa: S101 - RETURNING always gives a row
        if proposal_id is None:
            await self._scope.prepared(_IS_PROPOSAL, self._this(request_id))
        items = items_out(new, request_id, tenant_id=tenant_id)
        if len(items) == 1 and proposal_id is None and not new.set_aside:
            # As most are: nothing else can be there of it, and it needn't be read.
            item_id = (await self._scope.prepared(_ADD_ITEM, items[0])).scalar()
            return new_request({**row, "id": request_id, "proposal_id": request_id}, {**items[0], "id": item_id})
        await self._scope.many(INSERT_ITEM, items)
        await self._scope.many(INSERT_SET_ASIDE, set_aside_out(new, request_id, tenant_id=tenant_id))
        return await self.summary(request_id)

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

    async def move(self, request_id: int, *, expected: Status, to: Status, failure: str = "") -> bool:
        """Take a request from one status to the next, if it still has the expected one; whether it was so.

        Of many who try at once, one gets True. Raises Conflict for a step that no request ever takes.
        """
        if not may_follow(expected, to):
            raise Conflict(f"Request #{request_id} can't go from {expected.value} to {to.value}.")
        return (
            await self._scope.prepared(
                _MOVE,
                {
                    **self._this(request_id),
                    "expected": expected.value,
                    "new_status": to.value,
                    "new_failure": failure,
                },
            )
        ).rowcount == 1

    async def add_review(self, request_id: int, review: Review) -> bool:
        """Record one approver's decision; False if that person has reviewed this request already."""
        return (
            await self._scope.prepared(
                prepared_insert_or_ignore(self._scope.dialect.name, core(ReviewRow)),
                {
                    "tenant_id": self._scope.tenant_id,
                    "request_id": request_id,
                    "reviewer": review.reviewer,
                    "decision": review.decision.value,
                    "comment": review.comment,
                    "at": review.at,
                },
            )
        ).rowcount == 1

    async def void_reviews(self, request_id: int, by: Collection[str] | None = None) -> None:
        """Take back the reviews of a request, all or those by some people: who gave them may review it again.

        The audit log keeps that they were.
        """
        voided = delete(ReviewRow).where(
            ReviewRow.tenant_id == self._scope.tenant_id, ReviewRow.request_id == request_id
        )
        await self._scope.changed(voided if by is None else voided.where(ReviewRow.reviewer.in_(sorted(by))))

    async def set_items(self, states: Mapping[int, tuple[ItemState, str]]) -> None:
        """Record how it went with each item, by the item's id: its state, and the outcome for people."""
        await self._scope.many(
            _SET_ITEM,
            [
                {
                    "its_tenant": self._scope.tenant_id,
                    "of_id": item_id,
                    "new_state": state.value,
                    "new_outcome": outcome,
                }
                for item_id, (state, outcome) in sorted(states.items())
            ],
        )

    async def propose_refused_again(self, request_id: int) -> None:
        """Have the items of a request that were refused wait to be sent, as if nothing had been tried."""
        row = ItemRow
        await self._scope.changed(
            update(row)
            .where(
                row.tenant_id == self._scope.tenant_id,
                row.request_id == request_id,
                row.state == ItemState.REFUSED.value,
            )
            .values(state=ItemState.PROPOSED.value, outcome="")
        )

    async def set_sent(self, request_id: int, sent: int) -> None:
        """Record how many of the items have been sent to the tenant so far."""
        await self._scope.prepared(_SET_SENT, {**self._this(request_id), "new_sent": sent})

    async def set_question(self, request_id: int, question: Question) -> None:
        """Record what was asked last about a proposal, on its first request, with the answer if there is one."""
        await self._scope.changed(
            update(RequestRow).where(self._mine(request_id)).values(asked_back=question_out(question))
        )

    async def set_end(self, request_id: int, expires: datetime | None) -> None:
        """A request was approved, and ends then."""
        await self._scope.prepared(_SET_END, {**self._this(request_id), "new_end": expires})

    async def set_approval(self, request_id: int, approval: Approval) -> None:
        """A request was approved by this, and not by reviews."""
        await self._scope.changed(
            update(RequestRow).where(self._mine(request_id)).values(approval=approval_out(approval))
        )

    async def set_warnings(self, request_id: int, warnings: Sequence[RequestWarning], approvals_needed: int) -> None:
        """Replace the warnings of a request, and how many approvals it takes, after it was assessed again."""
        await self._scope.changed(
            update(RequestRow)
            .where(self._mine(request_id))
            .values(warnings=warnings_out(warnings), approvals_needed=approvals_needed)
        )

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

    def _mine(self, request_id: int) -> ColumnElement[bool]:
        return and_(RequestRow.id == request_id, RequestRow.tenant_id == self._scope.tenant_id)


def _not_found(request_id: int) -> NotFound:
    return NotFound(f"There is no request #{request_id}.", "Look for its number with /requests.")
