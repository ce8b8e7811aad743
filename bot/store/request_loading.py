"""Reading requests: whole, or as summaries that hold the few items that matter most and a tally of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select, union_all

from bot.domain.auditing.card_events import CHANGE_THE_CARD
from bot.domain.auditing.events import clean_text
from bot.domain.requests.request import Item, ItemState, Request, Review
from bot.store import request_rows
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import in_chunks
from bot.store.request_rows import ITEM_COLUMNS, STATES
from bot.store.scope import Scope
from bot.store.tables import ItemRow, RequestRow, ReviewRow

#: Which items a summary shows first: those that somebody has to look at, those that are gone, all others.
MATTER_MOST: tuple[frozenset[ItemState], ...] = (
    frozenset({ItemState.REFUSED}),
    frozenset({ItemState.INTENDED}),
    frozenset(state for state in ItemState if state.is_gone),
    frozenset(state for state in ItemState if state.holds or state in {ItemState.PROPOSED, ItemState.LEFT_OUT}),
)

_NOTHING_BOUND: Mapping[str, object] = MappingProxyType({})

#: SQLite takes 500 parts in one UNION: https://www.sqlite.org/limits.html
_MOST_PARTS = 200

_CHANGE_THE_CARD = sorted(kind.value for kind in CHANGE_THE_CARD)

_Items: TypeAlias = Mapping[int, Sequence[Item]]
_Tallies: TypeAlias = Mapping[int, Mapping[ItemState, int]]


async def load_whole(scope: Scope, query: Select[RequestRow]) -> list[Request]:
    """The requests that a query finds, with all of their items."""
    rows = await _requests(scope, query)
    if not rows:
        return []
    of_these = ItemRow.request_id.in_([row.id for row in rows])
    items = await load_items(scope, select(*ITEM_COLUMNS).where(of_these).order_by(ItemRow.id))
    return await _assembled(scope, rows, items, {})


async def load_summaries(scope: Scope, query: Select[RequestRow], *, items: int) -> list[Request]:
    """The requests that a query finds, each with at most `items` items, and with the tally of all of them."""
    rows = await _requests(scope, query)
    if not rows:
        return []
    tallies = await _tallies(scope, rows)
    parts = [
        select(*ITEM_COLUMNS, literal(rank).label("rank"))
        .where(ItemRow.request_id == row.id, ItemRow.state == state.value)
        .order_by(ItemRow.id)
        .limit(wanted)
        for row in rows
        for rank, state, wanted in _wanted(tallies[row.id], items)
    ]
    ranked: dict[int, list[tuple[int, Item]]] = defaultdict(list)
    for chunk in in_chunks(parts, _MOST_PARTS):
        # A limit inside of a UNION has to stand in a query of its own.
        for found in await scope.rows(union_all(*(select(part.subquery()) for part in chunk))):
            ranked[found.request_id].append((found.rank, request_rows.item(found)))
    shown = {
        request_id: [item for _, item in sorted(each, key=lambda numbered: (numbered[0], numbered[1].id))[:items]]
        for request_id, each in ranked.items()
    }
    return await _assembled(scope, rows, shown, tallies)


async def load_with(scope: Scope, query: Select[RequestRow], items: _Items) -> list[Request]:
    """The requests that a query finds, each with the items that were picked for it, and with the tally of all."""
    rows = await _requests(scope, query)
    return await _assembled(scope, rows, items, await _tallies(scope, rows)) if rows else []


class Naming:
    """A query for the items with a value, put together once: of all of them, and of those with one of some values."""

    def __init__(self, which: ColumnElement[bool]) -> None:
        """`which` is what else holds of an item and of its request; what is bound in it has a name of its own."""
        self.all = (
            select(*ITEM_COLUMNS)
            .join(RequestRow, RequestRow.id == ItemRow.request_id)
            .where(which, RequestRow.tenant_id == bindparam("tenant_id"), ItemRow.tenant_id == bindparam("tenant_id"))
        )
        self.of_values = self.all.where(ItemRow.value.in_(bindparam("named", expanding=True)))


async def load_naming(
    scope: Scope, naming: Naming, values: Collection[str] | None, bound: Mapping[str, object] = _NOTHING_BOUND
) -> list[Request]:
    """The requests that name one of the values, oldest first, each with exactly those items, and the tally of all.

    Without `values` they are all such items. `bound` is what the query binds by names of its own.
    """
    given = {**bound, "tenant_id": scope.tenant_id}
    items: dict[int, list[Item]] = defaultdict(list)
    chunks = [None] if values is None else in_chunks(sorted({clean_text(value) for value in values}))
    for chunk in chunks:
        query = naming.all if chunk is None else naming.of_values
        found = await load_items(scope, query, given if chunk is None else {**given, "named": chunk})
        for request_id, shared in found.items():
            items[request_id] += shared
    for shared in items.values():
        shared.sort(key=lambda item: item.id)
    return [
        request
        for ids in in_chunks(sorted(items))
        for request in await load_with(
            scope,
            select(RequestRow)
            .where(RequestRow.tenant_id == scope.tenant_id, RequestRow.id.in_(ids))
            .order_by(RequestRow.id),
            items,
        )
    ]


async def load_items(
    scope: Scope, query: Select[*tuple[Any, ...]], bound: Mapping[str, object] = _NOTHING_BOUND
) -> dict[int, list[Item]]:
    """The items that a query over `ITEM_COLUMNS` finds, by request, in the query's order."""
    found: dict[int, list[Item]] = defaultdict(list)
    for row in await scope.prepared(query, bound):
        found[row[0]].append(request_rows.item(row))
    return found


