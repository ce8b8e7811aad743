"""A JSON document, or a text with one on each line, as tables: exports of services, PowerShell, threat intelligence.

Each record becomes a row, its fields become cells. A row's number is the line on which the record begins to say
something, or where all stands on one line, the record's own number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.domain.reading.aside import Aside
from bot.domain.reading.import_text import LINE_END, MOST_IMPORTED
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.stix_patterns import read_pattern
from bot.errors import InvalidInput

JsonValue: TypeAlias = "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
_Fields: TypeAlias = "Mapping[str, JsonValue]"

_LOOKS_LIKE_JSON = re.compile(r"\s*[\[{][^A-Za-z0-9]{0,200}\"[^\"\n]{0,200}\"\s{0,20}[:,\]]")
_MOST_FIELDS = 200

#: So many texts may be looked for in vain: each look goes through the rest of the document.
_MOST_MISSED = 20

#: Objects of a STIX bundle that say only that something was seen.
_OBSERVED = frozenset({"ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file", "observed-data"})


@dataclass(frozen=True, slots=True)
class _Record:
    """One row to be: its fields, or why it names nothing. `source` has what stands in the text, to find its line."""

    fields: Mapping[str, str]
    source: JsonValue
    aside: Aside | None = None


@dataclass(slots=True)
class _Found:
    """The records of one table."""

    records: list[_Record] = field(default_factory=list)
    what: str = ""
    name: str = ""


def read_json(text: str) -> tuple[Sheet, ...] | None:
    """The tables of a JSON document, or None for a text that is none.

    Raises InvalidInput for what is JSON by its looks and can't be read, and for more rows than one import takes.
    """
    if not _LOOKS_LIKE_JSON.match(text[:1000]):
        return None
    try:
        document: JsonValue = json.loads(text)
    except RecursionError:
        raise _broken() from None
    except ValueError:
        lines = _documents_of_lines(text)
        return (_sheet(_Found(list(map(_flat, lines.values()))), list(lines)),)
    tables = [found for found in _tables(document) if found.records]
    return tuple(_sheet(found, _numbers(text, found.records)) for found in tables)


def _broken() -> InvalidInput:
    return InvalidInput("The file looks like JSON and can't be read as such.", "Export it again, or save it as CSV.")


def _documents_of_lines(text: str) -> dict[int, _Fields]:
    """The document on each line, by the line's number."""
    documents: dict[int, _Fields] = {}
    for number, line in enumerate(LINE_END.split(text), 1):
        if line.strip():
            try:
                document: JsonValue = json.loads(line)
            except (ValueError, RecursionError):
                raise _broken() from None
            if not isinstance(document, Mapping):
                raise _broken()
            documents[number] = document
    return documents


def _tables(document: JsonValue) -> Iterator[_Found]:
    """The tables of a document, by what it is."""
    if isinstance(document, Mapping):
        if isinstance(document.get("objects"), list) and ("spec_version" in document or _is_stix(document)):
            yield _Found(list(_stix(_objects(document["objects"]))), "a STIX bundle")
        elif {"policies", "items", "spoof"} & document.keys():
            yield from _exported_lists(document)
        elif events := _misp_events(document):
            yield _Found([record for event in events for record in _misp(event)], "a MISP event")
        elif pulses := _otx_pulses(document):
            yield _Found([record for pulse in pulses for record in _otx(pulse)], "an OTX pulse")
        else:
            yield _Found(list(map(_flat, _records(document))))
    elif isinstance(document, list):
        if events := [event for part in _objects(document) for event in _misp_events(part)]:
            yield _Found([record for event in events for record in _misp(event)], "a MISP event")
        elif _is_stix({"objects": document}):
            yield _Found(list(_stix(_objects(document))), "a list of STIX indicators")
        elif all(isinstance(part, str) for part in document):
            yield _Found([_Record({"Value": str(part)}, part) for part in document])
        else:
            yield _Found(list(map(_flat, _objects(document))))


def _objects(value: JsonValue) -> list[_Fields]:
    return [part for part in value if isinstance(part, Mapping)] if isinstance(value, list) else []


def _records(document: _Fields) -> list[_Fields]:
    """The records of a document: those of its one list, those by their ids, or the document itself."""
    lists = [found for value in document.values() if (found := _objects(value))]
    if len(lists) == 1:
        return lists[0]
    if len(lists) > 1 and len(lists) == len(document):
        return [record for records in lists for record in records]
    parts = [value for value in document.values() if isinstance(value, Mapping)]
    if parts and len(parts) == len(document) and not any(isinstance(value, str) for value in document.values()):
        return parts
    return [document]


