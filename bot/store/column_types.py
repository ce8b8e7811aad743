"""Types of columns that mean the same in both databases: a row's number, a time, a text, JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, DateTime, Dialect, Integer, Text, cast, literal
from sqlalchemy.types import TypeDecorator, TypeEngine

from bot.domain.auditing.events import clean_text


def _jsonb() -> TypeEngine[Any]:
    from sqlalchemy.dialects.postgresql import JSONB  # noqa: PLC0415 - loaded where that database is used

    return JSONB(none_as_null=True)


#: A row's number. SQLite counts rows by INTEGER only; in PostgreSQL a log may outgrow it.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Utc(TypeDecorator[datetime]):
    """A time: aware on the way in (a naive one is refused), UTC on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise ValueError("A time without a time zone can't be stored.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class PlainText(TypeDecorator[str]):
    """Text as people type it, without the characters that PostgreSQL refuses."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else clean_text(str(value))


class JsonValue(TypeDecorator[Any]):
    """JSON: text in SQLite, jsonb in PostgreSQL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(_jsonb())
        return dialect.type_descriptor(JSON(none_as_null=True))

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        return plain_json(value)


def json_text(value: Any) -> str:  # noqa: ANN401 - any JSON
    """A value as its column of JSON holds it, for `of_json_text`: of thousands of things it takes a while."""
    return json.dumps(plain_json(value))


def of_json_text(dialect: Dialect, kept: str) -> ColumnElement[Any]:
    """What `json_text` made, to be put into a column of JSON."""
    given = literal(kept, Text())
    return cast(given, _jsonb()) if dialect.name == "postgresql" else given


def plain_json(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """The value with every text as both databases take it."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return {clean_text(str(key)): plain_json(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(each) for each in value]
    return value
