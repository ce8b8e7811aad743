"""Statements and locks in which SQLite and PostgreSQL differ.

The rest of the store is written once, against this module, `column_types` and `engines`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Dialect, Double, Integer, Table, TextClause, cast, extract, func, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.sql.dml import Insert
from sqlalchemy.sql.expression import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from bot.clock import utc_now

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.sql.base import ReadOnlyColumnCollection
    from sqlalchemy.sql.elements import KeyedColumnElement


#: Two replicas that start at once migrate one after the other: PostgreSQL's advisory locks go by a number.
MIGRATION_LOCK = 0x706F7274

#: How many values one statement may name. SQLite takes 32,766 parameters (https://www.sqlite.org/limits.html) and
#: PostgreSQL's protocol 32,767 as asyncpg counts them; much fewer keep the making of the statement cheap.
MOST_IN_A_STATEMENT = 2_000

#: So many are named where there are more: to put a statement together that names 2,000 holds the event loop for 100 ms.
NAMED_AT_ONCE = 250

#: So long are lists that are bound: each length is a form of the statement by itself.
_LENGTHS = (1, 2, 4, 8, 16, 50, 60, 100, 300, 1_000, MOST_IN_A_STATEMENT)

#: Clocks that differ by less show the same time: so much passes on the way to the database.
_SAME_TIME = timedelta(seconds=1)

_BY_VALUES = text("SELECT set_config('plan_cache_mode', 'force_custom_plan', true)")

_Thing = TypeVar("_Thing")
_NewRow: TypeAlias = "ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]"


async def lock_for_migration(connection: AsyncConnection) -> None:
    """Keep other replicas from migrating until this transaction ends. In SQLite, BEGIN IMMEDIATE has done it."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SET LOCAL lock_timeout = 0"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": MIGRATION_LOCK})


def ahead_by(there: datetime) -> timedelta:
    """How far a database's clock that says this is ahead of this machine's. Below a second it counts as not at all."""
    ahead = there - utc_now()
    return ahead if abs(ahead) >= _SAME_TIME else timedelta()


def in_chunks(things: Sequence[_Thing], size: int = NAMED_AT_ONCE) -> Iterator[Sequence[_Thing]]:
    """The things in stretches that one statement takes."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


def padded(values: Sequence[_Thing]) -> list[_Thing]:
    """The values as a list to be bound, of a usual length: the last one stands there several times."""
    length = next((each for each in _LENGTHS if each >= len(values)), len(values))
    return [*values, *repeat(values[-1], length - len(values))]


def one_of(dialect: Dialect, values: Sequence[_Thing]) -> Sequence[_Thing]:
    """Some values, each once, as they are bound where SQLite takes a list of them, and PostgreSQL an array.

    An array has any length in one form of the statement; and where something is found for each of its values, none may
    stand there twice.
    """
    return padded(values) if dialect.name == "sqlite" else tuple(dict.fromkeys(values))


def _insert(dialect: str, table: type[DeclarativeBase] | Table) -> sqlite.Insert | postgresql.Insert:
    """The database's own insert. A process loads the dialect that it uses alone: the other takes memory and time."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return postgresql.insert(table)


def insert_or_ignore(
    dialect: Dialect,
    table: type[DeclarativeBase],
    rows: Mapping[str, Any] | Sequence[Mapping[str, Any]],
) -> Insert:
    """An insert that does nothing where a unique key is taken; waits for a transaction that is about to take it."""
    return prepared_insert_or_ignore(dialect.name, table).values(rows)


@cache
def prepared_insert_or_ignore(dialect: str, table: type[DeclarativeBase] | Table) -> Insert:
    """The same, put together once, for `Scope.prepared`: it is run with the row's values by the columns' names."""
    return _insert(dialect, table).on_conflict_do_nothing()


def insert_or_update(
    dialect: Dialect | str,
    table: type[DeclarativeBase],
    row: Mapping[str, Any] | None = None,
    *,
    key: Iterable[str],
    update: Iterable[str],
    key_where: TextClause | None = None,
    only_where: Callable[[_NewRow], ColumnElement[bool]] | None = None,
) -> Insert:
    """An insert that overwrites `update` where `key` is taken; without `row`, one to be run with rows.

    `key_where` is the condition of a partial unique index. `only_where` is given the new row's columns, and says which
    rows may be overwritten; others stay as they are.
    """
    name = dialect if isinstance(dialect, str) else dialect.name
    statement = _insert(name, table)
    if row is not None:
        statement = statement.values(**row)
    return statement.on_conflict_do_update(
        index_elements=list(key),
        index_where=key_where,
        set_={name: statement.excluded[name] for name in update},
        where=None if only_where is None else only_where(statement.excluded),
    )


def insert_or_change(
    dialect: str,
    table: type[DeclarativeBase],
    row: Mapping[str, Any],
    *,
    key: Iterable[str],
    change: Mapping[str, Any],
) -> Insert:
    """An insert that sets what `change` says where `key` is taken, by what the row there holds."""
    statement = _insert(dialect, table).values(**row)
    return statement.on_conflict_do_update(index_elements=list(key), set_=dict(change))


async def plan_by_values(connection: AsyncConnection) -> None:
    """Have PostgreSQL plan each statement of this transaction by the values that are bound in it.

    Else it comes to plan for values of average frequency, and reads a log of millions for one that is in it twice.
    https://www.postgresql.org/docs/current/runtime-config-query.html#GUC-PLAN-CACHE-MODE
    """
    if connection.dialect.name == "postgresql":
        await connection.execute(_BY_VALUES)


def looked_at(dialect: Dialect, column: ColumnElement[_Thing]) -> ColumnElement[_Thing]:
    """A column for a condition that is asked of what another index finds, and isn't to be looked up itself.

    SQLite knows nothing of how often a value is there, and of two indexes may take the one for a frequent value. A plus
    sign keeps it from that, and changes nothing else: https://www.sqlite.org/optoverview.html (3).
    """
    return UnaryExpression(column, operator=custom_op("+"), type_=column.type) if dialect.name == "sqlite" else column


def seconds_now(dialect: str) -> ColumnElement[float]:
    """The database's own time, in seconds since 1970: the same for all replicas, and throughout one statement."""
    if dialect == "sqlite":
        return (func.julianday("now") - 2440587.5) * 86400.0
    return cast(extract("epoch", func.statement_timestamp()), Double)


def floored(dialect: str, number: ColumnElement[float]) -> ColumnElement[int]:
    """The whole part of a number above 0. SQLite may be without floor(), and cuts where PostgreSQL rounds."""
    return cast(number if dialect == "sqlite" else func.floor(number), Integer)
