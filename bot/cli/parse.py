"""`portcullis parse TEXT...`: how Portcullis reads what people type, for people and for machines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import typer
from rich.text import Text

from bot.cli.terminal import console_for, say
from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.typed_text import shown
from bot.domain.lists.traits import Action, list_for
from bot.domain.reading.contradictions import contradiction_in
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.line_reading import LineReading, Readings, words_problem
from bot.domain.reading.lines import read_line
from bot.domain.reading.mail_headers import HEADERS, offers_of, offers_told
from bot.domain.reading.strays import glued_in, glued_problem, strays_in
from bot.domain.reading.typed_marks import without_marks

ACCEPTED_DOMAINS = "PORTCULLIS_ACCEPTED_DOMAINS"


def parse(*, texts: list[str], json_: bool) -> None:
    """Do what `portcullis parse` is asked for."""
    accepted_domains = accepted_domains_from(os.environ)
    readings = [
        reading
        for text in _with_standard_input(texts)
        for reading in readings_of(text, accepted_domains=accepted_domains)
    ]
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


def readings_of(text: str, *, accepted_domains: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """What the reader makes of the text, as the command prints it with --json: an object for each indicator or problem.

    Keys: `input`, `kind`, `value`, `list`, `notes` (texts), `remark` (what was set apart from it on its line), `asked`
    (what a command or form would ask about that remark, texts), `error`. On failure kind, value and list are None.
    Comments give none.
    """
    offers = offers_of(text, accepted_domains=accepted_domains)
    if offers is not None:
        return [_failure(text, f"{HEADERS} {offers_told(offers)}")]
    found: list[dict[str, Any]] = []
    for line in lines_of(without_marks(text)):
        read = read_line(line, accepted_domains=accepted_domains)
        asked = _asked_about(line, read, accepted_domains)
        found += [_success(text, indicator, read.remark, asked) for indicator in read.indicators]
        found += [_failure(text, str(problem)) for problem in read.problems]
        if read.unplaced:
            found.append(_failure(text, str(words_problem(read.unplaced))))
    return found


def _asked_about(line: str, read: LineReading, accepted_domains: frozenset[str]) -> list[str]:
    """What a command would ask about the remark, depending on what it requests."""
    strays = strays_in(read.remark, Readings(accepted_domains), found=read.values, place="remark")
    against = ((action, contradiction_in(read.remark, action)) for action in Action)
    told = [
        *(f"any command: {problem}" for problem in strays),
        *(f"a request to {action}: {problem}" for action, problem in against if problem is not None),
    ]
    word = glued_in(line, read.rest) if read.remark and not told else ""
    return [f"any command: {glued_problem(word, may_stay=False)}"] if word else told


def _success(text: str, indicator: Indicator, remark: str, asked: list[str]) -> dict[str, Any]:
    return {
        "input": text,
        "kind": indicator.kind.value,
        "value": indicator.value,
        "list": list_for(indicator.kind).value,
        "notes": [note.text for note in indicator.notes],
        "remark": remark,
        "asked": asked,
        "error": None,
    }


def _failure(text: str, error: str) -> dict[str, Any]:
    nothing: dict[str, Any] = {"kind": None, "value": None, "list": None, "notes": [], "remark": "", "asked": []}
    return {"input": text, **nothing, "error": error}


def _with_standard_input(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if text != "-":
            yield text
            continue
        given = sys.stdin.read()
        if offers_of(given) is not None:
            yield given
        else:
            yield from (line for line in lines_of(given) if line.strip())


def _print_readable(readings: Iterable[Mapping[str, Any]]) -> None:
    console = console_for()
    before: str | None = None
    for reading in readings:
        if reading["input"] != before:
            before = reading["input"]
            say(console, Text(shown(before), style="bold"), hang=2)
        if reading["error"] is not None:
            say(console, Text.assemble(("not usable:", "red"), f" {reading['error']}"), before="  ", hang=4)
            continue
        kind = reading["kind"].replace("_", " ")
        target = reading["list"].replace("_", " ")
        lines = [
            Text.assemble((kind, "green"), f" {reading['value']} ", (f"(list: {target})", "dim")),
            *(Text(f"note: {note}") for note in reading["notes"]),
            *([Text(f"remark: {shown(reading['remark'])}")] if reading["remark"] else []),
            *(Text.assemble(("would be asked about by", "yellow"), f" {asked}") for asked in reading["asked"]),
        ]
        for line in lines:
            say(console, line, before="  ", hang=4)
