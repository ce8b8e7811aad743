"""`portcullis propose`: many changes at once from a file, in somebody's name. The running bot posts the card."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import re
import secrets
import socket
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot import logs
from bot import settings as env
from bot.bootstrap import build_client, build_context, build_directory
from bot.cli.failures import told
from bot.cli.import_report import as_object, left_of, show, summary
from bot.clock import utc_now
from bot.domain.importing.outcomes import Imported, LineOutcome
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.durations import read_lifetime
from bot.domain.reading.import_text import MOST_BYTES, decode
from bot.domain.requests.people import Person
from bot.errors import InvalidInput
from bot.workflow.importing.importer import (
    ImportOptions,
    JudgedImport,
    judge_import,
    outcomes_of,
    request_import,
    run_import,
)
from bot.workflow.importing.result_files import outcome_file
from bot.workflow.shared.context import Context

#: What the exit code says. 2 is an error of any kind, as with every command.
ALL_REQUESTED, SOME_SET_ASIDE, NOTHING_REQUESTED = 0, 1, 3


class What(StrEnum):
    """What to do with every line."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    UNALLOW = "unallow"
    EXTEND = "extend"


_DOES: dict[What, tuple[Operation, Action]] = {
    What.BLOCK: (Operation.ADD, Action.BLOCK),
    What.UNBLOCK: (Operation.REMOVE, Action.BLOCK),
    What.UNALLOW: (Operation.REMOVE, Action.ALLOW),
    What.EXTEND: (Operation.EXTEND, Action.BLOCK),
}


class Kept(StrEnum):
    """Which entries get another end."""

    BLOCK = "block"
    ALLOW = "allow"


def propose(
    what: Annotated[What, typer.Argument(help="What to do with every line.")],
    file: Annotated[str, typer.Option(metavar="FILE", help="Text or CSV with an indicator on each line; - is stdin.")],
    requester: Annotated[str, typer.Option("--as", metavar="USER", help="In whose name: a Slack user id (U…).")],
    reason: Annotated[str, typer.Option(help="Reviewers see it, and it stays in the audit log.")],
    until: Annotated[
        str, typer.Option(metavar="END", help="7d, 30d, never, or a last day (2030-12-31); for block and extend.")
    ] = "",
    entries: Annotated[
        Kept, typer.Option(help="With extend: whose end, that of blocks or that of allows.")
    ] = Kept.BLOCK,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be requested; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Request it without asking.")] = False,
    result: Annotated[
        str, typer.Option(metavar="FILE", help="Write what became of each line to this file, as CSV.")
    ] = "",
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON for each line, and one for the whole.")
    ] = False,
) -> None:
    """Judge every line of a file, and request what is left: one request for each list, decided on its card in Slack.

    Up to 10,000 lines. What is listed already, given twice, covered or can't be read is set aside and costs the others
    nothing. It is judged by the last snapshot of the tenant's lists. The person named with --as needs the right to
    propose, as Slack says now; the audit log also names the account that ran this.

    Exit code 0: every line was requested (with --dry-run: would be). 1: some were set aside. 3: nothing was requested,
    because no line was left or the question was answered with no. 2: an error, and nothing was requested.
    """
    with told(as_json=as_json):
        if not (yes or dry_run) and (as_json or file == "-" or not sys.stdin.isatty()):
            raise InvalidInput("Nobody can be asked here whether to go on.", "Add --yes, or --dry-run to look first.")
        if not re.fullmatch(r"[UW][A-Z0-9]{1,30}", requester):
            raise InvalidInput(
                f"{requester} is no Slack user id.", "Name a person by their id (U…), from their profile."
            )
        wanted = _wanted(what, entries, until, reason)
        text = decode(_content(file))
        _demand_writable(result)
        settings = env.load_all()
        # On stderr, whatever there is: stdout is the command's own, and may be JSON.
        logs.configure("WARNING")
        judged: JudgedImport | None = None
        run = _Run(settings=settings, requester=requester, wanted=wanted, text=text, file=file)
        if dry_run or not yes:
            judged = asyncio.run(run.look())
            imported = Imported(outcomes=outcomes_of(judged), snapshot_of=judged.snapshot_of)
            if dry_run or not left_of(imported):
                _write(result, imported.outcomes)
                _end(imported, as_json=as_json, dry_run=dry_run)
            show(imported, dry_run=True)
            if not _agreed():
                print("Nothing was requested.")
                raise typer.Exit(NOTHING_REQUESTED)
        imported = asyncio.run(run.request(judged))
        try:
            _write(result, imported.outcomes)
        except InvalidInput as error:
            # Not exit code 2, which says that nothing was requested: who goes by it would request it all again.
            print(f"Requested; but {error.what}", file=sys.stderr)
    _end(imported, as_json=as_json, dry_run=False)


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
    """The file's bytes, one more than may be at most: whether they are too many is for `decode` to judge."""
    try:
        if file == "-":
            return sys.stdin.buffer.read(MOST_BYTES + 1)
        with Path(file).open("rb") as source:
            return source.read(MOST_BYTES + 1)
    except OSError as error:
        raise InvalidInput(f"{file} can't be read: {error.strerror}.", "Name a file, or - for stdin.") from error


