"""`portcullis jobs`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database
from bot.cli.plain_flags import PlainCommand, PlainGroup

app = typer.Typer(cls=PlainGroup, add_completion=False, no_args_is_help=True)

Tenant = Annotated[
    str,
    typer.Option(
        "--tenant",
        envvar="PORTCULLIS_TENANT_ID",
        metavar="ID",
        help="Whose jobs, of several tenants.",
    ),
]


@app.command("list", cls=PlainCommand)
def list_jobs(
    database: Database = "",
    tenant: Tenant = "",
    as_json: AsJson = False,
) -> None:
    """Print the jobs that were given up, newest first, then those that wait or are under way. Changes no job.

    Who looked is an event in the audit log.
    """
    from bot.cli.jobs import list_jobs as work

    work(database=database, tenant=tenant, as_json=as_json)


@app.command("retry", cls=PlainCommand)
def retry(
    ids: Annotated[list[int], typer.Argument(metavar="ID…", help="The jobs' numbers, as the list shows them.")],
    database: Database = "",
    tenant: Tenant = "",
) -> None:
    """Queue jobs again that were given up, with all their attempts before them. Exit code 1: one wasn't given up.

    Who did so is an event in the audit log.
    """
    from bot.cli.jobs import retry as work

    work(ids=ids, database=database, tenant=tenant)
