"""What all tables have in common: their base, the names of their constraints, and how their values are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, cast

import sqlalchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from bot.store.column_types import JsonValue, PlainText, Utc


class Table(DeclarativeBase):
    """The base of every table. Constraints have set names, so that a migration can change them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Utc(), str: PlainText(), dict[str, Any]: JsonValue()}


def core(table: type[Table]) -> sqlalchemy.Table:
    """The table itself, for statements that go past the mapping: those over thousands of rows."""
    return cast("sqlalchemy.Table", table.__table__)


def only_where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, as its `info`. The database has it from the migrations, by dialect;
    said so here, it would have each process load the dialect of the other database too.
    """
    return {"where": condition}


# SQLite reuses the number of the last row once it is deleted, unless told not to; a request's number is never reused.
NUMBERED = {"sqlite_autoincrement": True}
