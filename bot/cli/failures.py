"""How a command that can answer in JSON tells of its failure: to people on stderr, to machines on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from bot.errors import PortcullisError


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
        print(error, file=sys.stderr)
        raise typer.Exit(2) from error
