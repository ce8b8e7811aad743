"""People who type at the same moment, in a process of their own: the stand-ins compute elsewhere."""

from __future__ import annotations

import asyncio
import multiprocessing
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection

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
def typists(sender: Sender, people: int) -> Iterator[Typists]:
    """Started, and ended at the end."""
    context = multiprocessing.get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=_type, args=(its, sender, people), daemon=True)
    process.start()
    its.close()
    try:
        yield Typists(ours)
    finally:
        ours.close()
        process.join(30)


def _type(way: Connection, sender: Sender, people: int) -> None:
    while True:
        try:
            way.recv()
        except (EOFError, ConnectionResetError):  # nobody is there any more
            return
        way.send(asyncio.run(at_once(sender, "/block", _text, people=people)))


def _text(number: int) -> str:
    return f"{secrets.token_hex(6)}.example 30d Phishing wave {number}"
