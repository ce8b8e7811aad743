"""`portcullis backup`: what can be typed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, Database


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to; one that is there is replaced at the end.")],
    database: Database = "",
    as_json: AsJson = False,
) -> None:
    """Copy a SQLite database into a file, while the bot runs, and look through the copy.

    The file is for its owner alone, and either whole or not there. That the database was copied is an event in its log.
    For PostgreSQL it says how `pg_dump` does it. Exit code 1: the file is there, and the log in it does not verify, nor
    does the database's own; 2: there is no new file. One that does not verify never replaces another file.
    """
    from bot.cli.backup import backup as work

    work(file=file, database=database, as_json=as_json)
