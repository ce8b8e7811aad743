"""How a command that can answer in JSON tells of its failure: to people on stderr, to machines on stdout."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.errors import PortcullisError, StoreError


def for_operator(error: PortcullisError) -> str:
    """The error's text; with where the database is, which nobody else is told."""
    return f"{error} (Database: {error.where})" if isinstance(error, StoreError) and error.where else str(error)


def print_error(text: str) -> None:
    """Print an error's text on standard error, for people."""
    # Imported here: what ends well, `--version` for one, doesn't wait for what lays text out.
    from bot.cli.terminal import say_on_stderr  # noqa: PLC0415

    say_on_stderr(text)


@contextmanager
def told(*, as_json: bool) -> Iterator[None]:
    """End the command with exit code 2 when an error of our own comes out of the block.

    With `as_json`, `{"error": …}` goes to stdout as well, so that what reads the answer never meets an empty one.
    """
    try:
        yield
    except PortcullisError as error:
        if as_json:
            print(json.dumps({"error": str(error)}))
        print_error(for_operator(error))
        raise typer.Exit(2) from error
