"""What the log says of requests that name a value, and about none of their items: one part of a page's statement.

The items say which requests these are, and their numbers go straight from there to the log's index of such events: to
read the numbers first and to name them in a second statement took longer than both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, Select, any_, bindparam, func, select, true, union_all

from bot.domain.auditing.events import clean_text
from bot.store.audit_tables import AuditEventRow
from bot.store.databases import one_of, padded
from bot.store.scope import Scope
from bot.store.table import core
from bot.store.tables import ItemRow

#: So many requests that name an indicator are looked at, the newest ones.
MOST_REQUESTS = 300

#: Of so many values each is looked for by a part of its own, the newest requests first. Of more SQLite looks for all at
#: once; PostgreSQL, which takes a while to plan each part, has one that is run for each value.
_MOST_BY_THEMSELVES = 4

_events = core(AuditEventRow).c
_items = core(ItemRow).c


@dataclass(frozen=True, slots=True)
class Naming:
    """The events of requests that have one of the values as an item: of all, or of those `among` some; of the newest,
    `most` of them, or of any number."""

    values: tuple[str, ...]
    among: tuple[int, ...] | None = None
    most: int | None = None

    @property
    def form(self) -> tuple[str, int, bool, int | None]:
        """What two of them have in common that differ in what is bound alone."""
        count = len(self.values)
        return "naming", count if count <= _MOST_BY_THEMSELVES else 0, self.among is not None, self.most

    def bound(self, dialect: Dialect) -> dict[str, Any]:
        """What the condition binds beside the tenant, by name."""
        values = [clean_text(value) for value in self.values]
        said: dict[str, Any] = {"among": padded(self.among)} if self.among else {}
        if len(values) > _MOST_BY_THEMSELVES:
            return said | {"named": one_of(dialect, values)}
        return said | {_bound(place): value for place, value in enumerate(values)}

    def condition(self, dialect: Dialect) -> ColumnElement[bool]:
        """What holds of the number of an event's request."""
        numbers = self.numbers(dialect)
        if dialect.name == "postgresql":
            # As an array its numbers are looked up in the index, whatever is thought of how many they are.
            return _events.request_id == any_(func.array(numbers.scalar_subquery()))
        return _events.request_id.in_(numbers)

    def numbers(self, dialect: Dialect) -> Select[Any]:
        """The numbers of the requests, each once."""
        count = len(self.values)
        if count == 1:
            return self._newest(_items.value == bindparam(_bound(0)))
        if count > _MOST_BY_THEMSELVES and dialect.name != "postgresql":
            return self._newest(_items.value.in_(bindparam("named", expanding=True)))
        # Of one value the index has them in their order; of several together it hasn't.
        if count > _MOST_BY_THEMSELVES:
            given = func.unnest(bindparam("named", type_=ARRAY(_items.value.type))).table_valued("value")
            given = given.render_derived()
            of_each = self._newest(_items.value == given.c.value).lateral()
            found = select(of_each.c.request_id).select_from(given.join(of_each, true())).subquery()
        else:
            each = [self._newest(_items.value == bindparam(_bound(place))) for place in range(count)]
            found = union_all(*(select(numbers.subquery()) for numbers in each)).subquery()
        return select(found.c.request_id).distinct().order_by(found.c.request_id.desc()).limit(self.most)

    def _newest(self, is_named: ColumnElement[bool]) -> Select[Any]:
        numbers = select(_items.request_id).where(_items.tenant_id == bindparam("tenant"), is_named).distinct()
        if self.among is not None:
            numbers = numbers.where(_items.request_id.in_(bindparam("among", expanding=True)))
        return numbers.order_by(_items.request_id.desc()).limit(self.most)


def _bound(place: int) -> str:
    return f"named_{place}"


def naming(values: Sequence[str], among: Sequence[int] | None, *, every: bool) -> Naming | None:
    """What is asked for by some values, at least one: of the newest requests, or of every one.

    None where it is asked for among no request at all.
    """
    if among is not None and not among:
        return None
    most = None if every else MOST_REQUESTS
    return Naming(tuple(dict.fromkeys(values)), None if among is None else tuple(among), most)


async def leaves_out(scope: Scope, named: Naming) -> bool:
    """Whether there are more such requests than are looked at."""
    if named.most is None:
        return False
    more = replace(named, most=named.most + 1)
    count = select(func.count()).select_from(more.numbers(scope.dialect).subquery())
    said = {"tenant": scope.tenant_id, **more.bound(scope.dialect)}
    return int((await scope.connection.execute(count, said)).scalar_one()) > named.most
