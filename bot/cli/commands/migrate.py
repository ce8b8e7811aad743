"""`portcullis migrate`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database


def migrate(
    database: Database = "",
    triggers: Annotated[
        bool,
        typer.Option("--triggers", help="Also make the triggers anew that keep the audit log from being changed."),
    ] = False,
    wait: Annotated[
        float,
        typer.Option("--wait", min=0, max=3600, metavar="SECONDS", help="How long to wait until the database answers."),
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Bring the database to this version, making a SQLite file that isn't there. Running it again changes nothing.

    `portcullis run` does the same when it starts. Exit code 2 when the database can't be used.
    """
    from bot.cli.migrate import migrate as work

    work(database=database, triggers=triggers, wait=wait, as_json=as_json)
