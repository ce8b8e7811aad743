"""`portcullis parse`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer


def parse(
    texts: Annotated[
        list[str],
        typer.Argument(
            metavar="TEXT...", help="What to read. A single - reads lines from standard input.", show_default=False
        ),
    ],
    *,
    json_: Annotated[
        bool, typer.Option("--json", help="Print one JSON list, an object for each indicator or problem.")
    ] = False,
) -> None:
    """Read indicators the way the bot does, and show their kind, normal form, list and notes.

    Exits with 1 if any text names no indicator.
    """
    from bot.cli.parse import parse as work

    work(texts=texts, json_=json_)
