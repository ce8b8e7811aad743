"""`portcullis trace`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson, Database, RecordsOf


def trace(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="REFERENCE",
            help="The reference that somebody was told, a request (7, or '#7' in quotes), a job (job-12), or the "
            "client-request-id of a call to the tenant, which only a log knows.",
        ),
    ],
    log: Annotated[str, typer.Option(metavar="FILE", help="Also its lines of a log; `-` is standard input.")] = "",
    database: Database = "",
    tenant: RecordsOf = "",
    as_json: AsJson = False,
) -> None:
    """Print what is known of it: requests, deliveries, events, jobs, and the lines of a log. Changes nothing.

    Who looked is an event in the audit log. Exit code 1: nothing is known of it.
    """
    from bot.cli.trace import trace as work

    work(reference=reference, log=log, database=database, tenant=tenant, as_json=as_json)
