"""What came of an import, on the terminal and as JSON; for `portcullis propose`."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.check import printable
from bot.clock import utc_now
from bot.domain.importing.outcomes import REQUESTED, Imported, LineOutcome, reasons


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
        "request": outcome.request,
        "why": outcome.why,
    }


def summary(imported: Imported, *, dry_run: bool) -> dict[str, Any]:
    """What came of the whole, as machines get it."""
    return {
        "dry_run": dry_run,
        "lines": len(imported.outcomes),
        "requested": left_of(imported),
        "requests": [request.id for request in imported.requests],
        "set_aside": {code: count for code, count, _ in reasons(imported.outcomes)},
        "snapshot_of": None if imported.snapshot_of is None else imported.snapshot_of.isoformat(),
    }


def show(imported: Imported, *, dry_run: bool) -> None:
    """Print what came of it for people."""
    console = Console(highlight=False)
    left, total = left_of(imported), len(imported.outcomes)
    verb = "would be requested" if dry_run else "requested"
    console.print(Text(f"{left:,} of {total:,} lines {verb}, {total - left:,} set aside.", style="bold"))
    by_list = Counter(outcome.list for outcome in imported.outcomes if outcome.code == REQUESTED)
    if by_list:
        numbers = {request.id: request for request in imported.requests}
        table = Table("List", "Lines", *(["Request", "Approvals"] if numbers else []))
        of_list = {outcome.list: outcome.request for outcome in imported.outcomes if outcome.request is not None}
        for name, count in by_list.items():
            request = numbers.get(of_list.get(name) or 0)
            more = [] if not numbers else [str(request.id), str(request.approvals_needed)] if request else ["", ""]
            table.add_row(name, f"{count:,}", *more)
        console.print(table)
    found = reasons(imported.outcomes)
    if found:
        table = Table("Set aside", "Lines", "Because (the first of them)")
        for code, count, words in found:
            table.add_row(Text(printable(code)), f"{count:,}", Text(printable(words), overflow="fold"))
        console.print(table)
    console.print(Text(_age(imported.snapshot_of), style="dim"))
    if imported.requests:
        console.print("Nothing has been changed yet: the running bot posts the card, where approvers decide.")


def _age(snapshot_of: datetime | None) -> str:
    if snapshot_of is None:
        return "The tenant's lists have not been read yet: what is listed already could not be told."
    minutes = int((utc_now() - snapshot_of).total_seconds() // 60)
    return f"Judged by the lists as of {snapshot_of:%Y-%m-%d %H:%M} UTC, {minutes:,} minutes ago."
