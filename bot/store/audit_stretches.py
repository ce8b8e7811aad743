"""Between which times so many events of the log lie: a window of time becomes a range of numbers by it.

Times grow with the numbers, but not from each event to the next: whoever writes one takes the time and then waits for
the log, replicas' clocks differ, and a clock that was set wrongly is put right. So of each stretch of events the
earliest
and the latest time is kept, once the stretch is full. Whatever the clocks did, an event of a window lies in a stretch
that touches the window, or in the last one, which isn't full: those are looked through, and no others. One event with a
wrong time makes its own stretch be looked through for nothing.

A stretch of which nothing is kept is looked through like the last one. `bot.store.audit_verification` holds what is
kept against the events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, TypeAlias

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    union_all,
)

from bot.store.audit_tables import AuditEventRow, AuditStretchRow
from bot.store.scope import Scope
from bot.store.table import core

#: So many events a stretch has. A window's ends cost a look at each of them, and each window one at every stretch.
STRETCH = 4_000

#: Numbers are below this.
BEYOND = 1 << 62

#: So many runs of stretches that lie within a window or without it are used, the longest ones. What is between them is
#: looked through.
_MOST_RUNS = 60

#: Where no more stretches than this touch a window, or don't lie within it, it is found by these alone.
_FEW = 50

_ALL, _TOUCHING, _NOT_WITHIN = range(3)

#: Behind which stretch a part begins, with which it ends, and whether it lies within a window. None: with the log.
_Part: TypeAlias = tuple[int, int | None, bool]

#: Some numbers, each part from above its first to below its second.
_Sure: TypeAlias = tuple[tuple[int, int], ...]

_TIME = attrgetter("at_stored")

_stretches = core(AuditStretchRow)


@dataclass(frozen=True, slots=True)
class Range:
    """The events with these numbers: above `after`, below `before`.

    Those of the parts that are `sure`, each from above its first number to below its second, are all of the window of
    time that was asked for; of others the time has to be looked at.
    """

    after: int
    before: int
    sure: _Sure = ()

    @property
    def is_sure(self) -> bool:
        """Whether no event's time has to be looked at."""
        return any(after <= self.after and before >= self.before for after, before in self.sure)


def stretch_of(seq: int) -> int:
    """The number of the stretch that an event is in: 1, 2, 3 …"""
    return (seq - 1) // STRETCH + 1


