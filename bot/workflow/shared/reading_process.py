"""Reads what was given to an import in a process of its own.

A large or hostile file may take seconds of computing, and much memory. In a thread it would slow every acknowledgement
that Slack waits for; in a process it slows nothing, can be ended when it takes too long, and may have only so much
memory. The process is started with the first import, reads one after the other, and is started anew when it has died.

This module is what the process imports: it stays light.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Protocol

import structlog

from bot.domain.reading.import_reading import Given, ImportReading, read_import
from bot.domain.reading.listed import Listed
from bot.errors import InvalidInput, ReadingFailed

_log = structlog.get_logger(__name__)

#: So long may reading one import take, in seconds: the worst that fits into one takes a few.
READ_WITHIN = 60.0
#: So long may the process take to start, in seconds: a busy machine is no fault of the import.
_START_WITHIN = 120.0
#: How often it is looked whether what nobody waits for any more has ended, in seconds.
_BETWEEN_LOOKS = 0.02
#: So much memory may reading take, in bytes, beside what the process has at its start. Where the platform can say so.
MOST_MEMORY = 1024 * 1024 * 1024

_REMEDY = "Give it as plain text or CSV, or split it; if that doesn't help, tell whoever runs Portcullis."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOrder:
    """What is to be read, and how: what `bot.domain.reading.import_reading.read_import` takes."""

    given: Given
    today: date
    accepted_domains: frozenset[str] = frozenset()
    listed: Listed | None = None
    column: str = ""
    take_ends: bool = False

    def carry_out(self) -> ImportReading:
        """Read it. Raises InvalidInput."""
        return read_import(
            self.given,
            today=self.today,
            accepted_domains=self.accepted_domains,
            listed=self.listed,
            column=self.column,
            take_ends=self.take_ends,
        )


class ReadsImports(Protocol):
    """Whatever reads an import without keeping the event loop from its work."""

    async def read(self, order: ReadingOrder) -> ImportReading:
        """Raises InvalidInput for what can't be read, and ReadingFailed where that isn't the fault of who gave it."""
        ...

    def close(self) -> None:
        """Nothing is read any more."""
        ...


class ReadInThread:
    """For the command line, whose process does nothing else."""

    async def read(self, order: ReadingOrder) -> ImportReading:
        """Raises InvalidInput."""
        return await asyncio.to_thread(order.carry_out)

    def close(self) -> None:
        """There is nothing to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reader:
    """The process, and the way to it."""

    process: SpawnProcess
    way: Connection

    def stop(self) -> None:
        """End the process, whatever it does, and wait until it is gone. Whoever waits for its answer gets none."""
        self.process.kill()
        self.process.join()

    def end(self) -> None:
        """The same, and close the way to it: once, by who used it last, as its number may be another's after that."""
        self.stop()
        self.way.close()


class ReadingProcess:
    """Reads imports in one process, one at a time. Construction starts nothing; `close()` when done."""

    def __init__(self, *, within: float = READ_WITHIN, most_memory: int = MOST_MEMORY) -> None:
        self._within = within
        self._most_memory = most_memory
        self._turn = asyncio.Lock()
        self._reader: _Reader | None = None

    @property
    def pid(self) -> int | None:
        """The process's number; None while there is none."""
        return self._reader.process.pid if self._reader is not None else None

    async def read(self, order: ReadingOrder) -> ImportReading:
        """Read an import.

        Raises InvalidInput for what can't be read, and ReadingFailed when the process died over it or took too long.
        """
        async with self._turn:
            reading = asyncio.ensure_future(asyncio.to_thread(self._read, order))
            try:
                return await asyncio.shield(reading)
            except asyncio.CancelledError:
                await self._abandon(reading)
                raise

    def close(self) -> None:
        """End the process. What it was reading fails."""
        if self._reader is None:
            return
        if self._turn.locked():
            self._reader.stop()  # whoever waits for its answer ends it
        else:
            self._end_last()

    def _end_last(self) -> None:
        """End the process that is left, if one is, when nobody waits for its answer."""
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.end()

    async def _abandon(self, reading: asyncio.Future[ImportReading]) -> None:
        """End the process, also one that is only being started: its answer would be taken for that to the next.

        That goes to its end however often whoever waits is told to stop: only then is it the next one's turn.
        """
        while not reading.done():
            self.close()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([reading], timeout=_BETWEEN_LOOKS)
        self._end_last()
        if not reading.cancelled():
            reading.exception()  # nobody asks for it any more

    def _read(self, order: ReadingOrder) -> ImportReading:
        reader = self._reader or self._start()
        try:
            reader.way.send(order)
            if not reader.way.poll(self._within):
                raise self._failed(reader, f"it took longer than {self._within:g} seconds")
            answer = reader.way.recv()
        except (EOFError, OSError):
            raise self._failed(reader, "what reads it ended without an answer") from None
        if isinstance(answer, ImportReading):
            return answer
        if isinstance(answer, InvalidInput | ReadingFailed):
            raise answer
        raise self._failed(reader, f"what reads it stumbled over it ({answer})")

    def _start(self) -> _Reader:
        context = multiprocessing.get_context("spawn")
        ours, its = context.Pipe()
        process = context.Process(
            target=_serve, args=(its, self._within, self._most_memory), name="import-reader", daemon=True
        )
        process.start()
        its.close()
        self._reader = reader = _Reader(process=process, way=ours)
        with suppress(EOFError, OSError):
            if ours.poll(_START_WITHIN) and ours.recv() == _READY:
                return reader
        raise self._failed(reader, "what reads imports could not be started")

    def _failed(self, reader: _Reader, why: str) -> ReadingFailed:
        """Done with this process: the next import gets another one."""
        if self._reader is reader:
            self._reader = None
        with suppress(OSError, ValueError):
            reader.end()
        _log.warning("imports.reader_ended", why=why, exit_code=reader.process.exitcode)
        return ReadingFailed(f"The import could not be read: {why}. Nothing was requested by it.", _REMEDY)


_READY = "ready"


def _serve(way: Connection, within: float, most_memory: int) -> None:
    """What the process does: reads what it is given, until nobody is there to give it anything."""
    # Ctrl-C goes to all processes of a terminal: the bot ends this one when its own work is done.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory(most_memory)
    with suppress(EOFError, OSError):
        way.send(_READY)
        while True:
            order: ReadingOrder = way.recv()
            with _ended_after(within):
                answer = _answer(order)
            way.send(answer)


def _answer(order: ReadingOrder) -> ImportReading | InvalidInput | ReadingFailed | str:
    """The reading, or the error for the person; or, where only the log may know, the name of what went wrong."""
    try:
        return order.carry_out()
    except InvalidInput as error:
        return error
    except MemoryError:
        return ReadingFailed("The import could not be read: it takes too much memory.", _REMEDY)
    except Exception as error:  # noqa: BLE001 - told, and the process goes on
        return type(error).__name__


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Have the system end the process when it computes for longer, also when nobody waits for it any more."""
    signal.alarm(int(seconds) + 10)
    try:
        yield
    finally:
        signal.alarm(0)


def _bound_memory(most: int) -> None:
    """Let the process have so much more memory than it has now. Not every platform can bound it."""
    try:
        import resource  # noqa: PLC0415 - not on every platform

        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (pages * os.sysconf("SC_PAGE_SIZE") + most, hard))
    except (ImportError, OSError, ValueError):
        _log.info("imports.memory_not_bounded")
