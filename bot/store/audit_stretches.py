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
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, bindparam, delete, func, insert, or_, select

from bot.store.audit_tables import AuditEventRow, AuditStretchRow
from bot.store.scope import Scope
from bot.store.table import core

#: So many events a stretch has. A window's ends cost a look at each of them, and each window one at every stretch.
STRETCH = 4_000

#: Numbers are below this.
BEYOND = 1 << 62

#: So many gaps between what has to be looked through are used, the longest ones.
_MOST_GAPS = 30

_TIME = attrgetter("at_stored")

_stretches = core(AuditStretchRow)


@dataclass(frozen=True, slots=True)
class Range:
    """The events with these numbers: above `after`, below `before`."""

    after: int
    before: int


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

    All of the window's events lie there, and few others: each one's time still has to be looked at.
    """
    if since is None and until is None:
        return _cut([Range(0, BEYOND)], after, before)
    values = {"tenant": scope.tenant_id, "since": since, "until": until}
    gaps = _gaps(is_since=since is not None, is_until=until is not None)
    said = {name: value for name, value in values.items() if value is not None}
    between = sorted((int(row.first), int(row.last)) for row in await scope.prepared(gaps, said))
    found, reached = [], 0
    for first, last in between:
        found.append(Range(reached, (first - 1) * STRETCH + 1))
        reached = last * STRETCH
    return _cut([*found, Range(reached, BEYOND)], after, before)


@cache
def _gaps(*, is_since: bool, is_until: bool) -> Select[Any]:
    """The runs of stretches that don't touch a window, each with its first and last number, the longest of them."""
    outside = []
    if is_since:
        outside.append(_stretches.c.latest < bindparam("since"))
    if is_until:
        outside.append(_stretches.c.earliest >= bindparam("until"))
    numbers = (
        select(
            _stretches.c.number,
            (_stretches.c.number - func.row_number().over(order_by=_stretches.c.number)).label("run"),
        )
        .where(_stretches.c.tenant_id == bindparam("tenant"), or_(*outside))
        .subquery()
    )
    return (
        select(func.min(numbers.c.number).label("first"), func.max(numbers.c.number).label("last"))
        .group_by(numbers.c.run)
        .order_by(func.count().desc())
        .limit(_MOST_GAPS)
    )


def _cut(found: Iterable[Range], after: int, before: int) -> list[Range]:
    cut = (Range(max(each.after, after), min(each.before, before)) for each in found)
    return [each for each in cut if each.before - each.after > 1][::-1]
