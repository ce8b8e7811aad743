"""People who type at the same moment, in a process of their own: the stand-ins compute elsewhere."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from tests.bench.apart import apart
from tests.bench.signed_load import Load, Sender, at_once


class Typists:
    """So many people elsewhere."""

    def __init__(self, way: Connection) -> None:
        self._way = way

    async def type(self) -> Load:
        """Each types one `/block`, at once."""
        self._way.send(None)
        found: Load = await asyncio.to_thread(self._way.recv)
        return found


@contextmanager
def typists(people: Sequence[Sender]) -> Iterator[Typists]:
    """Started, and ended at the end."""
    with apart(_type, people) as way:
        yield Typists(way)


def _type(way: Connection, people: Sequence[Sender]) -> None:
    while True:
        try:
            way.recv()
        except (EOFError, ConnectionResetError):  # nobody is there any more
            return
        way.send(asyncio.run(at_once(people, "/block", _text)))


def _text(number: int) -> str:
    return f"{secrets.token_hex(6)}.example 30d Phishing wave {number}"
