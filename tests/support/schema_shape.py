"""What a schema asks of whoever writes to it, and what of that a migration makes harder for the version before.

The version before has the tables that the migrations before made: a test holds the tables in code to those. So what its
statements need can be found out from a checkout alone, by migrating to where it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, inspect


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnShape:
    """One column."""

    type: str
    is_nullable: bool
    has_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TableShape:
    """One table. Keys are in words that name their columns, and a partial one's condition."""

    columns: Mapping[str, ColumnShape]
    unique: frozenset[str] = field(default_factory=frozenset)
    demands: frozenset[str] = field(default_factory=frozenset)  #: checks and foreign keys


def shape_of(connection: Connection) -> Mapping[str, TableShape]:
    """Every table but Alembic's own."""
    found = inspect(connection)
    return {
        name: TableShape(
            columns={
                column["name"]: ColumnShape(
                    type=str(column["type"]),
                    is_nullable=bool(column["nullable"]),
                    has_default=column["default"] is not None or bool(column.get("identity")),
                )
                for column in found.get_columns(name)
            },
            unique=frozenset(_unique(found, name)),
            demands=frozenset(_demands(found, name)),
        )
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def _unique(found: Any, table: str) -> Iterator[str]:  # noqa: ANN401 - the inspector of either database
    yield "primary key of " + ", ".join(found.get_pk_constraint(table)["constrained_columns"])
    for constraint in found.get_unique_constraints(table):
        yield "unique " + ", ".join(constraint["column_names"])
    for index in found.get_indexes(table):
        if index["unique"]:
            where = next((str(value) for key, value in index.get("dialect_options", {}).items() if "where" in key), "")
            yield "unique " + ", ".join(map(str, index["column_names"])) + (f" where {where}" if where else "")


def _demands(found: Any, table: str) -> Iterator[str]:  # noqa: ANN401 - as above
    for check in found.get_check_constraints(table):
        yield f"check {check['sqltext']}"
    for key in found.get_foreign_keys(table):
        yield f"reference from {', '.join(key['constrained_columns'])} to {key['referred_table']}"


def breaks(before: Mapping[str, TableShape], after: Mapping[str, TableShape]) -> list[str]:
    """What of the version before fails on the schema after, a sentence each; empty: it goes on as it did."""
    return [problem for name, table in before.items() for problem in _breaks(name, table, after.get(name))]


def _breaks(name: str, before: TableShape, after: TableShape | None) -> Iterator[str]:
    if after is None:
        yield f"{name} is gone."
        return
    for column, shape in before.columns.items():
        now = after.columns.get(column)
        if now is None:
            yield f"{name}.{column} is gone."
            continue
        if now.type != shape.type:
            yield f"{name}.{column} was {shape.type} and is {now.type}."
        if shape.is_nullable and not now.is_nullable:
            yield f"{name}.{column} takes no NULL any more."
        if shape.has_default and not now.has_default and not now.is_nullable:
            yield f"{name}.{column} has lost its default."
    for column in after.columns.keys() - before.columns.keys():
        if not after.columns[column].is_nullable and not after.columns[column].has_default:
            yield f"{name}.{column} is new, and takes neither NULL nor a default of the database's."
    for key in sorted(before.unique - after.unique):
        yield f"{name} has lost a key that statements may name: {key}."
    for key in sorted((after.unique - before.unique) | (after.demands - before.demands)):
        yield f"{name} refuses what it took before: {key}."
