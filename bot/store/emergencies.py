"""Emergency blocks: which of them wait for a review, how many somebody has had applied, and who else wants the same."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import JSON, ColumnElement, and_, distinct, func, or_, select, type_coerce

from bot.domain.auditing.events import clean_text
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.store.databases import in_chunks
from bot.store.request_loading import ItemsNamed, load_naming
from bot.store.scope import Scope
from bot.store.tables import ItemRow, RequestRow, ReviewRow

_UNDER_WAY = [status.value for status in Status if status.is_under_way]
_MAY_HOLD = [state.value for state in ItemState if state.may_hold]
#: What another request has there, or is about to put there: a request that waits has nothing yet.
_APPROVED = [status.value for status in Status if status.has_outcome or status in {Status.APPROVED, Status.APPLYING}]


def awaits_review(scope: Scope) -> ColumnElement[bool]:
    """That a request is an emergency block that waits for a review, as `bot.domain.requests.emergency` has it."""
    row = RequestRow
    reviewed = select(ReviewRow.request_id).where(
        ReviewRow.tenant_id == scope.tenant_id, ReviewRow.request_id == row.id
    )
    standing = select(ItemRow.id).where(
        ItemRow.tenant_id == scope.tenant_id, ItemRow.request_id == row.id, ItemRow.state.in_(_MAY_HOLD)
    )
    return and_(
        row.tenant_id == scope.tenant_id,
        _is_emergency(),
        ~reviewed.exists(),
        or_(row.status.in_(_UNDER_WAY), standing.exists()),
    )


def _is_emergency() -> ColumnElement[bool]:
    by = type_coerce(RequestRow.approval, JSON)["by"].as_string()
    # What most requests haven't got is said first: there is an index of those that have.
    return and_(RequestRow.approval.isnot(None), by == ApprovedBy.EMERGENCY.value)


class EmergencyBlocks:
    """The emergency blocks of one tenant, within one unit of work."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def unreviewed(self, *, limit: int) -> list[int]:
        """The numbers of the proposals that wait for a review, the newest first."""
        query = (
            select(RequestRow.proposal_id)
            .where(awaits_review(self._scope))
            .distinct()
            .order_by(RequestRow.proposal_id.desc())
            .limit(limit)
        )
        return list(await self._scope.session.scalars(query))

    async def count(self, person: str, *, since: datetime) -> int:
        """How many somebody has had applied since a time."""
        count = await self._scope.session.scalar(
            select(func.count(distinct(RequestRow.proposal_id))).where(
                RequestRow.tenant_id == self._scope.tenant_id,
                RequestRow.requester == person,
                RequestRow.created_at > since,
                _is_emergency(),
            )
        )
        return count or 0

    async def taken_out(
        self, person: str, name: ListName, action: Action, values: Collection[str] | None = None
    ) -> list[str]:
        """The values that somebody had blocked at once and an approver had taken out again: of `values`, or all."""
        row = RequestRow
        query = (
            select(ItemRow.value)
            .join(row, row.id == ItemRow.request_id)
            .join(ReviewRow, ReviewRow.request_id == row.id)
            .where(
                row.tenant_id == self._scope.tenant_id,
                row.requester == person,
                row.list == name.value,
                row.action == action.value,
                _is_emergency(),
                ItemRow.tenant_id == self._scope.tenant_id,
                ReviewRow.tenant_id == self._scope.tenant_id,
                ReviewRow.decision == Decision.DENY.value,
            )
            .distinct()
            .order_by(ItemRow.value)
        )
        if values is None:
            return list(await self._scope.session.scalars(query))
        found: list[str] = []
        for chunk in in_chunks(sorted({clean_text(value) for value in values})):
            found += await self._scope.session.scalars(query.where(ItemRow.value.in_(chunk)))
        return found

    async def others_with(self, request: Request, values: Collection[str]) -> list[Request]:
        """The other requests that have put any of these values on the same list, or are about to: each with exactly
        those items."""
        row = RequestRow
        which = and_(
            row.list == request.list.value,
            row.action == request.action.value,
            row.operation == Operation.ADD.value,
            row.status.in_(_APPROVED),
            row.id != request.id,
        )
        return await load_naming(self._scope, ItemsNamed(which), values)
