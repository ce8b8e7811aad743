"""A way to PostgreSQL that can go wrong: silent, cut, refused or slow, for all or from a certain message on.

`async with DatabaseProxy(server) as proxy:` listens on a loopback port, and passes on what comes. What is asked of it
holds for connections that stand and for new ones, until `heal`.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.postgres import PostgresServer


class Fault(Enum):
    """What goes wrong with a connection."""

    SILENT = "silent"  #: nothing is passed on any more, in neither direction
    CUT = "cut"  #: the connection ends


class DatabaseProxy:
    """The proxy, for databases of one server."""

    def __init__(self, server: PostgresServer) -> None:
        self._socket = Path(server.folder) / ".s.PGSQL.5432"
        self._listening: asyncio.Server | None = None
        self._port = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._all: Fault | None = None
        self._marked: tuple[bytes, Fault, bool] | None = None
        self._once_seen = b""
        #: Set once a message with the mark has come by, or a connection that is to be silent.
        self.struck = asyncio.Event()
        #: How long everything is held up, in seconds.
        self.delay = 0.0

    def url(self, database: str) -> str:
        """The address of a database by way of the proxy."""
        return f"postgresql://postgres@127.0.0.1:{self._port}/{database}"

    def strike(self, fault: Fault) -> None:
        """Let all connections go wrong, those that stand and those to come."""
        self._all = fault
        if fault is Fault.CUT:
            self._cut_all()

    def strike_at(self, mark: bytes, fault: Fault, *, passed: bool, once_seen: bytes = b"") -> None:
        """Let a connection go wrong at the first message that holds the mark, and all others with it.

        Whether the message still reaches the server is said by `passed`; its answer never comes back. The mark counts
        only behind a message of the same connection that holds `once_seen`.
        """
        self._once_seen = once_seen
        self._marked = (mark, fault, passed)

    async def refuse(self) -> None:
        """Take no connections, and end those that stand."""
        await self._stop_listening()
        self._cut_all()

    async def heal(self) -> None:
        """Pass on everything again. What was silent stays so, as a connection does that a firewall has forgotten."""
        self._all, self._marked, self.delay = None, None, 0.0
        self.struck.clear()
        if self._listening is None:
            self._listening = await asyncio.start_server(self._take, "127.0.0.1", self._port)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        if self._all is Fault.CUT:
            writer.close()
            return
        there, back = await asyncio.open_unix_connection(str(self._socket))
        self._writers.add(back)
        line = _Line()
        for source, target, outward in ((reader, back, True), (there, writer, False)):
            task = asyncio.create_task(self._pass_on(source, target, line, outward=outward))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, line: _Line, *, outward: bool
    ) -> None:
        with suppress(ConnectionError, asyncio.CancelledError):
            while data := await source.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                line.is_ready = line.is_ready or (bool(self._once_seen) and self._once_seen in data)
                if outward and self._is_marked(line, data):
                    self._strike_at_mark(line)
                    if line.is_last_message_passed:
                        target.write(data)
                        continue
                if self._all is Fault.CUT:
                    self.struck.set()
                    self._cut_all()
                elif line.is_silent or self._all is Fault.SILENT:
                    line.is_silent = True
                    self.struck.set()
                else:
                    target.write(data)
                    await target.drain()
        target.close()

    def _is_marked(self, line: _Line, data: bytes) -> bool:
        return self._marked is not None and self._marked[0] in data and (line.is_ready or not self._once_seen)

    def _strike_at_mark(self, line: _Line) -> None:
        """From here on nothing is passed on, but for this message itself: then its answer is what is held back."""
        assert self._marked is not None
        _, self._all, line.is_last_message_passed = self._marked
        self._marked = None

    def _cut_all(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.close()
            self._listening = None

    async def __aenter__(self) -> Self:
        self._listening = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self._port = self._listening.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop_listening()
        self._cut_all()
        for task in [*self._tasks]:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _Line:
    """One connection through the proxy."""

    def __init__(self) -> None:
        self.is_silent = False
        self.is_ready = False
        self.is_last_message_passed = False