def _wanted(tally: Mapping[ItemState, int], items: int) -> Iterable[tuple[int, ItemState, int]]:
    """How many items of which state may be among the first `items`: rank, state, number."""
    left = items
    for rank, states in enumerate(MATTER_MOST):
        if left <= 0:
            return
        for state in sorted(states & tally.keys()):
            yield rank, state, min(left, tally[state])
        left -= sum(tally.get(state, 0) for state in states)


async def _requests(scope: Scope, query: Select[RequestRow]) -> Sequence[RequestRow]:
    return (await scope.session.scalars(query)).all()


async def _tallies(scope: Scope, rows: Sequence[RequestRow]) -> _Tallies:
    tallies: dict[int, dict[ItemState, int]] = {row.id: {} for row in rows}
    query = (
        select(ItemRow.request_id, ItemRow.state, func.count())
        .where(ItemRow.request_id.in_(list(tallies)))
        .group_by(ItemRow.request_id, ItemRow.state)
    )
    for request_id, state, count in await scope.rows(query):
        tallies[request_id][STATES[state]] = count
    return tallies


async def _assembled(scope: Scope, rows: Sequence[RequestRow], items: _Items, tallies: _Tallies) -> list[Request]:
    reviews: dict[int, list[Review]] = defaultdict(list)
    query = select(ReviewRow).where(ReviewRow.request_id.in_([row.id for row in rows])).order_by(ReviewRow.id)
    for review in await scope.session.scalars(query):
        reviews[review.request_id].append(request_rows.review(review))
    versions = await _versions(scope, rows)
    return [
        request_rows.request(row, items.get(row.id, ()), reviews[row.id], tallies.get(row.id, {}), versions[row.id])
        for row in rows
    ]


async def _versions(scope: Scope, rows: Sequence[RequestRow]) -> Mapping[int, int]:
    """The version of each request: the last event of its proposal that can change the card.

    From the end of the index of each request of these proposals.
    """
    events = AuditEventRow
    last = (
        select(events.seq)
        .where(
            events.tenant_id == scope.tenant_id,
            events.request_id == RequestRow.id,
            events.kind.in_(_CHANGE_THE_CARD),
        )
        .order_by(events.seq.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(RequestRow.proposal_id, func.coalesce(last, 0)).where(
        RequestRow.tenant_id == scope.tenant_id, RequestRow.proposal_id.in_(sorted({row.proposal_id for row in rows}))
    )
    newest: dict[int, int] = {}
    for proposal_id, seq in await scope.rows(query):
        newest[proposal_id] = max(seq, newest.get(proposal_id, 0))
    return {row.id: newest[row.proposal_id] for row in rows}
