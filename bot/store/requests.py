"""Requests with their items and reviews: written in steps, each settled by a compare-and-set."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select, insert, select, update

from bot.domain.lists import Action, ListName
from bot.domain.requests import (
    Decision,
    Item,
    ItemState,
    Operation,
    Request,
    RequestWarning,
    Review,
    Status,
    may_follow,
)
from bot.errors import Conflict, NotFound
from bot.store.databases import insert_or_ignore
from bot.store.scope import Scope
from bot.store.tables import ItemRow, RequestRow, ReviewRow


class Requests:
    """The requests of one tenant, within one unit of work.

    To keep two transactions from waiting for each other: lock a request before the first audit event is appended,
    and lock no second one after that.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self,
        *,
        operation: Operation,
        action: Action,
        list: ListName,  # noqa: A002 - the vocabulary's word
        reason: str,
        expires: datetime | None,
        requester: str,
        approvals_needed: int,
        lapses_at: datetime,
        warnings: Sequence[RequestWarning],
        indicators: Sequence[tuple[str, str]],
        at: datetime,
    ) -> Request:
        """Write a pending request. `indicators` are pairs of kind and value, in the order in which they are shown."""
        tenant_id = self._scope.tenant_id
        request_id = await self._scope.session.scalar(
            insert(RequestRow)
            .values(
                tenant_id=tenant_id,
                operation=operation.value,
                action=action.value,
                list=list.value,
                reason=reason,
                expires=expires,
                requester=requester,
                status=Status.PENDING.value,
                approvals_needed=approvals_needed,
                created_at=at,
                lapses_at=lapses_at,
                warnings=_warnings_out(warnings),
                failure="",
            )
            .returning(RequestRow.id)
        )
        assert request_id is not None  # noqa: S101 - RETURNING always gives a row
        if indicators:
            await self._scope.session.execute(
                insert(ItemRow).values(
                    [
                        {
                            "tenant_id": tenant_id,
                            "request_id": request_id,
                            "kind": str(kind),
                            "value": value,
                            "state": ItemState.PROPOSED.value,
                            "outcome": "",
                        }
                        for kind, value in indicators
                    ]
                )
            )
        return await self.get(request_id)

    async def get(self, request_id: int, *, lock: bool = False) -> Request:
        """The request as it is now. With `lock`, nobody else changes it until this unit of work ends.

        Raises NotFound when this tenant has no such request.
        """
        query = self._select().where(RequestRow.id == request_id)
        if lock:
            query = query.with_for_update()
        found = await self._load(query)
        if not found:
            raise NotFound(f"There is no request #{request_id}.", "Look for its number with /requests.")
        return found[0]

    async def move(self, request_id: int, *, expected: Status, to: Status, failure: str = "") -> bool:
        """Take a request from one status to the next, if it still has the expected one; whether it was so.

        Of many who try at once, one gets True. Raises Conflict for a step that no request ever takes.
        """
        if not may_follow(expected, to):
            raise Conflict(f"Request #{request_id} can't go from {expected.value} to {to.value}.")
        return (
            await self._scope.changed(
                update(RequestRow)
                .where(
                    RequestRow.id == request_id,
                    RequestRow.tenant_id == self._scope.tenant_id,
                    RequestRow.status == expected.value,
                )
                .values(status=to.value, failure=failure)
            )
            == 1
        )

    async def add_review(self, request_id: int, review: Review) -> bool:
        """Record one approver's decision; False if that person has reviewed this request already."""
        return (
            await self._scope.changed(
                insert_or_ignore(
                    self._scope.dialect,
                    ReviewRow,
                    {
                        "tenant_id": self._scope.tenant_id,
                        "request_id": request_id,
                        "reviewer": review.reviewer,
                        "decision": review.decision.value,
                        "comment": review.comment,
                        "at": review.at,
                    },
                )
            )
            == 1
        )

    async def set_items(self, states: Mapping[int, tuple[ItemState, str]]) -> None:
        """Record how it went with each item, by the item's id: its state, and the outcome for people."""
        for item_id, (state, outcome) in states.items():
            await self._scope.changed(
                update(ItemRow)
                .where(ItemRow.id == item_id, ItemRow.tenant_id == self._scope.tenant_id)
                .values(state=state.value, outcome=outcome)
            )

    async def set_warnings(self, request_id: int, warnings: Sequence[RequestWarning], approvals_needed: int) -> None:
        """Replace the warnings of a request, and how many approvals it takes, after it was assessed again."""
        await self._scope.changed(
            update(RequestRow)
            .where(RequestRow.id == request_id, RequestRow.tenant_id == self._scope.tenant_id)
            .values(warnings=_warnings_out(warnings), approvals_needed=approvals_needed)
        )

    async def page(
        self,
        *,
        statuses: Iterable[Status] | None = None,
        requester: str | None = None,
        before_id: int | None = None,
        limit: int = 20,
    ) -> list[Request]:
        """Requests, newest first. For the next page pass the last one's id as `before_id`."""
        query = self._select().order_by(RequestRow.id.desc()).limit(limit)
        if statuses is not None:
            query = query.where(RequestRow.status.in_([status.value for status in statuses]))
        if requester is not None:
            query = query.where(RequestRow.requester == requester)
        if before_id is not None:
            query = query.where(RequestRow.id < before_id)
        return await self._load(query)

    def _select(self) -> Select[RequestRow]:
        return select(RequestRow).where(RequestRow.tenant_id == self._scope.tenant_id)

    async def _load(self, query: Select[RequestRow]) -> list[Request]:
        session = self._scope.session
        rows = (await session.scalars(query)).all()
        if not rows:
            return []
        ids = [row.id for row in rows]
        items: dict[int, list[Item]] = defaultdict(list)
        for item in await session.scalars(select(ItemRow).where(ItemRow.request_id.in_(ids)).order_by(ItemRow.id)):
            items[item.request_id].append(
                Item(id=item.id, kind=item.kind, value=item.value, state=ItemState(item.state), outcome=item.outcome)
            )
        reviews: dict[int, list[Review]] = defaultdict(list)
        for review in await session.scalars(
            select(ReviewRow).where(ReviewRow.request_id.in_(ids)).order_by(ReviewRow.id)
        ):
            reviews[review.request_id].append(
                Review(
                    reviewer=review.reviewer,
                    decision=Decision(review.decision),
                    at=review.at,
                    comment=review.comment,
                )
            )
        return [_request(row, items[row.id], reviews[row.id]) for row in rows]


def _request(row: RequestRow, items: Iterable[Item], reviews: Iterable[Review]) -> Request:
    return Request(
        id=row.id,
        tenant_id=row.tenant_id,
        operation=Operation(row.operation),
        action=Action(row.action),
        list=ListName(row.list),
        reason=row.reason,
        expires=row.expires,
        requester=row.requester,
        status=Status(row.status),
        approvals_needed=row.approvals_needed,
        created_at=row.created_at,
        lapses_at=row.lapses_at,
        warnings=tuple(
            RequestWarning(code=each["code"], text=each["text"], serious=each["serious"]) for each in row.warnings
        ),
        items=tuple(items),
        reviews=tuple(reviews),
        failure=row.failure,
    )


def _warnings_out(warnings: Sequence[RequestWarning]) -> list[dict[str, object]]:
    return [{"code": each.code, "text": each.text, "serious": each.serious} for each in warnings]
