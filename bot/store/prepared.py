"""Statements that are put together once, as the driver takes them: its text, the order of its parameters, what each of
them is turned into, and what becomes of each column.

To make a statement and to compile it takes SQLAlchemy several times as long as a database takes to run it, and what it
does at each run takes as long again. So what each delivery and each job does is made once, of SQLAlchemy's own
statement, and then handed to the driver (`bot.store.drivers`).
"""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import BindParameter, CompoundSelect, Dialect, Executable, Insert, Select
from sqlalchemy.engine.interfaces import Compiled
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

#: Of the statements so many forms are kept: the newest. They are the program's own, not anybody's input.
_MOST_KEPT = 2_000

#: What the program itself compares with.
_WORD = re.compile(r"[a-z_]+")

_Turn: TypeAlias = Callable[[Any], Any]


class RowsFound:
    """What a statement has found, or how many rows it has changed. The rows' columns go by name and by place."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row."""
        return self._rows

    def first(self) -> Any | None:  # noqa: ANN401 - a row
        """The first row; None where there is none."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any | None:  # noqa: ANN401 - whatever a column holds
        """The first column of the first row; None where there is none."""
        return self._rows[0][0] if self._rows else None

    def scalars(self) -> Sequence[Any]:
        """The first column of every row."""
        return [row[0] for row in self._rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriverStatement:
    """A statement as one database's driver takes it."""

    text: str
    gives_rows: bool
    names: tuple[str, ...]  #: of the parameters, in the driver's order
    _given: Mapping[str, Any]  #: what the statement binds by itself
    _bound: Mapping[str, _Turn]  #: what a parameter is turned into for the driver
    _expanded: Mapping[str, tuple[str, ...]]  #: the parameters that a list stands for
    _row: Callable[[Sequence[Any]], Any] | None

    def parameters(self, values: Mapping[str, Any]) -> list[Any]:
        """What is bound, in the driver's order."""
        if self._expanded:
            values = dict(values)
            for name, ones in self._expanded.items():
                values.update(zip(ones, values[name], strict=True))
        found = []
        for name in self.names:
            value = values[name] if name in values else self._given[name]
            turn = self._bound.get(name)
            found.append(value if turn is None else turn(value))
        return found

    def found(self, rows: Sequence[Sequence[Any]], rowcount: int) -> RowsFound:
        """The driver's rows, with their columns as the tables have them."""
        row = self._row
        return RowsFound(rows if row is None else [row(each) for each in rows], rowcount)


_KEPT: dict[object, DriverStatement] = {}


def for_driver(statement: Executable, values: Mapping[str, Any], dialect: Dialect) -> DriverStatement:
    """The statement as the driver takes it with these values: one form for each number of things that a list has."""
    lengths = tuple([len(value) for value in values.values() if type(value) is list])
    key = (statement, dialect.name, lengths, *values)
    found = _KEPT.get(key)
    if found is None:
        found = _made(statement, values, dialect)
        if len(_KEPT) >= _MOST_KEPT:
            # Lists of every length leave no room for what is asked all the time: that is made again, and the newest.
            del _KEPT[next(iter(_KEPT))]
        _KEPT[key] = found
    return found


def _made(statement: Executable, values: Mapping[str, Any], dialect: Dialect) -> DriverStatement:
    is_query = isinstance(statement, Select | CompoundSelect)
    # What an insert is run with are its columns, unless it says itself what it inserts, as an update does what it sets.
    is_of_columns = isinstance(statement, Insert) and all(name in statement.table.c for name in values)
    compiled = _compiled(statement, list(values) if is_of_columns else None, dialect)
    state = compiled.construct_expanded_state(values)
    columns = [*statement.selected_columns] if isinstance(statement, Select | CompoundSelect) else []
    if not is_query:
        columns = [*(compiled.effective_returning or ())]
    expansion = {name: tuple(ones) for name, ones in state.parameter_expansion.items()}
    bound = {}
    for name, bind in compiled.binds.items():
        if (turn := bind.type.dialect_impl(dialect).bind_processor(dialect)) is not None:
            bound.update(dict.fromkeys(expansion.get(name, (name,)), turn))
    defaults = {column.key: column.default.arg for column in _with_default(compiled)}
    given = {**state.parameters, **defaults}
    return DriverStatement(
        text=state.statement,
        gives_rows=bool(columns),
        names=tuple(state.positiontup or ()),
        _given={name: value for name, value in given.items() if name not in values},
        _bound=bound,
        _expanded={name: ones for name, ones in expansion.items() if name in values},
        _row=_row_maker(columns, dialect) if columns else None,
    )


def _compiled(statement: Any, keys: list[str] | None, dialect: Dialect) -> SQLCompiler:  # noqa: ANN401 - any statement
    replaced: Callable[..., Any] = replacement_traverse
    compiled: Compiled = replaced(statement, {}, _literal).compile(dialect=dialect, column_keys=keys)
    if not isinstance(compiled, SQLCompiler):
        raise TypeError("Only statements that ask or change rows are prepared.")
    return compiled


def _literal(part: Any, **_: object) -> Any:  # noqa: ANN401 - whatever a statement consists of
    """A word that the statement compares with, such as the state of a job, stands in its text.

    Where it is bound, SQLite makes the whole statement anew at each run if an index is of the rows that have such a
    word, and PostgreSQL can't know that the index will do.
    Source: https://www.sqlite.org/c3ref/prepare.html (what is bound may influence the query plan)
    """
    if isinstance(part, BindParameter) and isinstance(part.value, str) and _WORD.fullmatch(part.value):
        return part.render_literal_execute()
    return None


def _with_default(compiled: SQLCompiler) -> Sequence[Any]:
    """The columns that are given their default. Raises TypeError for one that is no plain value."""
    columns: list[Any] = [*compiled.insert_prefetch, *compiled.update_prefetch]
    if any(not column.default.is_scalar for column in columns):
        raise TypeError("A default that is worked out at each run can't be prepared.")
    return columns


def _row_maker(columns: Sequence[Any], dialect: Dialect) -> Callable[[Sequence[Any]], Any]:
    kind = namedtuple("Row", [str(column.name) for column in columns], rename=True)  # type: ignore[misc] # noqa: PYI024 - its columns are known only now
    turns = [(place, turn) for place, column in enumerate(columns) if (turn := _read(column.type, dialect)) is not None]
    make = kind._make
    if not turns:
        return make

    def row(values: Sequence[Any]) -> Any:  # noqa: ANN401 - a row
        turned = list(values)
        for place, turn in turns:
            turned[place] = turn(turned[place])
        return make(turned)

    return row


def _read(kind: TypeEngine[Any], dialect: Dialect) -> _Turn | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)
