"""`portcullis lists`: looks through the tenant's lists as they were last read, with who asked for each entry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from rich.console import Console
from rich.text import Text

from bot.cli.failures import told
from bot.cli.sentences import in_words, moment, printable
from bot.cli.terminal import console_for, say, show_rows
from bot.clock import utc_now
from bot.domain.lists.traits import ListName, label
from bot.domain.reading.list_words import read_list_query, said
from bot.domain.requests.browsing import ListedEntry
from bot.domain.telling.counting import plural
from bot.domain.telling.entry_lines import EntryLineFacts, entry_line
from bot.errors import SettingsError
from bot.workflow.asking.browse import Browsed

#: So many columns a table needs beside the longest value: with fewer, its other words are broken too often to be read.
_BESIDE_VALUES = 80
_HEADINGS = ("Value", "Action", "List", "Ends", "Note", "Asked by")


def lists(*, words: list[str] | None, database: str, tenant: str, as_json: bool) -> None:
    """Do what `portcullis lists` is asked for."""
    # Imported here, so that help needs no database.
    from bot.cli.recorded import Recorded  # noqa: PLC0415

    typed = " ".join(words or [])
    with told(as_json=as_json):
        query = read_list_query(typed)
        recorded = Recorded(database=database, tenant=tenant)
        found = recorded.listed(query, now=utc_now())
        with suppress(SettingsError):  # a database that was named needs no setting
            recorded.note("lists", {"query": typed[:200]})
    if as_json:
        print(json.dumps(as_object(found), indent=2))
    else:
        _show(found, said(query))


def as_object(found: Browsed) -> dict[str, Any]:
    """The entries as machines get them: plain values, dates in ISO 8601."""
    return {
        "as_of": found.as_of.isoformat(),
        "unreadable": {name.value: why for name, why in found.unreadable.items()},
        "entries": [_entry(row) for row in found.rows],
    }


def _entry(row: ListedEntry) -> dict[str, Any]:
    entry, known = row.entry, row.known
    return {
        "list": entry.list.value,
        "action": entry.action.value,
        "value": entry.value,
        "ends": row.end.isoformat() if row.end is not None else None,
        "note": row.note,
        "proposal": row.number if known is not None else None,
        "request": known.request_id if known is not None else None,
        "requester": known.requester if known is not None else None,
    }


def _show(found: Browsed, looked_for: str) -> None:
    console = console_for()
    about = f": {looked_for}" if looked_for else ""
    say(console, Text(f"{plural(len(found.rows), 'entry', 'entries')}{printable(about)}", style="bold"), hang=2)
    if found.rows:
        _print_entries(console, [entry_line(row) for row in found.rows])
    for name, why in found.unreadable.items():
        say(console, f"Could not be read: {label(ListName(name))}: {printable(why)}", hang=2)
    say(console, Text(f"Lists as of {moment(found.as_of)}", style="dim"))


def _print_entries(console: Console, lines: Sequence[EntryLineFacts]) -> None:
    """A table, or in a terminal too narrow for that each entry below the other: a value is never broken, so that it can
    be copied."""
    rows = [_cells(line) for line in lines]
    longest = max(len(value) for value, *_ in rows)
    if longest + _BESIDE_VALUES <= console.width:
        show_rows(console, _HEADINGS, rows)
        return
    for value, *cells in rows:
        say(console, value)
        say(console, " · ".join(cell for cell in cells if cell), before="    ")


def _cells(line: EntryLineFacts) -> tuple[str, ...]:
    number = "" if line.request_id is None else f", #{line.request_id}"
    asked_by = f"{in_words(line.asked_by)}{number}"
    cells = (line.value, line.action.value, line.place, in_words(line.until), line.note, asked_by)
    return tuple(map(printable, cells))
