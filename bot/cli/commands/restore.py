"""`portcullis restore`: what can be typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, Database


def restore(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="What `portcullis backup` wrote, or SQLite's own backup.")
    ] = None,
    replacing: Annotated[
        bool, typer.Option("--replace", help="Also where a database with something in it is: it is kept beside.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also a backup that does not verify; the log says so from then on.")
    ] = False,
    by_hand: Annotated[
        bool,
        typer.Option("--by-hand", help="The database was restored otherwise, as by `pg_restore`: only take it up."),
    ] = False,
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of a SQLite database that no bot serves, brought to this version and looked through.

    That it was restored, and how old it was, is an event in the log. Exit code 1: it is restored and does not verify;
    2: nothing was changed.
    """
    from bot.cli.restore import restore as work

    work(file=file, replacing=replacing, anyway=anyway, by_hand=by_hand, database=database, as_json=as_json)
