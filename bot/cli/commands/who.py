"""`portcullis who`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson


def who(
    user: Annotated[str, typer.Argument(metavar="U…", help="A member's id, from their profile in Slack.")],
    as_json: AsJson = False,
) -> None:
    """Print it in short, and list by list where it isn't the same for all. Nothing is changed.

    Exit code 2 for an id that Slack doesn't know, and where Slack or the database can't be reached.
    """
    from bot.cli.who import who as work

    work(user=user, as_json=as_json)
