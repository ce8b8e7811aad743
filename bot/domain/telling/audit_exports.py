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

from bot.domain.auditing.events import Event, iso
from bot.domain.auditing.ocsf import as_ocsf
from bot.domain.telling.csv_cells import cell

_COLUMNS = ("seq", "at", "kind", "actor", "actor_name", "target", "request", "payload")


class Format(StrEnum):
    """As what the log is handed out."""

    CSV = "csv"
    JSONL = "jsonl"  #: the events as they are, a JSON object on each line
    OCSF = "ocsf"  #: likewise, in the form of that schema

    @property
    def extension(self) -> str:
        """How the name of a file ends."""
        return "csv" if self is Format.CSV else "jsonl"


def head_of(form: Format) -> str:
    """What a file begins with: the names of the columns, and for Excel a byte order mark, or nothing."""
    return "\ufeff" + _row(_COLUMNS) if form is Format.CSV else ""


def line_of(event: Event, form: Format, names: Mapping[str, str]) -> str:
    """One event as a line with its end. `names` are those of people, by their ids."""
    name = names.get(event.actor, "")
    match form:
        case Format.CSV:
            payload = json.dumps(event.payload, ensure_ascii=False, sort_keys=True) if event.payload else ""
            request = "" if event.request_id is None else str(event.request_id)
            return _row((str(event.seq), iso(event.at), event.kind, event.actor, name, event.target, request, payload))
        case Format.JSONL:
            return json.dumps(event.as_json() | ({"actor_name": name} if name else {}), ensure_ascii=False) + "\n"
        case Format.OCSF:
            return json.dumps(as_ocsf(event, name=name), ensure_ascii=False) + "\n"


def _row(cells: tuple[str, ...]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(map(cell, cells))
    return text.getvalue()
