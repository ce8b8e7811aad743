"""Reading requests: whole, or as summaries that hold the few items that matter most and a tally of all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal, select, union_all

from bot.aside import aside
from bot.domain.auditing.card_events import CHANGE_THE_CARD
from bot.domain.auditing.events import clean_text
from bot.domain.requests.request import MOST_NAMED_ASIDE, Item, ItemState, Request, Review, SetAside
from bot.store import request_rows
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import in_chunks
from bot.store.request_rows import ITEM_COLUMNS, STATES
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import ItemRow, RequestRow, ReviewRow, SetAsideRow

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

#: So few parts are asked for one by one, by a query that was put together once.
_FEW_PARTS = 3

_items, _reviews, _events, _rows = core(ItemRow), core(ReviewRow), core(AuditEventRow), core(RequestRow)
_aside = core(SetAsideRow)

_BY_IDS = (
    select(_rows)
    .where(_rows.c.tenant_id == bindparam("tenant_id"), _rows.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(_rows.c.id)
)
_PART = (
    select(*ITEM_COLUMNS, bindparam("rank", type_=Integer()).label("rank"))
    .where(_items.c.request_id == bindparam("request_id"), _items.c.state == bindparam("state"))
    .order_by(_items.c.id)
    .limit(bindparam("wanted", type_=Integer()))
)
_TALLIES = (
    select(_items.c.request_id, _items.c.state, func.count())
    .where(_items.c.request_id.in_(bindparam("ids", expanding=True)))
    .group_by(_items.c.request_id, _items.c.state)
)
_ITEMS = select(*ITEM_COLUMNS).where(_items.c.request_id.in_(bindparam("ids", expanding=True))).order_by(_items.c.id)
_of_request = and_(_items.c.tenant_id == bindparam("tenant_id"), _items.c.request_id == bindparam("request_id"))
_STATES = select(_items.c.id, _items.c.state).where(_of_request)
_COUNTS = select(_items.c.state, func.count()).where(_of_request).group_by(_items.c.state)
_REVIEWS = select(_reviews).where(_reviews.c.request_id.in_(bindparam("ids", expanding=True))).order_by(_reviews.c.id)
_ASIDE = (
    select(_aside.c.request_id, _aside.c.line, _aside.c.typed, _aside.c.value, _aside.c.code, _aside.c.reason)
    .where(_aside.c.request_id.in_(bindparam("ids", expanding=True)))
    .order_by(_aside.c.line, _aside.c.id)
)
_VERSIONS = select(
    _rows.c.proposal_id,
    func.coalesce(
        select(_events.c.seq)
        .where(
            _events.c.tenant_id == bindparam("tenant_id"),
            _events.c.request_id == _rows.c.id,
            _events.c.kind.in_(_CHANGE_THE_CARD),
        )
        .order_by(_events.c.seq.desc())
        .limit(1)
        .scalar_subquery(),
        0,
    ),
).where(_rows.c.tenant_id == bindparam("tenant_id"), _rows.c.proposal_id.in_(bindparam("proposals", expanding=True)))

_Items: TypeAlias = Mapping[int, Sequence[Item]]
_Tallies: TypeAlias = Mapping[int, Mapping[ItemState, int]]


async def load_whole(scope: Scope, rows: Sequence[Any]) -> list[Request]:
    """The requests in these rows of their table, with all of their items."""
    if not rows:
        return []
    items = await load_items(scope, _ITEMS, {"ids": [row.id for row in rows]})
    return await _assembled(scope, rows, items, {})


async def load_summaries(scope: Scope, rows: Sequence[Any], *, items: int) -> list[Request]:
    """The requests in these rows of their table, each with at most `items` items, and with the tally of all of them."""
    if not rows:
        return []
    tallies = await _tallies(scope, rows)
    parts = [
        _Part(row.id, rank, state.value, wanted)
        for row in rows
        for rank, state, wanted in _wanted(tallies[row.id], items)
    ]
    ranked: dict[int, list[tuple[int, Item]]] = defaultdict(list)
    for found in await _first_items(scope, parts):
        ranked[found.request_id].append((found.rank, request_rows.item(found)))
    shown = {
        request_id: [item for _, item in sorted(each, key=lambda numbered: (numbered[0], numbered[1].id))[:items]]
        for request_id, each in ranked.items()
    }
    return await _assembled(scope, rows, shown, tallies)


class _Part(NamedTuple):
    """Those items of a request that are in one state, and how many of them are wanted."""

    request_id: int
    rank: int
    state: str
    wanted: int


async def _first_items(scope: Scope, parts: Sequence[_Part]) -> list[Any]:
    """The first items of each part, in rows of `ITEM_COLUMNS` with the part's rank."""
    if len(parts) <= _FEW_PARTS:
        return [row for part in parts for row in await scope.prepared(_PART, part._asdict())]
    queries = [
        select(*ITEM_COLUMNS, literal(part.rank).label("rank"))
        .where(ItemRow.request_id == part.request_id, ItemRow.state == part.state)
        .order_by(ItemRow.id)
        .limit(part.wanted)
        for part in parts
    ]
    # A limit inside of a UNION has to stand in a query of its own.
    return [
        row
        for chunk in in_chunks(queries, _MOST_PARTS)
        for row in await scope.rows(union_all(*(select(query.subquery()) for query in chunk)))
    ]


