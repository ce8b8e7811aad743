"""Results as a CSV file, with a line for each indicator: for people to open, and for programs to read.

An indicator stands there as it is, not defanged, so that the file can be given on or imported again. A cell that a
spreadsheet program would take for a formula gets an apostrophe in front (`bot.domain.telling.csv_cells`); of what a
list takes, only the odd address such as `-x@a.example` begins so. The text is UTF-8 with a byte order mark, which Excel
needs and everything else passes over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from bot.domain.importing.outcomes import SET_ASIDE, LineOutcome
from bot.domain.lists.traits import title
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Renewal
from bot.domain.requests.request import ItemState, Request, SetAside
from bot.domain.requests.unrequested import UnrequestedChange
from bot.domain.telling.csv_cells import cell
from bot.domain.telling.renewal_facts import cells
from bot.domain.telling.unrequested_facts import headline, in_cell, place_label

_STATES: dict[ItemState, str] = {
    ItemState.PROPOSED: "not sent",
    ItemState.INTENDED: "unknown",
    ItemState.APPLIED: "applied",
    ItemState.ALREADY_SO: "already so",
    ItemState.REFUSED: "refused",
    ItemState.CONFIRMED: "confirmed",
    ItemState.EXPIRED: "ended",
    ItemState.REMOVED: "gone again",
    ItemState.LEFT_OUT: "left out",
}


def outcome_file(outcomes: Iterable[LineOutcome]) -> bytes:
    """What became of each line of an import: line, as typed, indicator, list, outcome, why, remark."""
    return _file(
        ("line", "as typed", "indicator", "list", "outcome", "why", "remark"),
        (
            (
                str(outcome.line or ""),
                outcome.typed,
                outcome.value,
                outcome.list,
                outcome.words,
                outcome.why,
                outcome.remark,
            )
            for outcome in outcomes
        ),
    )


def changes_file(changes: Iterable[UnrequestedChange]) -> bytes:
    """What somebody changed past Portcullis: event, what, place, value, policy, before, after."""
    return _file(
        ("event", "change", "place", "value", "policy", "before", "after"),
        (
            (
                str(change.number),
                headline(change),
                place_label(change.held),
                change.held.value,
                change.held.within,
                in_cell(change.before),
                in_cell(change.after),
            )
            for change in changes
        ),
    )


def renewals_file(due: Iterable[tuple[Renewal, KnownEntry | None, int]]) -> bytes:
    """What is due for renewal: value, list, action, request, owner, kept since, ends, reason. Each comes with what is
    on record of its entry, and the number by which people know the request that keeps it."""
    return _file(
        ("value", "list", "action", "request", "owner", "kept since", "ends", "reason"),
        (
            cells(
                renewal,
                number=number,
                reason="" if entry is None else entry.reason,
                since=None if entry is None else entry.since,
                expires=None if entry is None else entry.expires,
            )
            for renewal, entry, number in due
        ),
    )


def result_file(request: Request, set_aside: Sequence[SetAside]) -> bytes:
    """What became of each indicator of a request, and of each line that was set aside before. `request` is whole."""
    name = title(request.list, request.action)
    items = [
        (item.line, (str(item.line or ""), item.value, name, _STATES[item.state], item.outcome))
        for item in request.items
    ]
    # A line that was set aside may belong to no list, or to another than the request that it is kept with.
    aside = [
        (left_out.line, (str(left_out.line), left_out.value or left_out.typed, "", SET_ASIDE, left_out.reason))
        for left_out in set_aside
    ]
    rows = [row for _, row in sorted([*items, *aside], key=lambda pair: pair[0] or 0)]
    return _file(("line", "indicator", "list", "state", "words"), rows)


def _file(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([cell(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig", errors="replace")
