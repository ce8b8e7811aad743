"""Which events one index of the log has beside each other in the order of their numbers, and pages made of these.

A page is put together of *postings*: the events of one person, of a kind, about a value, of a request, of the requests
that name a value. Of each posting only as many events are read as the page has, so that a page takes as long in a log
of five million events as in one of five thousand.

To put such a statement together takes longer than to answer it, so each form is made once and kept.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self, TypeAlias

from sqlalchemy import (
    ARRAY,
    Executable,
    Integer,
    Select,
    bindparam,
    func,
    select,
    text,
    true,
    union_all,
)

from bot.store.audit_conditions import EventCondition, of_ranges, of_window
from bot.store.audit_naming import Naming
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
from bot.store.databases import in_chunks, one_of, padded
from bot.store.scope import Scope
from bot.store.table import core

_events = core(AuditEventRow)
_c = _events.c

#: So many postings are read in one statement, each by itself and as a part of its own. More are read as a whole by
#: SQLite, and then put in order; PostgreSQL, which takes a while to plan each part, has one that is run for each.
_MOST_TOGETHER = {"sqlite": 24, "postgresql": 8}


@dataclass(frozen=True, slots=True)
class IndexPosting:
    """The events that an index has for some values. `index` empty: all events, by their numbers."""

    index: str = ""
    values: tuple[tuple[str, str | int], ...] = ()


ALL_EVENTS = IndexPosting()

#: What a page can be put together of.
Posting: TypeAlias = IndexPosting | Naming


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


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedEvents:
    """How much of some postings is read: the events for which the conditions hold, which go by no index
    (`looked_at`), so many, and from which end. That an event is of a window of time is looked at where its range
    doesn't say it."""

    conditions: tuple[EventCondition, ...] = ()
    window: tuple[EventCondition, ...] = ()
    upwards: bool = False
    limit: int


async def read_postings(
    scope: Scope, postings: Sequence[Posting], where: Sequence[Range], wanted: WantedEvents
) -> list[Any]:
    """The events of any of the postings, in the order in which they are wanted.

    `where` are the ranges of numbers in which they lie, the newest first.
    """
    if not postings or not where:
        return []
    indexed = [each for each in postings if isinstance(each, IndexPosting)]
    named = [each for each in postings if isinstance(each, Naming)]
    rows: list[Any] = []
    numbers: set[int] = set()
    if named and len(where) > 1:
        # Of the requests the events are few, and to look for them in each range took longer than in all at once.
        whole = Range(where[-1].after, where[0].before, tuple(sure for each in where for sure in each.sure))
        between = replace(wanted, conditions=(*wanted.conditions, *of_ranges(scope, where)))
        numbers |= await _numbers(scope, [], named, _InRange.of(scope, whole, between, wanted.limit))
        named = []
    left = wanted.limit
    for each in where[::-1] if wanted.upwards else where:
        part = _InRange.of(scope, each, wanted, left)
        if len(postings) == 1 and indexed:
            more = await _read_one(scope, indexed[0], part)
            rows += more
            left -= len(more)
        else:
            found = await _numbers(scope, indexed, named, part)
            numbers |= found
            left -= len(found)
        if left <= 0:
            break
    chosen = sorted(numbers, reverse=not wanted.upwards)[: wanted.limit]
    for some in in_chunks(chosen):
        rows += (await scope.prepared(_BY_NUMBERS, {"tenant": scope.tenant_id, "numbers": padded(some)})).all()
    return sorted(rows, key=lambda row: int(row.seq), reverse=not wanted.upwards)


@dataclass(frozen=True, slots=True)
class _InRange:
    """What is wanted of one range, and the statements of it."""

    where: Range
    conditions: tuple[EventCondition, ...]
    wanted: WantedEvents
    limit: int

    @classmethod
    def of(cls, scope: Scope, where: Range, wanted: WantedEvents, limit: int) -> Self:
        return cls(where, (*wanted.conditions, *of_window(scope, where, wanted.window)), wanted, limit)

    @property
    def upwards(self) -> bool:
        return self.wanted.upwards

    def bound(self, tenant_id: str) -> dict[str, Any]:
        said = {"tenant": tenant_id, "after": self.where.after, "before": self.where.before, "most": self.limit}
        for condition in self.conditions:
            said |= condition.values
        return said


async def _read_one(scope: Scope, posting: IndexPosting, part: _InRange) -> Sequence[Any]:
    values = part.bound(scope.tenant_id) | _values(posting, 0)
    return await _run(scope, ("page", _names(posting)), part, values, lambda: _page(posting, 0, part))


