"""Requests with their items and reviews: written in steps, each settled by a compare-and-set."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, update

from bot.domain.requests.approval import Approval, approval_out
from bot.domain.requests.question import Question
from bot.domain.requests.request import ItemState, Request, RequestWarning, Review, Status, may_follow
from bot.errors import Conflict
from bot.store.databases import prepared_insert_or_ignore
from bot.store.request_rows import (
    NewRequest,
    items_out,
    new_request,
    question_out,
    request_out,
    set_aside_out,
    warnings_out,
)
from bot.store.requests_read import RequestsRead
from bot.store.table import core
from bot.store.tables import ItemRow, RequestRow, ReviewRow, SetAsideRow

_rows = core(RequestRow)
_of_tenant = _rows.c.tenant_id == bindparam("its_tenant")
_this = and_(_of_tenant, _rows.c.id == bindparam("its_id"))
INSERT = insert(_rows).returning(_rows.c.id)
_IS_PROPOSAL = update(_rows).where(_this).values(proposal_id=_rows.c.id)
_MOVE = (
    update(_rows)
    .where(_this, _rows.c.status == bindparam("expected"))
    .values(status=bindparam("new_status"), failure=bindparam("new_failure"))
)
_SET_SENT = update(_rows).where(_this).values(sent=bindparam("new_sent"))
_SET_END = update(_rows).where(_this).values(expires=bindparam("new_end"))

INSERT_ITEM = insert(core(ItemRow))
_ADD_ITEM = INSERT_ITEM.returning(ItemRow.id)
INSERT_SET_ASIDE = insert(core(SetAsideRow))
_SET_ITEM = (
    update(core(ItemRow))
    .where(ItemRow.id == bindparam("of_id"), ItemRow.tenant_id == bindparam("its_tenant"))
    .values(state=bindparam("new_state"), outcome=bindparam("new_outcome"))
)


class Requests(RequestsRead):
    """The requests of one tenant, within one unit of work.

    To keep two transactions from waiting for each other: lock a request before the first audit event is appended,
    and lock no second one after that.
    """

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

    def _mine(self, request_id: int) -> ColumnElement[bool]:
        return and_(RequestRow.id == request_id, RequestRow.tenant_id == self._scope.tenant_id)
