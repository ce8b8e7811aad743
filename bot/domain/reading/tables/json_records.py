"""Records of a JSON document: what their fields are as cells of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.domain.reading.aside import Aside

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Fields: TypeAlias = "Mapping[str, JsonValue]"

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
