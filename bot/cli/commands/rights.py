"""`portcullis rights`: what can be typed."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.options import AsJson


def rights(
    as_json: AsJson = False,
    powershell: Annotated[
        bool, typer.Option("--powershell", help="Print the lines of PowerShell that give each right.")
    ] = False,
) -> None:
    """Say which rights the settings need, what each buys, and which are off. Nobody is asked, and nothing is changed.

    What --json prints is what the files in deploy/ read. Exit code 2 for settings that can't be read.
    """
    from bot.cli.rights import rights as work

    work(as_json=as_json, powershell=powershell)
