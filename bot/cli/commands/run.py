"""`portcullis run`: what can be typed."""

from __future__ import annotations

from bot.garbage import unlooked_for


def run() -> None:
    """Run until SIGTERM or SIGINT. Missing or wrong settings: a line each on stderr, exit code 2.

    Exit code 1 where starting it again can help: a database that can't be reached or that another process serves, and
    what nobody foresaw, which ends in the log like everything else.
    """
    with unlooked_for():
        from bot.cli.run import run as work

    work()
