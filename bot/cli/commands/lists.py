"""`portcullis lists`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database, RecordsOf


def lists(
    words: Annotated[
        list[str] | None,
        typer.Argument(help="What to look for, as behind /lists: block, senders, ends 7d, no note, or any words."),
    ] = None,
    database: Database = "",
    tenant: RecordsOf = "",
    as_json: AsJson = False,
) -> None:
    """Print the entries, those that end first. Exit code 0 also when there are none; 2 when they can't be read.

    That somebody looked, and for what, is an event in the audit log.
    """
    from bot.cli.lists import lists as work

    work(words=words, database=database, tenant=tenant, as_json=as_json)
