"""Whether a JSON document names a field twice in one record: a reader keeps the last one, and the others are gone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.reading.tables.json_records import JsonValue

#: A text, and the colon behind it where it is a field's name.
_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"(\s*+:)?', re.DOTALL)


def names_twice(text: str, document: JsonValue) -> bool:
    """Whether more fields stand in the text of a document than were read from it."""
    return sum(match[1] is not None for match in _TEXT.finditer(text)) > _fields_in(document)


def _fields_in(document: JsonValue) -> int:
    count = 0
    left = [document]
    while left:
        value = left.pop()
        if isinstance(value, Mapping):
            count += len(value)
            left.extend(value.values())
        elif isinstance(value, list):
            left.extend(value)
    return count