def _exported_lists(document: _Fields) -> Iterator[_Found]:
    """The lists of a tenant, as the documentation says how to export them."""
    yield _Found(list(map(_flat, _objects(document.get("policies")))), name="policies")
    items = document.get("items")
    records: list[_Record] = []
    for list_type, entries in items.items() if isinstance(items, Mapping) else ():
        for entry in _objects(entries):
            flat = _flat(entry)
            records.append(_Record({"ListType": list_type, **flat.fields}, entry))
    yield _Found(records, name="items")
    yield _Found(list(map(_flat, _objects(document.get("spoof")))), name="spoof")


def _is_stix(document: _Fields) -> bool:
    return document.get("type") == "bundle" or any("pattern" in part for part in _objects(document.get("objects")))


def _stix(objects: Sequence[_Fields]) -> Iterator[_Record]:
    for part in objects:
        kind = _text(part.get("type"))
        if kind in _OBSERVED:
            fields = {"stix type": kind, "stix value": _text(part.get("value") or part.get("id"))}
            text = "The bundle only says that it was seen, not that it is an indicator."
            yield _Record(fields, part, Aside("only_observed", text))
        elif kind == "indicator":
            yield from _stix_indicator(part)


def _stix_indicator(part: _Fields) -> Iterator[_Record]:
    beside = {
        "name": _text(part.get("name")),
        "description": _text(part.get("description")),
        "valid_until": _text(part.get("valid_until")),
    }
    pattern = _text(part.get("pattern"))
    aside: Aside | None = None
    kinds = {_text(kind) for kind in (*_listed(part.get("indicator_types")), *_listed(part.get("labels")))}
    if part.get("revoked") is True:
        aside = Aside("row_revoked", "The indicator was revoked.")
    elif "benign" in kinds:
        aside = Aside("row_false_positive", "The indicator says that it is harmless (benign).")
    elif _text(part.get("pattern_type")) not in {"", "stix"}:
        aside = Aside("pattern", f"The pattern is of {_text(part.get('pattern_type'))[:40]}, which can't be read.")
    values = read_pattern(pattern) if aside is None else aside
    if isinstance(values, Aside):
        yield _Record({"stix type": "", "stix value": pattern, **beside}, part, values)
        return
    for kind, value in values:
        yield _Record({"stix type": kind, "stix value": value, **beside}, part)


def _misp_events(document: _Fields) -> list[_Fields]:
    event = document.get("Event")
    if isinstance(event, Mapping):
        return [event]
    response = document.get("response")
    if isinstance(response, Mapping) and isinstance(response.get("Attribute"), list):
        return [response]
    if isinstance(response, list):
        return [event for part in _objects(response) for event in _misp_events(part)]
    return []


def _misp(event: _Fields) -> Iterator[_Record]:
    attributes = _objects(event.get("Attribute"))
    for part in _objects(event.get("Object")):
        attributes += _objects(part.get("Attribute"))
    for attribute in attributes:
        names = ("type", "value", "category", "to_ids", "deleted", "comment")
        fields = {name: _text(attribute.get(name)) for name in names}
        yield _Record({**fields, "event_info": _text(event.get("info"))}, attribute)


def _otx_pulses(document: _Fields) -> list[_Fields]:
    def is_pulse(part: _Fields) -> bool:
        return any("indicator" in found and "type" in found for found in _objects(part.get("indicators")))

    if is_pulse(document):
        return [document]
    return [part for part in _objects(document.get("results")) if is_pulse(part)]


def _otx(pulse: _Fields) -> Iterator[_Record]:
    for part in _objects(pulse.get("indicators")):
        names = ("title", "description", "expiration", "is_active")
        fields = {name: _text(part.get(name)) for name in names}
        fields |= {"Indicator type": _text(part.get("type")), "Indicator": _text(part.get("indicator"))}
        yield _Record({**fields, "pulse": _text(pulse.get("name"))}, part)


def _flat(record: _Fields) -> _Record:
    return _Record({name: _text(value) for name, value in list(record.items())[:_MOST_FIELDS]}, record)


def _listed(value: JsonValue) -> Sequence[JsonValue]:
    return value if isinstance(value, list) else ()


def _text(value: JsonValue) -> str:
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
        return _text(value["value"]) if "value" in value else ""
    return ", ".join(text for part in value if not isinstance(part, Mapping) and (text := _text(part)))


def _numbers(text: str, records: Sequence[_Record]) -> list[int]:
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


def _ordinals(records: Sequence[_Record]) -> list[int]:
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
    header = list(dict.fromkeys(name for record in found.records for name in record.fields))[:_MOST_FIELDS]
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
