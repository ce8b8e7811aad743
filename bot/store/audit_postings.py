"""Which events one index of the log has beside each other in the order of their numbers, and pages made of these.

A page is put together of *postings*: the events of one person, of a kind, about a value, of a request. Of each posting
only as many events are read as the page has, so that a page takes as long in a log of five million events as in one of
five thousand.

To put such a statement together takes longer than to answer it, so each form is made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Executable, Integer, Select, bindparam, select, text, union_all

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


@dataclass(frozen=True, slots=True)
class EventCondition:
    """What has to hold of an event, with its values bound by name.

    Equal keys are equal conditions but for the values; without a key it is like no other, and no statement with it is
    kept.
    """

    key: str
    sql: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvents:
    """How much of some postings is read: the events for which the conditions hold, which go by no index
    (`looked_at`), so many, and from which end."""

    conditions: tuple[EventCondition, ...] = ()
    upwards: bool = False
    limit: int


async def read_postings(
    scope: Scope, postings: Sequence[IndexPosting], where: Sequence[Range], wanted: WantedEvents
) -> list[Any]:
    """The events of any of the postings, in the order in which they are wanted.

    `where` are the ranges of numbers in which they lie, the newest first.
    """
    found: list[Any] = []
    for each in where[::-1] if wanted.upwards else where:
        left = wanted.limit - len(found)
        if left <= 0:
            break
        found += await _read_range(scope, postings, each, wanted, left)
    return found


async def _read_range(
    scope: Scope, postings: Sequence[IndexPosting], where: Range, wanted: WantedEvents, limit: int
) -> Sequence[Any]:
    if not postings:
        return []
    said = {"tenant": scope.tenant_id, "after": where.after, "before": where.before, "most": limit}
    for condition in wanted.conditions:
        said |= condition.values
    if len(postings) == 1:
        [posting] = postings
        return await _run(
            scope, ("page", _names(posting)), wanted, said | _values(posting, 0), lambda: _page(posting, 0, wanted)
        )
    numbers: set[int] = set()
    if len(postings) <= _MOST_TOGETHER:
        together = dict(said)
        for place, posting in enumerate(postings):
            together |= _values(posting, place)
        forms = ("numbers", *map(_names, postings))
        rows = await _run(scope, forms, wanted, together, lambda: _numbers_of(postings, wanted))
        numbers.update(int(row[0]) for row in rows)
    else:
        for group in _grouped(postings):
            form = ("group", _names(group[0]))
            among = said | _values(group[0], 0) | {_LAST: padded([each.values[-1][1] for each in group])}
            rows = await _run(scope, form, wanted, among, lambda group=group: _page_of_group(group[0], wanted))  # type: ignore[misc]
            numbers.update(int(row[0]) for row in rows)
    chosen = sorted(numbers, reverse=not wanted.upwards)[:limit]
    found: list[Any] = []
    for some in in_chunks(chosen):
        found += (await scope.prepared(_BY_NUMBERS, {"tenant": scope.tenant_id, "numbers": padded(some)})).all()
    return sorted(found, key=lambda row: int(row.seq), reverse=not wanted.upwards)


_BY_NUMBERS = select(_events).where(
    _c.tenant_id == bindparam("tenant"), _c.seq.in_(bindparam("numbers", expanding=True))
)

#: The parameter for many values of an index's last column.
_LAST = "any_of_these"

#: So long are lists that are bound: each length is a form of the statement by itself.
_LENGTHS = (1, 2, 4, 8, 16, 50, 100, 300, 1_000, MOST_IN_A_STATEMENT)

_Form: TypeAlias = tuple[Hashable, ...]

#: The statements that were made, by their forms, so many at most. They are the program's own, not anybody's input.
_made: dict[_Form, Executable] = {}
_MOST_MADE = 1_000


def padded(values: Sequence[Any]) -> list[Any]:
    """The values as a list to be bound, of a usual length: the last one stands there several times."""
    length = next((each for each in _LENGTHS if each >= len(values)), len(values))
    return [*values, *repeat(values[-1], length - len(values))]


async def _run(
    scope: Scope, form: _Form, wanted: WantedEvents, values: Mapping[str, Any], make: Callable[[], Executable]
) -> Sequence[Any]:
    """Run the statement that has this form with what is wanted; made where it is new."""
    keys = tuple(condition.key for condition in wanted.conditions)
    if not all(keys):
        return (await scope.connection.execute(make(), values)).all()
    whole = (*form, wanted.upwards, keys, scope.dialect.name)
    statement = _made.get(whole)
    if statement is None:
        statement = make()
        if len(_made) >= _MOST_MADE:
            return (await scope.connection.execute(statement, values)).all()
        _made[whole] = statement
    return (await scope.prepared(statement, values)).all()


def _names(posting: IndexPosting) -> tuple[str, ...]:
    return (posting.index, *(name for name, _ in posting.values))


def _bound(name: str, place: int) -> str:
    """What a posting's value is bound as; SQLAlchemy itself calls others by a column and a number."""
    return f"posting_{place}_{name}"


def _values(posting: IndexPosting, place: int) -> dict[str, Any]:
    return {_bound(name, place): value for name, value in posting.values}


def _numbers_of(postings: Sequence[IndexPosting], wanted: WantedEvents) -> Executable:
    pages = (_page(each, place, wanted, [_c.seq]).subquery() for place, each in enumerate(postings))
    return union_all(*(select(page.c.seq) for page in pages))


def _grouped(postings: Sequence[IndexPosting]) -> list[Sequence[IndexPosting]]:
    """The postings by their indexes, all but the last value being the same; as many as one statement takes."""
    by_index: dict[Hashable, list[IndexPosting]] = {}
    for each in postings:
        by_index.setdefault((_names(each), each.values[:-1]), []).append(each)
    return [some for several in by_index.values() for some in in_chunks(several)]


def _page_of_group(posting: IndexPosting, wanted: WantedEvents) -> Executable:
    last = _c[posting.values[-1][0]].in_(bindparam(_LAST, expanding=True))
    query = _page(IndexPosting(posting.index, posting.values[:-1]), 0, wanted, [_c.seq]).where(last)
    # By a sum no index is in order: else PostgreSQL may walk over the whole log, in the order that is asked for.
    seq = _c.seq + 0
    return query.order_by(None).order_by(seq if wanted.upwards else seq.desc())


def _page(posting: IndexPosting, place: int, wanted: WantedEvents, columns: Sequence[Any] = ()) -> Select[Any]:
    query = select(*(columns or _events.columns)).where(_c.tenant_id == bindparam("tenant"))
    for name, _ in posting.values:
        query = query.where(_c[name] == bindparam(_bound(name, place)))
    if posting.index == BY_WHOLE_REQUEST:
        query = query.where(text(OF_NO_ITEM))
    query = query.where(
        _c.seq > bindparam("after"),
        _c.seq < bindparam("before"),
        *(condition.sql for condition in wanted.conditions),
    )
    order = _c.seq if wanted.upwards else _c.seq.desc()
    return query.order_by(order).limit(bindparam("most", type_=Integer))
