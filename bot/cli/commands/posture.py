"""`portcullis posture`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson


def posture(
    policies: Annotated[
        str,
        typer.Option(
            "--policies",
            metavar="FILE",
            help="What Get-HostedConnectionFilterPolicy returned, or exported lists, as JSON (- is stdin).",
        ),
    ] = "",
    html: Annotated[
        str, typer.Option("--html", metavar="FILE", help="Write a page to hand to an auditor, and print nothing.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print how each rule of the baseline is met, and what needs looking after. Exit code 1 when a rule isn't met, 2
    when the policies can't be read.

    That somebody looked at the tenant's is an event in the audit log, where the database is at hand.
    """
    from bot.cli.posture import posture as work

    work(policies=policies, html=html, as_json=as_json)