async def load_with(scope: Scope, ids: Collection[int], items: _Items) -> list[Request]:
    """The requests with these numbers, each with the items that were picked for it, and with the tally of all."""
    rows = (await scope.prepared(_BY_IDS, {"tenant_id": scope.tenant_id, "ids": list(ids)})).all()
    return await _assembled(scope, rows, items, await _tallies(scope, rows)) if rows else []


async def load_states(scope: Scope, request_id: int) -> dict[int, ItemState]:
    """The state of each item of a request, by its id."""
    found = await scope.prepared(_STATES, {"tenant_id": scope.tenant_id, "request_id": request_id})
    return {item_id: STATES[state] for item_id, state in found}


async def load_counts(scope: Scope, request_id: int) -> dict[ItemState, int]:
    """How many items of a request are in each state."""
    found = await scope.prepared(_COUNTS, {"tenant_id": scope.tenant_id, "request_id": request_id})
    return {STATES[state]: count for state, count in found}


class ItemsNamed:
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
    scope: Scope, naming: ItemsNamed, values: Collection[str] | None, bound: Mapping[str, object] = _NOTHING_BOUND
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
    return [request for ids in in_chunks(sorted(items)) for request in await load_with(scope, ids, items)]


async def load_items(
    scope: Scope, query: Select[*tuple[Any, ...]], bound: Mapping[str, object] = _NOTHING_BOUND
) -> dict[int, list[Item]]:
    """The items that a prepared query over `ITEM_COLUMNS` finds, by request, in the query's order."""
    rows = (await scope.prepared(query, bound)).all()
    return await aside(len(rows), _by_request, rows)


def _by_request(rows: Iterable[Sequence[Any]]) -> dict[int, list[Item]]:
    found: dict[int, list[Item]] = defaultdict(list)
    for row in rows:
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


async def _tallies(scope: Scope, rows: Sequence[Any]) -> _Tallies:
    tallies: dict[int, dict[ItemState, int]] = {row.id: {} for row in rows}
    for request_id, state, count in await scope.prepared(_TALLIES, {"ids": list(tallies)}):
        tallies[request_id][STATES[state]] = count
    return tallies


async def _assembled(scope: Scope, rows: Sequence[Any], items: _Items, tallies: _Tallies) -> list[Request]:
    reviews: dict[int, list[Review]] = defaultdict(list)
    for review in await scope.prepared(_REVIEWS, {"ids": [row.id for row in rows]}):
        reviews[review.request_id].append(request_rows.review(review))
    versions = await _versions(scope, rows)
    aside = await _named_aside(scope, rows)
    return [
        request_rows.request(
            row, items.get(row.id, ()), reviews[row.id], tallies.get(row.id, {}), versions[row.id], aside[row.id]
        )
        for row in rows
    ]


async def _named_aside(scope: Scope, rows: Sequence[Any]) -> Mapping[int, Sequence[SetAside]]:
    """What was set aside of each request of which that is little enough to be named: of most, nothing was."""
    found: dict[int, list[SetAside]] = defaultdict(list)
    few = [row.id for row in rows if 0 < row.set_aside <= MOST_NAMED_ASIDE]
    for request_id, line, typed, value, code, reason in await scope.prepared(_ASIDE, {"ids": few}) if few else ():
        found[request_id].append(SetAside(line=line, typed=typed, value=value, code=code, reason=reason))
    return found


async def _versions(scope: Scope, rows: Sequence[Any]) -> Mapping[int, int]:
    """The version of each request: the last event of its proposal that can change the card.

    From the end of the index of each request of these proposals.
    """
    asked = {"tenant_id": scope.tenant_id, "proposals": sorted({row.proposal_id for row in rows})}
    newest: dict[int, int] = {}
    for proposal_id, seq in await scope.prepared(_VERSIONS, asked):
        newest[proposal_id] = max(seq, newest.get(proposal_id, 0))
    return {row.id: newest[row.proposal_id] for row in rows}
