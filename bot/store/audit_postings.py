"""Which events one index of the log has beside each other in the order of their numbers, and pages made of these.

A page is put together of *postings*: the events of one person, of a kind, about a value, of a request. Of each posting
only as many events are read as the page has, so that a page takes as long in a log of five million events as in one of
five thousand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, and_, select, text, union_all

from bot.store.audit_stretches import Range
from bot.store.audit_tables import (
    BY_ACTOR,
    BY_ACTOR_AND_KIND,
    BY_KIND,
    BY_REQUEST,
    BY_TARGET,
    BY_WHOLE_REQUEST,
    OF_NO_ITEM,
    AuditEventRow,
)
from bot.store.databases import MOST_IN_A_STATEMENT, in_chunks
from bot.store.scope import Scope
from bot.store.table import core

_events = core(AuditEventRow)
_c = _events.c

#: So many postings are read in one statement, each by itself. More are read as a whole, and then put in order.
_MOST_TOGETHER = 24


@dataclass(frozen=True, slots=True)
class IndexPosting:
    """The events that an index has for some values. `index` empty: all events, by their numbers."""

    index: str = ""
    values: tuple[tuple[str, str | int], ...] = ()


ALL_EVENTS = IndexPosting()


def of_actor(actor: str) -> IndexPosting:
    return IndexPosting(BY_ACTOR, (("actor", actor),))


def of_kind(kind: str) -> IndexPosting:
    return IndexPosting(BY_KIND, (("kind", kind),))


def of_actor_and_kind(actor: str, kind: str) -> IndexPosting:
    return IndexPosting(BY_ACTOR_AND_KIND, (("actor", actor), ("kind", kind)))


def of_target(target: str) -> IndexPosting:
    return IndexPosting(BY_TARGET, (("target", target),))


def of_request(request_id: int) -> IndexPosting:
    return IndexPosting(BY_REQUEST, (("request_id", request_id),))


def of_whole_request(request_id: int) -> IndexPosting:
    """What is about a request, and about none of its items."""
    return IndexPosting(BY_WHOLE_REQUEST, (("request_id", request_id),))


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvents:
    """How much of some postings is read: the events for which the conditions hold, which go by no index
    (`looked_at`), so many, and from which end."""

    conditions: tuple[ColumnElement[bool], ...] = ()
    upwards: bool = False
    limit: int


async def read_postings(
    scope: Scope, postings: Sequence[IndexPosting], where: Sequence[Range], wanted: WantedEvents
) -> list[Row[Any]]:
    """The events of any of the postings, in the order in which they are wanted.

    `where` are the ranges of numbers in which they lie, the newest first.
    """
    found: list[Row[Any]] = []
    for each in where[::-1] if wanted.upwards else where:
        left = wanted.limit - len(found)
        if left <= 0:
            break
        found += await _read_range(scope, postings, each, wanted, left)
    return found


async def _read_range(
    scope: Scope, postings: Sequence[IndexPosting], where: Range, wanted: WantedEvents, limit: int
) -> list[Row[Any]]:
    if not postings:
        return []
    if len(postings) == 1:
        page = _page(scope, _of(postings[0]), where, wanted, limit, _events.columns)
        return list(await scope.rows(page))
    numbers: set[int] = set()
    if len(postings) <= _MOST_TOGETHER:
        pages = (_page(scope, _of(each), where, wanted, limit, [_c.seq]).subquery() for each in postings)
        numbers.update(await scope.session.scalars(union_all(*(select(page.c.seq) for page in pages))))
    else:
        for condition in _grouped(postings):
            page = _page(scope, condition, where, wanted, limit, [_c.seq], in_order=False)
            numbers.update(await scope.session.scalars(page))
    chosen = sorted(numbers, reverse=not wanted.upwards)[:limit]
    rows: list[Row[Any]] = []
    for some in in_chunks(chosen):
        rows += await scope.rows(select(_events).where(_c.tenant_id == scope.tenant_id, _c.seq.in_(some)))
    return sorted(rows, key=lambda row: int(row.seq), reverse=not wanted.upwards)


def _of(posting: IndexPosting) -> ColumnElement[bool] | None:
    said: list[ColumnElement[bool] | TextClause] = [_c[name] == value for name, value in posting.values]
    if posting.index == BY_WHOLE_REQUEST:
        said.append(text(OF_NO_ITEM))
    return and_(*said) if said else None


def _grouped(postings: Sequence[IndexPosting]) -> list[ColumnElement[bool]]:
    """The postings of each index as one condition, or as several where one statement doesn't take as many values."""
    by_index: dict[tuple[str, ...], list[IndexPosting]] = {}
    for each in postings:
        by_index.setdefault((each.index, *(name for name, _ in each.values)), []).append(each)
    found: list[ColumnElement[bool]] = []
    for (index, *names), several in by_index.items():
        for some in in_chunks(several, MOST_IN_A_STATEMENT):
            said: list[ColumnElement[bool] | TextClause] = [_c[names[-1]].in_([each.values[-1][1] for each in some])]
            said += [_c[name] == value for name, value in some[0].values[:-1]]
            if index == BY_WHOLE_REQUEST:
                said.append(text(OF_NO_ITEM))
            found.append(and_(*said))
    return found


def _page(
    scope: Scope,
    posting: ColumnElement[bool] | None,
    where: Range,
    wanted: WantedEvents,
    limit: int,
    columns: Any,  # noqa: ANN401 - columns, one or all
    *,
    in_order: bool = True,
) -> Select[Any]:
    query = select(*columns).where(_c.tenant_id == scope.tenant_id)
    if posting is not None:
        query = query.where(posting)
    query = query.where(_c.seq > where.after, _c.seq < where.before, *wanted.conditions)
    # By a sum no index is in order: else PostgreSQL may walk over the whole log, in the order that is asked for.
    seq = _c.seq if in_order else _c.seq + 0
    return query.order_by(seq if wanted.upwards else seq.desc()).limit(limit)
