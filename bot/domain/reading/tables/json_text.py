"""A JSON document, or a text with one on each line, as tables: exports of services, PowerShell, threat intelligence.

Each record becomes a row, its fields become cells. A row's number is the line on which the record begins to say
something, or where all stands on one line, the record's own number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from bot.domain.lists.traits import Action
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.reading.sections import section_of
from bot.domain.reading.tables.column_names import ColumnRole, role_of
from bot.domain.reading.tables.intelligence import is_stix, misp, misp_events, otx, otx_pulses, stix
from bot.domain.reading.tables.json_names import names_twice
from bot.domain.reading.tables.json_records import MOST_FIELDS, Fields, JsonValue, Record, flat, objects_in, parts_in
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.errors import InvalidInput, UnreadableJson
from bot.outside_json import read_outside_json

_LOOKS_LIKE_JSON = re.compile(r"\s*[\[{][^A-Za-z0-9]{0,200}\"[^\"\n]{0,200}\"\s{0,20}[:,\]]")

#: So many texts may be looked for in vain: each look goes through the rest of the document.
_MOST_MISSED = 20

#: Where documents end that stand on a line each. In a text of JSON other line ends may stand within a string.
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(slots=True)
class _Found:
    """The records of one table."""

    records: list[Record] = field(default_factory=list)
    what: str = ""
    name: str = ""


def read_json(text: str) -> tuple[Sheet, ...] | None:
    """The tables of a JSON document, or None for a text that is none.

    Raises InvalidInput for what is JSON by its looks and can't be read, and for more rows than one import takes.
    """
    if not _LOOKS_LIKE_JSON.match(text[:1000]):
        return None
    try:
        return _read(text)
    except RecursionError:  # lists in lists, a thousand deep
        raise _broken() from None


def _read(text: str) -> tuple[Sheet, ...]:
    try:
        document = _document(text)
    except UnreadableJson:
        lines = _documents_of_lines(text)
        return (_sheet(_Found(list(map(flat, lines.values()))), list(lines)),)
    tables = [found for found in _tables(document) if found.records]
    return tuple(_sheet(found, _numbers(text, found.records)) for found in tables)


def _document(text: str) -> JsonValue:
    """Raises UnreadableJson, and InvalidInput where a value would be lost."""
    # How large an import may be was held to before.
    document = cast("JsonValue", read_outside_json(text, most_bytes=len(text)))
    if names_twice(text, document):
        raise InvalidInput(
            "A record of the JSON has two fields of the same name, of which only one could be read.",
            "Give each value a record of its own, or a list; or save it as CSV.",
        )
    return document


def _broken() -> InvalidInput:
    return InvalidInput("The file looks like JSON and can't be read as such.", "Export it again, or save it as CSV.")


def _documents_of_lines(text: str) -> dict[int, Fields]:
    """The document on each line, by the line's number."""
    documents: dict[int, Fields] = {}
    for number, line in enumerate(_LINE_END.split(text), 1):
        if line.strip():
            try:
                document = _document(line)
            except UnreadableJson:
                raise _broken() from None
            if not isinstance(document, Mapping):
                raise _broken()
            documents[number] = document
    return documents


def _tables(document: JsonValue) -> Iterator[_Found]:
    """The tables of a document, by what it is."""
    if isinstance(document, Mapping):
        if isinstance(document.get("objects"), list) and ("spec_version" in document or is_stix(document)):
            yield _Found(list(stix(objects_in(document["objects"]))), "a STIX bundle")
        elif {"policies", "items", "spoof"} & document.keys():
            yield from _exported_lists(document)
        elif events := misp_events(document):
            yield _Found([record for event in events for record in misp(event)], "a MISP event")
        elif pulses := otx_pulses(document):
            yield _Found([record for pulse in pulses for record in otx(pulse)], "an OTX pulse")
        else:
            yield _Found(_records(document))
    elif isinstance(document, list):
        if events := [event for part in objects_in(document) for event in misp_events(part)]:
            yield _Found([record for event in events for record in misp(event)], "a MISP event")
        elif is_stix({"objects": document}):
            yield _Found(list(stix(objects_in(document))), "a list of STIX indicators")
        elif all(isinstance(part, str) for part in document):
            yield _Found([Record({"Value": str(part)}, part) for part in document])
        else:
            yield _Found(list(parts_in(document)))