class _Run:
    """The same lines, looked at and then requested, each in an event loop of its own."""

    def __init__(self, *, settings: env.Settings, requester: str, wanted: ImportOptions, text: str, file: str) -> None:
        self._settings = settings
        self._requester = requester
        self._wanted = wanted
        self._text = text
        self._file = file

    async def look(self) -> JudgedImport:
        """What would come of it. Writes nothing."""
        context = build_context(self._settings)
        try:
            return await judge_import(context, actor=await self._person(), wanted=self._wanted, text=self._text)
        finally:
            await _close(context)

    async def request(self, judged: JudgedImport | None) -> Imported:
        """Request what is left: of what was looked at, as it was judged then; or without looking first."""
        context = build_context(self._settings)
        delivery = f"cli:{secrets.token_hex(16)}"
        source = {
            "by": "command line",
            "os_user": _account(),
            "host": socket.gethostname(),
            "file": "stdin" if self._file == "-" else Path(self._file).name,
        }
        try:
            person = await self._person()
            if judged is not None:
                return await request_import(context, actor=person, judged=judged, delivery=delivery, source=source)
            return await run_import(
                context, actor=person, wanted=self._wanted, text=self._text, delivery=delivery, source=source
            )
        finally:
            await _close(context)

    async def _person(self) -> Person:
        """Who this is in Slack, with the roles of this moment."""
        slack = self._settings.slack
        return await build_directory(slack, build_client(slack)).person(self._requester)


def _account() -> str:
    """The operating system's own word for who runs this, which no variable of the environment changes."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


async def _close(context: Context) -> None:
    await context.store.close()
    await context.tenant.close()
    if context.submissions is not None:
        await context.submissions.close()


def _demand_writable(path: str) -> None:
    """Before anything is requested: afterwards it would be too late to say so. Raises InvalidInput."""
    if not path:
        return
    try:
        Path(path).open("ab").close()
    except OSError as error:
        raise _unwritable(path, error) from error


def _write(path: str, outcomes: Sequence[LineOutcome]) -> None:
    if not path:
        return
    try:
        Path(path).write_bytes(outcome_file(outcomes))
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> InvalidInput:
    return InvalidInput(f"{path} can't be written: {error.strerror}.", "Name another file with --result.")


def _end(imported: Imported, *, as_json: bool, dry_run: bool) -> NoReturn:
    """Say what came of it, and end with the exit code that says the same."""
    if as_json:
        for outcome in imported.outcomes:
            print(json.dumps(as_object(outcome)))
        print(json.dumps({"summary": summary(imported, dry_run=dry_run)}))
    else:
        show(imported, dry_run=dry_run)
    left = left_of(imported)
    if not left:
        raise typer.Exit(NOTHING_REQUESTED)
    raise typer.Exit(ALL_REQUESTED if left == len(imported.outcomes) else SOME_SET_ASIDE)
