"""What came of an import, or would come of it, on the terminal and as JSON; for `portcullis propose`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from rich.text import Text

from bot.cli.sentences import printable
from bot.cli.terminal import console_for, say, show_rows
from bot.clock import utc_now
from bot.domain.importing.outcomes import REQUESTED, AsideReason, Imported, LineOutcome, reasons
from bot.domain.indicators.defanging import defanged
from bot.domain.reading.import_reading import WHOLE_LINES, ImportReading
from bot.domain.telling.counting import plural
from bot.domain.telling.preview_facts import counted_of


def left_of(imported: Imported) -> int:
    """How many lines go ahead."""
    return sum(outcome.code == REQUESTED for outcome in imported.outcomes)


def as_object(outcome: LineOutcome) -> dict[str, Any]:
    """What became of one line, as machines get it."""
    return {
        "line": outcome.line,
        "typed": outcome.typed,
        "indicator": outcome.value,
        "list": outcome.list,
        "code": outcome.code,
        "proposal": outcome.proposal or outcome.request,
        "request": outcome.request,
        "why": outcome.why,
        "remark": outcome.remark,
    }


def summary(imported: Imported, *, dry_run: bool) -> dict[str, Any]:
    """What came of the whole, as machines get it."""
    return {
        "dry_run": dry_run,
        "lines": len(imported.outcomes),
        "requested": left_of(imported),
        "proposal": imported.requests[0].proposal_id if imported.requests else None,
        "requests": [request.id for request in imported.requests],
        "set_aside": {reason.code: reason.count for reason in reasons(imported.outcomes)},
        "snapshot_of": None if imported.snapshot_of is None else imported.snapshot_of.isoformat(),
    }


def reading_object(reading: ImportReading, *, takes_ends: bool) -> dict[str, Any]:
    """How it was read, and how else it could be, as machines get it."""
    ends = reading.ends
    return {
        "what": reading.what,
        "column": None if reading.chosen is None else reading.chosen.key,
        "question": reading.question if reading.chosen is None else "",
        "choices": [
            {
                "column": choice.key,
                "title": choice.title,
                "lines": choice.total,
                "indicators": choice.read,
                "first": list(choice.first),
            }
            for choice in reading.choices
        ],
        "told": list(reading.told),
        "ends": None
        if ends is None
        else {
            "column": ends.key,
            "lines": ends.dated,
            "first": ends.first.isoformat(),
            "last": ends.last.isoformat(),
            "unread": ends.unread,
            "taken": takes_ends,
        },
    }


def show_reading(reading: ImportReading, *, takes_ends: bool) -> None:
    """Print how it was read and how else it could be, for people."""
    console = console_for()
    if reading.chosen is not None:
        by = "" if reading.chosen.key == WHOLE_LINES else "read by "
        how = f"{printable(reading.what)}, {by}{printable(reading.chosen.title)}: {counted_of(reading.chosen)}."
        say(console, Text(how, style="bold"))
    else:
        say(console, Text(printable(reading.question), style="bold"))
    if len(reading.choices) > 1 or reading.chosen is None:
        rows: list[list[str | Text]] = []
        for choice in reading.choices:
            first = ", ".join(printable(defanged(value)) for value in choice.first)
            key = Text(printable(choice.key), style="bold" if choice == reading.chosen else "")
            rows.append([key, f"{choice.total:,}", f"{choice.read:,}", first])
        show_rows(console, ("--column", "Lines", "Indicators", "The first of them"), rows)
    for text in reading.told:
        say(console, printable(text))
    if reading.ends is not None:
        name, ends = printable(reading.ends.key), reading.ends
        taken = "They count." if takes_ends else f"They don't count without --ends-from '{name}'."
        said = f"{printable(ends.title)} has {ends.dated:,} ends, {ends.first.isoformat()} to {ends.last.isoformat()}."
        unread = f" {ends.unread:,} more can't be told as an end." if ends.unread else ""
        say(console, f"{said}{unread} {taken}")


def show(imported: Imported, *, dry_run: bool) -> None:
    """Print what came of it for people."""
    console = console_for()
    left, total = left_of(imported), len(imported.outcomes)
    verb = "would be requested" if dry_run else "requested"
    say(console, Text(f"{left:,} of {total:,} lines {verb}, {total - left:,} set aside.", style="bold"))
    by_list = Counter((outcome.list, outcome.request) for outcome in imported.outcomes if outcome.code == REQUESTED)
    if by_list:
        numbers = {request.id: request for request in imported.requests}
        rows = []
        for (name, request_id), count in by_list.items():
            request = numbers.get(request_id or 0)
            more = (
                []
                if not numbers
                else [str(request.proposal_id), str(request.approvals_needed)]
                if request
                else ["", ""]
            )
            rows.append([name, f"{count:,}", *more])
        show_rows(console, ("List", "Lines", *(["Request", "Approvals"] if numbers else [])), rows)
    found = reasons(imported.outcomes)
    if found:
        rows = []
        for reason in found:
            rows.append([printable(reason.code), _which(reason), printable(reason.words)])
        show_rows(console, ("Set aside", "Which", "Because (the first of them)"), rows)
    say(console, Text(_age(imported.snapshot_of), style="dim"))
    if imported.requests:
        say(console, "Nothing has been changed yet: the running bot posts the card, where approvers decide.")


def _which(reason: AsideReason) -> str:
    """How many lines it is about, and which, as far as they have numbers: the first few."""
    numbers = ", ".join(map(str, reason.lines))
    if not numbers:
        return plural(reason.count, "line")
    if reason.count > len(reason.lines):
        return f"{plural(reason.count, 'line')}: {numbers}, …"
    return f"{'line' if reason.count == 1 else 'lines'} {numbers}"


def _age(snapshot_of: datetime | None) -> str:
    if snapshot_of is None:
        return "The tenant's lists have not been read yet: what is listed already could not be told."
    minutes = int((utc_now() - snapshot_of).total_seconds() // 60)
    ago = f"{plural(minutes, 'minute')} ago" if minutes > 0 else "just now"
    return f"Judged by the lists as of {snapshot_of:%Y-%m-%d %H:%M} UTC, {ago}."
