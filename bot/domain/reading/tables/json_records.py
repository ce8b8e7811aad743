"""Records of a JSON document: what their fields are as cells of a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.reading.aside import Aside

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Fields: TypeAlias = "Mapping[str, JsonValue]"

_VALUE = "value"
_NO_RECORD = Aside("no_record", "It stands among records and is none: give what is in it as a record, or by itself.")

#: So many fields of a record are taken.
MOST_FIELDS = 200


@dataclass(frozen=True, slots=True)
class Record:
    """One row to be: its fields, or why it names nothing. `source` has what stands in the text, to find its line."""

    fields: Mapping[str, str]
    source: JsonValue
    aside: Aside | None = None


def objects_in(value: JsonValue) -> list[Fields]:
    """The objects in a list; none where it is no list."""
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def flat(record: Fields) -> Record:
    """A record of an object's own fields."""
    return Record({name: text_of(value) for name, value in list(record.items())[:MOST_FIELDS]}, record)


def parts_in(value: Sequence[JsonValue]) -> Iterator[Record]:
    """A record for each part of a list of records, a text among them in a column of its own; for none, why it is none.

    Empty parts give none, and so does a list without a record.
    """
    if not objects_in(value):
        return
    fields = (name for part in objects_in(value) for name in part)
    named = next((name for name in fields if name.lower() == _VALUE), "Value")
    for part in value:
        if isinstance(part, Mapping):
            yield flat(part)
        elif isinstance(part, str) and part.strip():
            yield Record({named: part.strip()}, part)
        elif part:
            yield Record({}, part, _NO_RECORD)


def values_in(value: JsonValue) -> Sequence[JsonValue]:
    """What is in a list; nothing where it is no list."""
    return value if isinstance(value, list) else ()


def text_of(value: JsonValue) -> str:
    """A field as a cell. Of PowerShell's objects for dates and lists, what they stand for."""
    if isinstance(value, str):
        return value.strip()
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, Mapping):
        inner = value.get("value")
        return "" if isinstance(inner, Mapping) else text_of(inner)
    return ", ".join(text for part in value if not isinstance(part, Mapping | list) and (text := text_of(part)))
