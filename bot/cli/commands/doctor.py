"""`portcullis doctor`: what can be typed."""

from __future__ import annotations

import typer


def doctor(
    as_json: bool = typer.Option(False, "--json", help="Print a JSON list of what was looked at."),
    what_if: bool = typer.Option(
        False,
        "--what-if",
        help="Also ask the tenant with -WhatIf whether the connection filter could be changed: nothing is, unless the "
        "service ignores that, and then it is taken out again.",
    ),
    write: bool = typer.Option(
        False,
        "--write",
        help="Also add two documentation entries to the tenant's lists (a block of a name under example.com and of an "
        "address of 192.0.2.0/24), read them back and take them out again.",
    ),
    post: bool = typer.Option(
        False, "--post", help="Also post a line to the approval channel and to the alert channel."
    ),
    support: bool = typer.Option(
        False,
        "--support",
        help="Print, instead, one page to send to whoever helps you: versions, settings, counts; no secret, no address "
        "and no person.",
    ),
) -> None:
    """Look at everything that can be looked at, whatever else is wrong. Exit code 1 when anything is.

    Nothing is changed, unless --write says so, and nothing posted, unless --post does.
    """
    from bot.cli.doctor import doctor as work

    work(as_json=as_json, what_if=what_if, write=write, post=post, support=support)
