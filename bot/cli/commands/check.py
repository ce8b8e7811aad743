"""`portcullis check`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database, RecordsOf


def check(
    indicator: Annotated[
        str, typer.Argument(help="What to look for, defanged or not. A spoof pair: 'spoof user, infrastructure'.")
    ],
    lists: Annotated[
        str, typer.Option("--lists", metavar="FILE", help="Judge these exported lists (- is stdin), not the tenant.")
    ] = "",
    snapshot: Annotated[
        bool, typer.Option("--snapshot/--live", help="Judge the last snapshot in the database, or ask the tenant.")
    ] = False,
    figures: Annotated[
        bool, typer.Option("--figures", help="Count its mail of the last ten days, too, as MAIL_FIGURES says.")
    ] = False,
    mailbox: Annotated[
        str,
        typer.Option(
            "--mailbox",
            metavar="ADDRESS",
            help="Look it up among the safe and blocked senders of this mailbox, too, as SAFE_SENDERS lets you.",
        ),
    ] = "",
    database: Database = "",
    tenant: RecordsOf = "",
    as_json: AsJson = False,
) -> None:
    """Print the verdict. Exit code 0 whatever it is; 2 when the indicator or the lists can't be read.

    1 when a mailbox was named and could not be looked into; that somebody looks into one is logged first, or nothing
    is read.

    Where the database is at hand, who asked for an entry, and until when, stands beside it, and that somebody looked is
    an event in the audit log.
    """
    from bot.cli.check import check as work

    work(
        indicator=indicator,
        lists=lists,
        snapshot=snapshot,
        figures=figures,
        mailbox=mailbox,
        database=database,
        tenant=tenant,
        as_json=as_json,
    )