def _records(document: Fields) -> list[Record]:
    """The records of a document: those of its one list, those by their ids, or the document itself."""
    lists = {key: found for key, value in document.items() if (found := objects_in(value))}
    others = [value for key, value in document.items() if key not in lists]
    if len(lists) == 1 or (lists and not any(isinstance(value, Mapping | list) for value in others)):
        some_allow = any(section_of(key) is Action.ALLOW for key in lists)
        records = [_under(key, record) if some_allow else flat(record) for key in lists for record in lists[key]]
        return [*records, *_beside(document)]
    parts = [value for value in document.values() if isinstance(value, Mapping)]
    if parts and len(parts) == len(document) and not any(isinstance(value, str) for value in document.values()):
        return list(map(flat, parts))
    return [flat(document)]


def _beside(document: Fields) -> Iterator[Record]:
    """The texts in lists that stand beside a list of records and are named like indicators: `"domains": ["a", "b"]`."""
    for key, value in document.items():
        if isinstance(value, list) and role_of(key) is ColumnRole.INDICATOR:
            yield from (Record({key: part.strip()}, part) for part in value if isinstance(part, str) and part.strip())


def _under(key: str, record: Fields) -> Record:
    """A record of a list whose name says what is done about all in it, where another one's doesn't say the same."""
    found = flat(record)
    section = section_of(key)
    said = section.capitalize() if section is not None else ""
    return (
        found
        if any(role_of(name) is ColumnRole.ACTION for name in found.fields)
        else Record({**found.fields, "action": said}, found.source)
    )


def _exported_lists(document: Fields) -> Iterator[_Found]:
    """The lists of a tenant, as the documentation says how to export them."""
    yield _Found(list(map(flat, objects_in(document.get("policies")))), name="policies")
    items = document.get("items")
    records: list[Record] = []
    for list_type, entries in items.items() if isinstance(items, Mapping) else ():
        records += (Record({"ListType": list_type, **flat(entry).fields}, entry) for entry in objects_in(entries))
    yield _Found(records, name="items")
    yield _Found(list(map(flat, objects_in(document.get("spoof")))), name="spoof")


def _numbers(text: str, records: Sequence[Record]) -> list[int]:
    """The line on which each record says its first word; where two records share a line, their own numbers."""
    numbers: list[int] = []
    at, counted, line, missed = 0, 0, 1, 0
    last: JsonValue = None
    for record in records:
        if record.source is last and numbers:
            numbers.append(numbers[-1])  # one indicator that names several values
            continue
        last = record.source
        first = -1
        for word in _words(record.source):
            found = text.find(word, at)
            if found < 0:
                missed += 1  # written with escapes
                continue
            first = found if first < 0 else first
            at = found + len(word)
        if first < 0 or missed > _MOST_MISSED:
            return _ordinals(records)
        line += text.count("\n", counted, first)
        counted = first
        if numbers and line <= numbers[-1]:
            return _ordinals(records)
        numbers.append(line)
    return numbers


def _ordinals(records: Sequence[Record]) -> list[int]:
    numbers: list[int] = []
    last: JsonValue = None
    number = 0
    for record in records:
        number += record.source is not last
        last = record.source
        numbers.append(number)
    return numbers


def _words(source: JsonValue) -> Iterator[str]:
    """The texts of a record as they stand in the document, in order."""
    texts = source.values() if isinstance(source, Mapping) else (source,)
    for value in texts:
        if isinstance(value, str) and value:
            yield json.dumps(value, ensure_ascii=False)


def _sheet(found: _Found, numbers: Sequence[int]) -> Sheet:
    if len(found.records) > MOST_IMPORTED:
        raise InvalidInput(
            f"There are {len(found.records):,} records; at most {MOST_IMPORTED:,} indicators are imported at a time.",
            "Split them, and import one part after the other.",
        )
    header = list(dict.fromkeys(name for record in found.records for name in record.fields))[:MOST_FIELDS]
    rows = tuple(
        SheetRow(
            number,
            tuple(record.fields.get(name, "") for name in header),
            json.dumps(record.source, ensure_ascii=False)[:4096],
            record.aside,
        )
        for number, record in zip(numbers, found.records, strict=True)
    )
    return Sheet(rows=rows, header=tuple(header), name=found.name, what=found.what)
