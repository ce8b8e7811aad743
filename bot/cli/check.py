"""`portcullis check`: is it allowed? Asked of the tenant, or of lists that somebody exported."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.cli.failures import told
from bot.cli.json_files import read_json
from bot.domain.coverage import related_lists
from bot.domain.indicators import Indicator, read
from bot.domain.lists import TenantLists, list_for, title
from bot.domain.verdict import Judgement, Match, Verdict, judge
from bot.tenant.records import read_lists_file

_COLOURS = {Judgement.ALLOWED: "yellow", Judgement.BLOCKED: "red", Judgement.NOT_LISTED: "green"}


def check(
    indicator: Annotated[str, typer.Argument(help="What to look for, defanged or not; a spoof pair in quotes.")],
    lists: Annotated[
        str, typer.Option("--lists", metavar="FILE", help="Judge these exported lists (- is stdin), not the tenant.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Print the verdict. Exit code 0 whatever it is; 2 when the indicator or the lists can't be read."""
    with told(as_json=as_json):
        wanted = read(indicator)
        now = datetime.now(UTC)
        found = read_lists_file(read_json(lists), as_of=now) if lists else _live(wanted)
        verdict = judge(wanted, found, now=now)
    if as_json:
        print(json.dumps(as_object(verdict), indent=2))
    else:
        _show(verdict)


def _live(indicator: Indicator) -> TenantLists:
    # Imported here, so that judging an exported file needs neither settings nor what reads the tenant.
    from bot.cli.live import read_live_lists  # noqa: PLC0415

    return read_live_lists(frozenset({list_for(indicator.kind)}) | related_lists(indicator.kind))


def as_object(verdict: Verdict) -> dict[str, Any]:
    """The verdict as machines get it: plain values, dates in ISO 8601."""
    return {
        "indicator": verdict.indicator.value,
        "kind": verdict.indicator.kind.value,
        "verdict": verdict.judgement.value,
        "because": verdict.because,
        "entries": [_entry(match) for match in verdict.matches],
        "limits": list(verdict.limits),
        "unseen": list(verdict.unseen),
        "as_of": verdict.as_of.isoformat(),
    }


def _entry(match: Match) -> dict[str, Any]:
    entry = match.entry
    return {
        "list": entry.list.value,
        "action": entry.action.value,
        "value": entry.value,
        "policy": entry.policy,
        "effect": str(match.effect),
        "wins": match.wins,
        "expires": entry.expires.isoformat() if entry.expires is not None else None,
        "notes": entry.notes,
    }


def _show(verdict: Verdict) -> None:
    console = Console(highlight=False)
    word = verdict.judgement.value.replace("_", " ")
    console.print(
        Text.assemble((word, f"bold {_COLOURS[verdict.judgement]}"), f"  {printable(verdict.indicator.value)}")
    )
    console.print(Text(printable(verdict.because)))
    if verdict.matches:
        console.print(_table(verdict))
    for heading, sentences in (("Could not be read", verdict.unseen), ("What this does not mean", verdict.limits)):
        if sentences:
            console.print(Text(f"\n{heading}", style="bold"))
            for sentence in sentences:
                console.print(Text(f"- {printable(sentence)}"))
    console.print(Text(f"\nAs of {verdict.as_of:%Y-%m-%d %H:%M:%S} UTC", style="dim"))


def _table(verdict: Verdict) -> Table:
    table = Table("", "Value", "List", "Effect", "Ends", "Notes")
    for match in verdict.matches:
        entry = match.entry
        place = title(entry.list, entry.action) + (f" ({entry.policy})" if entry.policy else "")
        table.add_row(
            *(
                Text(printable(cell))
                for cell in (
                    "wins" if match.wins else "",
                    entry.value,
                    place,
                    str(match.effect),
                    f"{entry.expires:%Y-%m-%d %H:%M} UTC" if entry.expires is not None else "",
                    entry.notes,
                )
            )
        )
    return table


def printable(text: str) -> str:
    """The text without what a terminal would act on: entries and notes are other people's."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