async def keep_full_stretches(scope: Scope, *, before: int, last: int) -> None:
    """Keep the times of the stretches that have become full with the events behind `before`, up to `last`."""
    first, end = before // STRETCH * STRETCH, last // STRETCH * STRETCH
    if first == end:
        return
    rows = AuditEventRow
    number = ((rows.seq - 1) // STRETCH + 1).label("number")
    times = (
        select(rows.tenant_id, number, func.min(rows.at), func.max(rows.at))
        .where(rows.tenant_id == scope.tenant_id, rows.seq > first, rows.seq <= end)
        .group_by(rows.tenant_id, "number")
    )
    c = _stretches.c
    # Nothing of them can be there, unless somebody has put it there: that mustn't keep the log from going on.
    there = (c.tenant_id == scope.tenant_id, c.number >= stretch_of(first + 1), c.number <= stretch_of(end))
    await scope.connection.execute(delete(_stretches).where(*there))
    await scope.connection.execute(insert(_stretches).from_select(["tenant_id", "number", "earliest", "latest"], times))


class Times:
    """Between which times the events of each stretch really lie, as they pass in the order of their numbers."""

    def __init__(self) -> None:
        self._found: dict[int, tuple[str, str]] = {}

    def see(self, rows: Sequence[Row[Any]]) -> None:
        """Take the next rows, in the order of their numbers. Their times are texts that sort as the times do."""
        at = 0
        while at < len(rows):
            number = stretch_of(rows[at].seq)
            end = min(len(rows), at + number * STRETCH - rows[at].seq + 1)
            times = list(map(_TIME, rows[at:end]))
            times += self._found.get(number, ())
            self._found[number] = min(times), max(times)
            at = end

    async def wrong(
        self, scope: Scope, at: Callable[[ColumnElement[datetime]], ColumnElement[Any]]
    ) -> list[tuple[int, int]]:
        """The first and last number of each stretch of which other times are kept. `at` makes such texts of times."""
        c = _stretches.c
        kept = select(c.number, at(c.earliest), at(c.latest)).where(c.tenant_id == scope.tenant_id).order_by(c.number)
        found = await scope.rows(kept)
        wrong = [int(number) for number, *times in found if tuple(times) != self._found.get(number)]
        return [((number - 1) * STRETCH + 1, number * STRETCH) for number in wrong]


async def ranges(
    scope: Scope, *, since: datetime | None, until: datetime | None, after: int = 0, before: int = BEYOND
) -> list[Range]:
    """Where the events of a window of time lie, within the numbers between two others; the newest first.

    All of the window's events lie there, and few others.
    """
    if since is None and until is None:
        return _cut([Range(0, BEYOND, ((0, BEYOND),))], after, before)
    values = {"tenant": scope.tenant_id, "since": since, "until": until}
    said = {name: value for name, value in values.items() if value is not None}
    sort = {"is_since": since is not None, "is_until": until is not None}
    parts = _of_few([tuple(row) for row in await scope.prepared(_few(**sort, most=_FEW), said)])
    if parts is None:
        parts = _of_runs(sorted(map(tuple, await scope.prepared(_runs(**sort), said))))
    found: list[Range] = []
    for first, end, is_inside in parts:
        begins, ends = first * STRETCH, BEYOND if end is None else end * STRETCH + 1
        sure: _Sure = ((begins, ends),) if is_inside else ()
        if found and found[-1].before - 1 >= begins:
            begins, sure = found[-1].after, _joined(found.pop().sure, sure)
        found.append(Range(begins, ends, sure))
    return _cut(found, after, before)


def _of_few(found: Sequence[tuple[int, int, int]]) -> list[_Part] | None:
    """What isn't outside of a window, by what `_few` found; None where that isn't enough."""
    [(count, last)] = [row[1:] for row in found if row[0] == _ALL]
    touching = sorted(row[1:] for row in found if row[0] == _TOUCHING)
    partly = sorted(row[1:] for row in found if row[0] == _NOT_WITHIN)
    if count != (last or 0):
        return None  # nothing is kept of some stretch, which is to be looked through
    if len(touching) <= _FEW:
        return [*((number - 1, number, is_inside == 1) for number, is_inside in touching), (count, None, False)]
    if len(partly) > _FEW:
        return None
    parts: list[_Part] = []
    reached = 0
    for number, is_outside in partly:
        parts.append((reached, number - 1, True))
        if not is_outside:
            parts.append((number - 1, number, False))
        reached = number
    parts += [(reached, count, True), (count, None, False)]
    return [part for part in parts if part[1] is None or part[1] > part[0]]


def _of_runs(runs: Sequence[tuple[int, int, int]]) -> list[_Part]:
    """What isn't outside of a window, by runs that are and runs within it."""
    found: list[_Part] = []
    reached = 0
    for first, last, is_inside in runs:
        if first - 1 > reached:
            found.append((reached, first - 1, False))
        if is_inside:
            found.append((first - 1, last, True))
        reached = last
    return [*found, (reached, None, False)]


def _joined(one: _Sure, other: _Sure) -> _Sure:
    """The sure parts of two ranges that follow upon each other."""
    if one and other and one[-1][1] - 1 == other[0][0]:
        return (*one[:-1], (one[-1][0], other[0][1]), *other[1:])
    return (*one, *other)


@cache
def _few(*, is_since: bool, is_until: bool, most: int) -> CompoundSelect[Any]:
    """How many stretches are kept, and the last one's number; some that touch a window, each with whether it lies
    within; and some that don't lie within, each with whether it doesn't touch it: if either are few, they say all."""
    outside, inside = _sorts(is_since=is_since, is_until=is_until)
    c = _stretches.c
    mine = and_(c.tenant_id == bindparam("tenant"), c.number > 0)
    kept = select(_sort(_ALL), func.count(), func.max(c.number)).where(mine)
    touching = select(_sort(_TOUCHING), c.number, case((inside, 1), else_=0).label("other")).where(mine, not_(outside))
    partly = select(_sort(_NOT_WITHIN), c.number, case((outside, 1), else_=0).label("other")).where(mine, not_(inside))
    return union_all(kept, *(select(some.limit(most + 1).subquery()) for some in (touching, partly)))


def _sort(sort: int) -> ColumnElement[int]:
    return literal_column(str(sort), Integer).label("sort")


def _sorts(*, is_since: bool, is_until: bool) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a stretch doesn't touch a window, and whether it lies within it."""
    c = _stretches.c
    outside, inside = [], []
    if is_since:
        outside.append(c.latest < bindparam("since"))
        inside.append(c.earliest >= bindparam("since"))
    if is_until:
        outside.append(c.earliest >= bindparam("until"))
        inside.append(c.latest < bindparam("until"))
    return or_(*outside), and_(*inside)


@cache
def _runs(*, is_since: bool, is_until: bool) -> Select[Any]:
    """The runs of stretches that don't touch a window, and of those that lie within it: each with its first and last
    number and which it is, the longest of them."""
    c = _stretches.c
    outside, inside = _sorts(is_since=is_since, is_until=is_until)
    sort = case((outside, 0), (inside, 1), else_=2)
    sorts = select(c.number, sort.label("sort")).where(c.tenant_id == bindparam("tenant")).subquery()
    place = func.row_number().over(partition_by=sorts.c.sort, order_by=sorts.c.number)
    numbers = select(sorts, (sorts.c.number - place).label("run")).where(sorts.c.sort < 2).subquery()
    return (
        select(func.min(numbers.c.number).label("first"), func.max(numbers.c.number).label("last"), numbers.c.sort)
        .group_by(numbers.c.sort, numbers.c.run)
        .order_by(func.count().desc())
        .limit(_MOST_RUNS)
    )


def _cut(found: Iterable[Range], after: int, before: int) -> list[Range]:
    cut = (replace(each, after=max(each.after, after), before=min(each.before, before)) for each in found)
    return [each for each in cut if each.before - each.after > 1][::-1]
