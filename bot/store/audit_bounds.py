"""Between which numbers all events lie that a few postings have: what is looked for in another posting is looked for
there alone.

What somebody has done, or what happened to a request, may be a short part of the log, or nothing: then the other thing
that is asked for, which may be there fifty thousand times, is looked through nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from bot.store.audit_postings import IndexPosting
from bot.store.audit_stretches import Range
from bot.store.audit_tables import AuditEventRow
from bot.store.scope import Scope
from bot.store.table import core

#: Of more postings the ends aren't looked up.
_MOST = 4

_c = core(AuditEventRow).c


async def between_ends(scope: Scope, where: Sequence[Range], of: Sequence[Sequence[IndexPosting]]) -> Sequence[Range]:
    """The parts of the ranges in which an event can be that each of some groups has in one of its postings."""
    few = [group for group in of if len(group) <= _MOST]
    flat = [each for group in few for each in group]
    if not flat:
        return where
    said: dict[str, str | int] = {"tenant": scope.tenant_id}
    for place, posting in enumerate(flat):
        said |= {f"end_{place}_{name}": value for name, value in posting.values}
    forms = tuple(tuple(name for name, _ in posting.values) for posting in flat)
    [row] = await scope.prepared(_ends(forms), said)
    after, before = 0, max((each.before for each in where), default=0)
    at = 0
    for group in few:
        firsts = [row[2 * place] for place in range(at, at + len(group)) if row[2 * place] is not None]
        lasts = [row[2 * place + 1] for place in range(at, at + len(group)) if row[2 * place + 1] is not None]
        if not firsts:
            return []
        after, before = max(after, min(firsts) - 1), min(before, max(lasts) + 1)
        at += len(group)
    cut = (replace(each, after=max(each.after, after), before=min(each.before, before)) for each in where)
    return [each for each in cut if each.before - each.after > 1]


@cache
def _ends(forms: tuple[tuple[str, ...], ...]) -> Select[*tuple[Any, ...]]:
    """The first and the last number of each of some postings: one row, NULL where a posting has none."""
    return select(*(end for place, names in enumerate(forms) for end in _ends_of(place, names)))


def _ends_of(place: int, names: tuple[str, ...]) -> tuple[ColumnElement[int | None], ColumnElement[int | None]]:
    of_it = (_c[name] == bindparam(f"end_{place}_{name}") for name in names)
    numbers = select(_c.seq).where(_c.tenant_id == bindparam("tenant"), *of_it).limit(1)
    ends = (numbers.order_by(_c.seq), numbers.order_by(_c.seq.desc()))
    first, last = (
        end.scalar_subquery().label(f"{name}_{place}") for name, end in zip(("first", "last"), ends, strict=True)
    )
    return first, last
