"""What has to hold of an event beside what it is looked up by: as a part of a statement, with what it binds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_

from bot.store.audit_stretches import Range
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import looked_at
from bot.store.scope import Scope
from bot.store.table import core

#: Of a range so many parts are named in which no time has to be looked at, the longest ones.
_MOST_SURE = 4

#: So many ranges are named where all of them are looked through together.
_MOST_RANGES = 8

_c = core(AuditEventRow).c


@dataclass(frozen=True, slots=True)
class EventCondition:
    """What has to hold of an event, with its values bound by name.

    Equal keys are equal conditions but for the values; without a key it is like no other, and no statement with it is
    kept.
    """

    key: str
    sql: ColumnElement[bool]
    values: Mapping[str, Any] = field(default_factory=dict)


def of_window(scope: Scope, where: Range, window: tuple[EventCondition, ...]) -> tuple[EventCondition, ...]:
    """What has to hold of the times of a range's events."""
    if not where.sure or not window:
        return window
    if where.is_sure:
        return ()
    longest = sorted(where.sure, key=lambda part: part[0] - part[1])[:_MOST_SURE]
    seq, values, sure = looked_at(scope.dialect, _c.seq), dict[str, Any](), list[ColumnElement[bool]]()
    for place, (after, before) in enumerate(longest):
        values |= {f"sure_after_{place}": after, f"sure_before_{place}": before}
        sure.append(and_(seq > bindparam(f"sure_after_{place}"), seq < bindparam(f"sure_before_{place}")))
    for condition in window:
        values |= condition.values
    key = f"{len(longest)} sure, {[condition.key for condition in window]}"
    return (EventCondition(key, or_(*sure, and_(*(condition.sql for condition in window))), values),)


def of_ranges(scope: Scope, where: Sequence[Range]) -> tuple[EventCondition, ...]:
    """What holds of the numbers in some ranges, where that saves a look at the times of what is between them."""
    # PostgreSQL reads the row for both.
    if scope.dialect.name != "sqlite" or len(where) > _MOST_RANGES:
        return ()
    seq, values, parts = looked_at(scope.dialect, _c.seq), dict[str, Any](), list[ColumnElement[bool]]()
    for place, each in enumerate(where):
        values |= {f"range_after_{place}": each.after, f"range_before_{place}": each.before}
        parts.append(and_(seq > bindparam(f"range_after_{place}"), seq < bindparam(f"range_before_{place}")))
    return (EventCondition(f"{len(where)} ranges", or_(*parts), values),)
