"""`portcullis propose`: many changes at once from a file, in somebody's name. The running bot posts the card."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import typer

from bot import logs
from bot import settings as env
from bot.cli.choices import Kept, What
from bot.cli.failures import told
from bot.cli.files import require_writable, written
from bot.cli.import_report import as_object, left_of, reading_object, show, show_reading, summary
from bot.cli.import_run import ImportRun
from bot.cli.progress import working
from bot.cli.sentences import printable
from bot.cli.terminal import say_on_stderr
from bot.clock import utc_now
from bot.domain.importing.outcomes import Imported, LineOutcome
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_reading import ImportReading
from bot.domain.reading.import_text import MOST_BYTES
from bot.errors import InvalidInput
from bot.workflow.importing.importer import outcomes_of
from bot.workflow.importing.judge import ImportOptions, JudgedImport
from bot.workflow.importing.result_files import outcome_file

#: What the exit code says. 2 is an error of any kind, as with every command.
ALL_REQUESTED, SOME_SET_ASIDE, NOTHING_REQUESTED = 0, 1, 3


_DOES: dict[What, tuple[Operation, Action]] = {
    What.BLOCK: (Operation.ADD, Action.BLOCK),
    What.UNBLOCK: (Operation.REMOVE, Action.BLOCK),
    What.UNALLOW: (Operation.REMOVE, Action.ALLOW),
    What.EXTEND: (Operation.EXTEND, Action.BLOCK),
}


def propose(
    *,
    what: What,
    file: str,
    requester: str,
    reason: str,
    until: str,
    column: str,
    ends_from: str,
    entries: Kept,
    dry_run: bool,
    yes: bool,
    result: str,
    as_json: bool,
) -> None:
    """Do what `portcullis propose` is asked for."""
    with told(as_json=as_json):
        if not (yes or dry_run) and (as_json or file == "-" or not sys.stdin.isatty()):
            raise InvalidInput("Nobody can be asked here whether to go on.", "Add --yes, or --dry-run to look first.")
        if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", requester):
            raise InvalidInput(
                f"{requester} is no Slack user id.", "Name a person by their id (U…), from their profile."
            )
        wanted = replace(_wanted(what, entries, until, reason), column=column)
        content = _content(file)
        _demand_writable(result)
        settings = env.load_all()
        # On stderr, whatever there is: stdout is the command's own, and may be JSON.
        logs.configure("WARNING")
        run = ImportRun(settings=settings, requester=requester, content=content, file=file, writes=not dry_run)
        judged = _looked_at(run, wanted, ends_from=ends_from, asks=not (yes or dry_run), as_json=as_json)
        shown = Imported(outcomes=outcomes_of(judged), snapshot_of=judged.snapshot_of)
        if dry_run or not left_of(shown):
            _write(result, shown.outcomes)
            _end(shown, judged, as_json=as_json, dry_run=dry_run)
        if not yes:
            show_reading(judged.reading, takes_ends=judged.wanted.take_ends)
            show(shown, dry_run=True)
            if not _agreed():
                print("Nothing was requested.")
                raise typer.Exit(NOTHING_REQUESTED)
        with working("Requesting"):
            imported = asyncio.run(run.request(judged))
        try:
            _write(result, imported.outcomes)
        except InvalidInput as error:
            # Not exit code 2, which says that nothing was requested: who goes by it would request it all again.
            say_on_stderr(f"Requested; but {error.what}")
    _end(imported, judged, as_json=as_json, dry_run=False)


def _looked_at(run: ImportRun, wanted: ImportOptions, *, ends_from: str, asks: bool, as_json: bool) -> JudgedImport:
    """The lines, read by the column that is plain or that somebody named, and judged.

    Raises InvalidInput where nobody can be asked, and for a column of ends that there isn't.
    """
    judged = _judged(run, wanted)
    while judged.reading.chosen is None:
        reading = judged.reading
        if not asks:
            if as_json:
                print(json.dumps({"preview": reading_object(reading, takes_ends=False)}))
            names = ", ".join(printable(choice.key) for choice in reading.choices)
            raise InvalidInput(reading.question, f"Name one with --column: {names}.")
        show_reading(reading, takes_ends=False)
        wanted = replace(wanted, column=_column_of(reading))
        judged = _judged(run, wanted)
    if ends_from:
        ends = judged.reading.ends
        if ends is None or ends_from.casefold() not in {ends.key.casefold(), ends.title.casefold()}:
            there = (
                f"The column with ends is {ends.key}." if ends is not None else "No column has dates that can be ends."
            )
            raise InvalidInput(f"There are no ends in a column {ends_from}.", there)
        judged = _judged(run, replace(wanted, take_ends=True))
    return judged


def _judged(run: ImportRun, wanted: ImportOptions) -> JudgedImport:
    with working("Reading and judging the lines"):
        return asyncio.run(run.look(wanted))


def _column_of(reading: ImportReading) -> str:
    """Which column somebody says that they mean. Raises typer.Exit when they say none."""
    keys = {choice.key.casefold(): choice.key for choice in reading.choices}
    try:
        while (said := str(typer.prompt("Which column?")).strip().casefold()) not in keys:
            print(f"Type one of these: {', '.join(map(printable, keys.values()))}.")
        return keys[said]
    except typer.Abort:
        print("\nNothing was requested.")
        raise typer.Exit(NOTHING_REQUESTED) from None


def _agreed() -> bool:
    try:
        return typer.confirm("\nRequest this?", default=False)
    except typer.Abort:
        # Ctrl-C or the end of input: typer's own exit code for it would say that some lines were set aside.
        print()
        return False


def _wanted(what: What, entries: Kept, until: str, reason: str) -> ImportOptions:
    operation, action = _DOES[what]
    if operation is Operation.EXTEND:
        action = Action(entries.value)
    if until and not operation.gives_an_end:
        raise InvalidInput(f"{what.value} has no end.", "Leave --until out.")
    lifetime = read_lifetime(until, today=utc_now().date()) if until else None
    return ImportOptions(operation=operation, action=action, reason=reason.strip(), lifetime=lifetime)


def _content(file: str) -> bytes:
    """The file's bytes, one more than may be at most: whether they are too many is for `read_import` to judge."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(file).open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.", "Name a file, or - for stdin.") from error


def _demand_writable(path: str) -> None:
    """Before anything is requested: afterwards it would be too late to say so. Raises InvalidInput."""
    if not path:
        return
    try:
        require_writable(Path(path))
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(path: str, outcomes: Sequence[LineOutcome]) -> None:
    if not path:
        return
    try:
        with written(Path(path)) as writing:
            writing.file.write(outcome_file(outcomes))
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> InvalidInput:
    return InvalidInput(f"{path} can't be written: {error.strerror}.", "Name another file with --result.")


def _end(imported: Imported, judged: JudgedImport, *, as_json: bool, dry_run: bool) -> NoReturn:
    """Say what came of it, and end with the exit code that says the same."""
    takes_ends = judged.wanted.take_ends
    if as_json:
        for outcome in imported.outcomes:
            print(json.dumps(as_object(outcome)))
        preview = reading_object(judged.reading, takes_ends=takes_ends)
        print(json.dumps({"summary": summary(imported, dry_run=dry_run), "preview": preview}))
    else:
        if not imported.requests:
            show_reading(judged.reading, takes_ends=takes_ends)
        show(imported, dry_run=dry_run)
    left = left_of(imported)
    if not left:
        raise typer.Exit(NOTHING_REQUESTED)
    raise typer.Exit(ALL_REQUESTED if left == len(imported.outcomes) else SOME_SET_ASIDE)
