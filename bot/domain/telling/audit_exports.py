"""The audit log for other programs: a line for each event, as CSV, as JSON, or as JSON of the OCSF schema.

What people are called stands beside their ids where it is known: whoever a name belongs to may change it, so that the
id alone says who it was.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from enum import StrEnum

from bot.domain.auditing.events import Event, Json, iso
from bot.domain.auditing.ocsf import as_ocsf
from bot.domain.reading.typed_marks import bare
from bot.domain.telling.csv_cells import cell

_COLUMNS = ("seq", "at", "kind", "actor", "actor_name", "target", "proposal", "request", "payload")


class Format(StrEnum):
    """As what the log is handed out."""

    CSV = "csv"
    JSONL = "jsonl"  #: the events as they are, a JSON object on each line
    OCSF = "ocsf"  #: likewise, in the form of that schema

    @property
    def label(self) -> str:
        """What people call it."""
        return {Format.CSV: "CSV", Format.JSONL: "JSON lines", Format.OCSF: "JSON lines of the OCSF schema"}[self]

    @property
    def extension(self) -> str:
        """How the name of a file ends."""
        return "csv" if self is Format.CSV else "jsonl"


def wanted_format(text: str) -> tuple[Format | None, str]:
    """Whether a query asks for a file, as `export csv` in any place of it, and the query without those words.

    CSV where it doesn't say as what.
    """
    words = text.split()
    plain = [bare(word).lower() for word in words]
    if "export" not in plain:
        return None, text
    at = plain.index("export")
    after = at + 2 if plain[at + 1 : at + 2] in (["as"], ["to"]) else at + 1
    form = _FORMATS.get(plain[after]) if after < len(plain) else None
    end = at + 1 if form is None else after + 1
    return form or Format.CSV, " ".join([*words[:at], *words[end:]])


def head_of(form: Format) -> str:
    """What a file begins with: the names of the columns, and for Excel a byte order mark, or nothing."""
    return "\ufeff" + _row(_COLUMNS) if form is Format.CSV else ""


def line_of(event: Event, form: Format, names: Mapping[str, str], numbers: Mapping[int, int]) -> str:
    """One event as a line with its end. `names` are those of people, by their ids; `numbers` those by which people know
    requests, each that of its proposal, by the request's own.

    The schema's form has no place for the latter.
    """
    name = names.get(event.actor, "")
    match form:
        case Format.CSV:
            payload = json.dumps(event.payload, ensure_ascii=False, sort_keys=True) if event.payload else ""
            request = "" if event.request_id is None else str(event.request_id)
            number = _number(event, numbers)
            proposal = "" if number is None else str(number)
            return _row(
                (
                    str(event.seq),
                    iso(event.at),
                    event.kind,
                    event.actor,
                    name,
                    event.target,
                    proposal,
                    request,
                    payload,
                )
            )
        case Format.JSONL:
            return json.dumps(as_object(event, names, numbers), ensure_ascii=False) + "\n"
        case Format.OCSF:
            return json.dumps(as_ocsf(event, name=name), ensure_ascii=False) + "\n"


def as_object(event: Event, names: Mapping[str, str], numbers: Mapping[int, int]) -> dict[str, Json]:
    """One event as machines get it: as it was hashed, with what whoever acted is called, and the proposal's number."""
    name, number = names.get(event.actor), _number(event, numbers)
    return event.as_json() | ({"actor_name": name} if name else {}) | ({} if number is None else {"proposal": number})


def _number(event: Event, numbers: Mapping[int, int]) -> int | None:
    return None if event.request_id is None else numbers.get(event.request_id, event.request_id)


_FORMATS = {"csv": Format.CSV, "jsonl": Format.JSONL, "json": Format.JSONL, "ocsf": Format.OCSF}


def _row(cells: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(cell, cells))
    return text.getvalue()
