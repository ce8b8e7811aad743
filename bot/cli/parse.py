"""`portcullis parse TEXT...`: how Portcullis reads what people type, for people and for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from bot.domain.indicators.reader import read
from bot.domain.indicators.typed_text import shown
from bot.domain.lists.traits import list_for
from bot.errors import InvalidIndicator

ACCEPTED_DOMAINS = "PORTCULLIS_ACCEPTED_DOMAINS"


def parse(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT...", help="What to read. A single - reads lines from standard input.", show_default=False
        ),
    ],
    *,
    json_: Annotated[bool, typer.Option("--json", help="Print one JSON list, an object for each TEXT.")] = False,
) -> None:
    """Read indicators the way the bot does, and show their kind, normal form, list and notes.

    Exits with 1 if any text names no indicator.
    """
    accepted_domains = accepted_domains_from(os.environ)
    readings = [read_one(text, accepted_domains=accepted_domains) for text in _with_standard_input(texts)]
    if json_:
        # Escaped to ASCII, so that it can be written whatever the terminal's encoding.
        typer.echo(json.dumps(readings, indent=2, ensure_ascii=True))
    else:
        _print_readable(readings)
    if any(reading["error"] is not None for reading in readings):
        raise typer.Exit(1)


def accepted_domains_from(environment: Mapping[str, str]) -> frozenset[str]:
    """The tenant's own domains, as the environment names them: separated by commas."""
    names = environment.get(ACCEPTED_DOMAINS, "").split(",")
    return frozenset(name.strip().lower() for name in names if name.strip())


def read_one(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the reader makes of the text, as the command prints it with --json.

    Keys: `input`, `kind`, `value`, `list`, `notes` (texts), `error`. On failure kind, value and list are None.
    """
    try:
        indicator = read(text, accepted_domains=accepted_domains)
    except InvalidIndicator as error:
        return {"input": text, "kind": None, "value": None, "list": None, "notes": [], "error": str(error)}
    return {
        "input": text,
        "kind": indicator.kind.value,
        "value": indicator.value,
        "list": list_for(indicator.kind).value,
        "notes": [note.text for note in indicator.notes],
        "error": None,
    }


def _with_standard_input(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text == "-":
            yield from (line.rstrip("\r\n") for line in sys.stdin if line.strip())
        else:
            yield text


def _print_readable(readings: Iterable[Mapping[str, Any]]) -> None:
    # A terminal that can't show a character gets its escape instead of a crash.
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    console = Console(highlight=False, soft_wrap=True)
    for reading in readings:
        console.print(f"[bold]{escape(shown(reading['input']))}[/bold]")
        if reading["error"] is not None:
            _print_line(console, f"[red]not usable:[/red] {escape(reading['error'])}")
            continue
        kind = reading["kind"].replace("_", " ")
        target = reading["list"].replace("_", " ")
        _print_line(console, f"[green]{kind}[/green] {escape(reading['value'])} [dim](list: {target})[/dim]")
        for note in reading["notes"]:
            _print_line(console, f"note: {escape(note)}")


def _print_line(console: Console, markup: str) -> None:
    console.print(f"  {markup}")  # softly wrapped: nothing is cut off when the output is no terminal