async def _numbers(scope: Scope, indexed: Sequence[IndexPosting], named: Sequence[Naming], part: _InRange) -> set[int]:
    """The numbers of the first events of each posting, and maybe of others of them."""
    said = part.bound(scope.tenant_id)
    found: set[int] = set()
    if len(indexed) > _MOST_TOGETHER[scope.dialect.name]:
        for group in _grouped(indexed):
            form = ("group", _names(group[0]))
            lasts = [each.values[-1][1] for each in group]
            among = said | _values(group[0], 0) | {_LAST: one_of(scope.dialect, lasts)}
            rows = await _run(scope, form, part, among, lambda group=group: _page_of_group(scope, group[0], part))  # type: ignore[misc]
            found.update(int(row[0]) for row in rows)
        indexed = []
    if not indexed and not named:
        return found
    for place, posting in enumerate(indexed):
        said |= _values(posting, place)
    for each in named:
        said |= each.bound(scope.dialect)
    forms = ("numbers", *map(_names, indexed), *(each.form for each in named))
    rows = await _run(scope, forms, part, said, lambda: _numbers_of(scope, indexed, named, part))
    found.update(int(row[0]) for row in rows)
    return found


_BY_NUMBERS = select(_events).where(
    _c.tenant_id == bindparam("tenant"), _c.seq.in_(bindparam("numbers", expanding=True))
)

#: The parameter for many values of an index's last column.
_LAST = "any_of_these"

_Form: TypeAlias = tuple[Hashable, ...]

#: The statements that were made, by their forms, so many at most. They are the program's own, not anybody's input.
_made: dict[_Form, Executable] = {}
_MOST_MADE = 1_000


async def _run(
    scope: Scope, form: _Form, part: _InRange, values: Mapping[str, Any], make: Callable[[], Executable]
) -> Sequence[Any]:
    """Run the statement that has this form with what is wanted; made where it is new."""
    keys = tuple(condition.key for condition in part.conditions)
    if not all(keys):
        return (await scope.connection.execute(make(), values)).all()
    whole = (*form, part.upwards, keys, scope.dialect.name)
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


def _numbers_of(scope: Scope, postings: Sequence[IndexPosting], named: Sequence[Naming], part: _InRange) -> Executable:
    pages = [_page(each, place, part, [_c.seq]) for place, each in enumerate(postings)]
    pages += [_page_of_named(scope, each, part) for each in named]
    return union_all(*(select(page.subquery()) for page in pages))


def _grouped(postings: Sequence[IndexPosting]) -> list[Sequence[IndexPosting]]:
    """The postings by their indexes, all but the last value being the same; as many as one statement takes."""
    by_index: dict[Hashable, list[IndexPosting]] = {}
    for each in postings:
        by_index.setdefault((_names(each), each.values[:-1]), []).append(each)
    return [some for several in by_index.values() for some in in_chunks(several)]


def _page_of_group(scope: Scope, posting: IndexPosting, part: _InRange) -> Executable:
    shared = _page(IndexPosting(posting.index, posting.values[:-1]), 0, part, [_c.seq])
    last = _c[posting.values[-1][0]]
    if scope.dialect.name == "postgresql":
        given = func.unnest(bindparam(_LAST, type_=ARRAY(last.type))).table_valued("value").render_derived()
        of_each = shared.where(last == given.c.value).lateral()
        found = select(of_each.c.seq).select_from(given.join(of_each, true()))
        seq = of_each.c.seq
        return found.order_by(seq if part.upwards else seq.desc()).limit(bindparam("most", type_=Integer))
    return _in_no_index(shared.where(last.in_(bindparam(_LAST, expanding=True))), part)


def _page_of_named(scope: Scope, naming: Naming, part: _InRange) -> Select[Any]:
    whole = _page(IndexPosting(BY_WHOLE_REQUEST), 0, part, [_c.seq])
    return _in_no_index(whole.where(naming.condition(scope.dialect)), part)


def _in_no_index(query: Select[Any], part: _InRange) -> Select[Any]:
    # By a sum no index is in order: else PostgreSQL may walk over the whole log, in the order that is asked for.
    seq = _c.seq + 0
    return query.order_by(None).order_by(seq if part.upwards else seq.desc())


def _page(posting: IndexPosting, place: int, part: _InRange, columns: Sequence[Any] = ()) -> Select[Any]:
    query = select(*(columns or _events.columns)).where(_c.tenant_id == bindparam("tenant"))
    for name, _ in posting.values:
        query = query.where(_c[name] == bindparam(_bound(name, place)))
    if posting.index == BY_WHOLE_REQUEST:
        query = query.where(text(OF_NO_ITEM))
    query = query.where(
        _c.seq > bindparam("after"),
        _c.seq < bindparam("before"),
        *(condition.sql for condition in part.conditions),
    )
    order = _c.seq if part.upwards else _c.seq.desc()
    return query.order_by(order).limit(bindparam("most", type_=Integer))
