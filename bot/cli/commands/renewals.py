"""`portcullis renewals`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database


def renewals(
    database: Database = "",
    tenant: Annotated[
        str,
        typer.Option("--tenant", envvar="PORTCULLIS_TENANT_ID", metavar="ID", help="Whose, of several tenants."),
    ] = "",
    all_of_them: Annotated[bool, typer.Option("--all", help="Those that are closed too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print the renewals that are open, oldest first. Changes nothing.

    Who looked is an event in the audit log.
    """
    from bot.cli.renewals import renewals as work

    work(database=database, tenant=tenant, all_of_them=all_of_them, as_json=as_json)
