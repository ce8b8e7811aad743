"""SQLite's driver, which runs a short statement where it is asked for, and everything else in a thread.

aiosqlite runs each connection in a thread of its own, and goes there once to make a cursor, once to run the statement,
once for its rows and once to close it. Beside a busy event loop each way there and back waits for the interpreter's
lock, and takes many times as long as the statement. Here a statement that SQLite ends within a bounded number of steps
is run at once, without leaving the loop. One that turns out to be longer, or to wait for a lock, is run in the thread,
and so are all that were long before, what has many parameters or large ones, and each commit, which waits for the disk.
What changes or deletes rows shows only once it has run how many there are, or how large: it begins in the thread.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

#: So many steps of SQLite's virtual machine are about a millisecond. https://www.sqlite.org/c3ref/progress_handler.html
_STEPS = 10_000

#: More parameters than this are many rows at once.
_MOST_PARAMETERS = 100

#: A text of more characters, or a value of more bytes, takes a while to be bound and written.
_LARGE = 64 * 1024

#: More than this that was bound to its statements, in characters and bytes, is too much for a connection to hold on to.
_MOST_HELD = 1024 * 1024

#: What has kept the processor for so many seconds is long, in however few steps: a large value takes one. Nor do short
#: statements hold the loop for longer.
_A_WHILE = 0.01

#: Of the texts of statements so many are kept, and none more. They are the program's own, not anybody's input.
_MOST_KEPT = 1_000

#: What was long is run so many times in the thread without being long again before it counts as short.
_TIMES_LATER = 100

#: What such a statement does isn't known before it has run once.
_UNKNOWN_BEFORE = ("UPDATE", "DELETE", "WITH")

#: What begins with its own tables reads, unless one of these words stands in it.
_CHANGES = re.compile(r"\b(?:INSERT|REPLACE|UPDATE|DELETE)\b", re.IGNORECASE)

#: What says that a statement had to wait, or took too long, and changed nothing.
_NOT_NOW = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT})

#: So many rows are read at once; where there are more, there may be very many.
_ROWS = 200

_T = TypeVar("_T")


def connect(uri: str, *, busy_seconds: float) -> aiosqlite.Connection:
    """A connection to be awaited, for `create_async_engine`. Transactions are begun and ended by whoever uses it.

    `uri` says how the file is opened, see https://www.sqlite.org/uri.html; a lock that somebody else holds is waited
    for so many seconds, or for what `wait_for_locks` says later.
    """
    return _Connection(uri, busy_seconds)


def wait_for_locks(connection: object, milliseconds: int) -> None:
    """Let each lock that somebody else holds be waited for so long, by the driver's connection."""
    if isinstance(connection, _Connection):
        connection.busy = milliseconds


def holds_much(connection: object) -> bool:
    """Whether the driver's connection holds on to much of what it was given. It goes only with the connection.

    A statement that Python keeps for the next time keeps what was bound to it: of a full list that is megabytes.
    Source: https://www.sqlite.org/c3ref/clear_bindings.html (nothing else takes them back, and Python doesn't call it)
    """
    return isinstance(connection, _Connection) and connection.held > _MOST_HELD


async def ran(connection: object, operation: str, parameters: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """Run a statement on the driver's connection: its rows, and how many it has changed."""
    assert isinstance(connection, _Connection)  # noqa: S101 - what `connect` gave
    cursor = _Cursor(connection)
    await cursor.execute(operation, parameters)
    return await cursor.fetchall(), cursor.rowcount


async def ran_many(connection: object, operation: str, parameters: Iterable[Sequence[Any]]) -> None:
    """Run one that gives no rows once for each of some parameters, in the connection's thread."""
    assert isinstance(connection, _Connection)  # noqa: S101 - what `connect` gave
    await _Cursor(connection).executemany(operation, parameters)


def rolled_back_at_once(connection: object) -> bool:
    """Undo what has only read, here and now; False where something is still under way in the connection's thread."""
    assert isinstance(connection, _Connection)  # noqa: S101 - what `connect` gave
    if not connection.is_idle:
        return False
    try:
        connection.driver.rollback()
    except sqlite3.Error:
        return False
    return True


class _Cursor:
    """What SQLAlchemy asks of an asynchronous cursor. The first rows are here when the statement has run; others are
    fetched in the connection's thread.
    """

    arraysize = 1

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._cursor: sqlite3.Cursor | None = None  # as long as it has more rows
        self._rows: deque[Any] = deque()
        self.description: Sequence[Sequence[Any]] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, operation: str, parameters: Sequence[Any] = ()) -> Self:
        return await self._connection.run(operation, parameters, lambda: self._run(operation, parameters))

    async def executemany(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        return await self._connection.there(lambda: self._run_many(operation, parameters))

    def _run(self, operation: str, parameters: Sequence[Any]) -> Self:
        return self._keep(self._connection.driver.execute(operation, parameters))

    def _run_many(self, operation: str, parameters: Iterable[Sequence[Any]]) -> Self:
        return self._keep(self._connection.driver.executemany(operation, parameters))

    def _keep(self, cursor: sqlite3.Cursor) -> Self:
        self.description, self.lastrowid = cursor.description, cursor.lastrowid
        self._cursor = cursor
        self._fetch(0 if cursor.description is None else _ROWS)
        return self

    def _fetch(self, rows: int | None) -> None:
        """Fetch so many of its rows, or all, and close it where there are no more."""
        if self._cursor is None:
            return
        try:
            found = self._cursor.fetchall() if rows is None else self._cursor.fetchmany(rows)
        except BaseException:
            self._end()
            raise
        self._rows.extend(found)
        if rows is None or len(found) < rows or not rows:
            # What RETURNING gives counts only once it was read.
            self.rowcount = self._cursor.rowcount
            self._end()

    def _end(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor is not None:
            cursor.close()

    async def fetchone(self) -> Any | None:  # noqa: ANN401 - a row, as SQLite has it
        found = await self.fetchmany(1)
        return found[0] if found else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        wanted = self.arraysize if size is None else size
        if len(self._rows) < wanted and self._cursor is not None:
            await self._connection.there(lambda: self._fetch(wanted - len(self._rows)))
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchall(self) -> Sequence[Any]:
        if self._cursor is not None:
            await self._connection.there(lambda: self._fetch(None))
        rows, self._rows = self._rows, deque()
        return rows

    async def close(self) -> None:
        if self._cursor is not None:
            await self._connection.there(self._end)


class _Connection(aiosqlite.Connection):
    def __init__(self, uri: str, busy_seconds: float) -> None:
        def opened() -> sqlite3.Connection:
            made = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
            made.set_progress_handler(self._passed, _STEPS)
            return made

        super().__init__(opened, iter_chunk_size=64)
        self._thread.daemon = True  # as SQLAlchemy has it: a process that ends waits for no database
        self.busy = int(busy_seconds * 1000)
        # What was sent to the thread, counted by the loop; and what has ended there, counted by the thread, also where
        # nobody waited for it any more.
        self._sent = self._ended = 0
        self.held = 0  # of what was bound to statements, in characters and bytes: what is large
        self._here: str | None = None  # the statement that is run at once
        self._passes = 0  # how often it has made so many steps
        self._held_since: float | None = None  # since when nobody else has had the loop, by its clock
        self._ends: asyncio.Future[Any] | None = None  # when the thread has ended

    @property
    def driver(self) -> sqlite3.Connection:
        return self._conn

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way in its thread."""
        return self._sent == self._ended

    def cursor(self) -> Any:  # noqa: ANN401 - SQLAlchemy enters it, as it does aiosqlite's
        return _Cursor(self)

    async def run(self, operation: str, parameters: Sequence[Any], statement: Callable[[], _T]) -> _T:
        """Run a statement at once if it is short, else in the connection's thread."""

        def watched() -> _T:
            # By the processor's time of this thread: how busy the machine is with others says nothing.
            began = time.thread_time()
            try:
                return statement()
            finally:
                if time.thread_time() - began > _A_WHILE:
                    _note_long(operation)

        large = _large(parameters)
        self.held += large
        is_much = large > 0 or len(parameters) > _MOST_PARAMETERS
        if not self.is_idle or not _is_known_as_short(operation) or is_much:
            return await self.there(watched)
        await self._let_others_go_on()
        self._here, self._passes = operation, 0
        try:
            return watched()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NOT_NOW:
                raise
        finally:
            self._here = None
        return await self.there(watched)

    async def _let_others_go_on(self) -> None:
        """Give others the loop now and then: who runs one statement after the other waits for nothing else."""
        loop = asyncio.get_running_loop()
        if self._held_since is None:
            self._held_since = loop.time()
            loop.call_soon(self._others_went_on)
        elif loop.time() - self._held_since > _A_WHILE:
            self._held_since = None
            await asyncio.sleep(0)

    def _others_went_on(self) -> None:
        self._held_since = None

    async def there(self, statement: Callable[[], _T]) -> _T:
        """Run it in the connection's thread, which may wait for locks."""
        self._sent += 1

        def counted() -> _T:
            try:
                return self._patiently(statement)
            finally:
                self._ended += 1

        found: _T = await self._execute(counted)  # type: ignore[no-untyped-call]
        return found

    def _patiently(self, statement: Callable[[], _T]) -> _T:
        try:
            self.driver.execute(f"PRAGMA busy_timeout = {self.busy:d}").close()
            return statement()
        finally:
            self.driver.execute("PRAGMA busy_timeout = 0").close()

    def _passed(self) -> bool:
        """So many steps were made. Whether the statement is to stop."""
        self._passes += 1
        # The first time says nothing: SQLite counts on from what the same statement did when it last ran.
        if self._here is None or self._passes < 2:
            return False
        _note_long(self._here)
        # What only reads can be run once more. Source: https://www.sqlite.org/c3ref/interrupt.html
        return _only_reads(self._here)

    async def commit(self) -> None:
        """Commit in the thread. Whoever has written waits for no lock any more, but where the file has no WAL: what
        says how long to wait is said only then, since saying it takes as long as the commit.
        """
        self._sent += 1

        def committed() -> None:
            try:
                self.driver.commit()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF not in _NOT_NOW:
                    raise
                # It is as it was before: https://www.sqlite.org/lang_transaction.html
                self._patiently(self.driver.commit)
            finally:
                self._ended += 1

        await self._execute(committed)  # type: ignore[no-untyped-call]

    async def rollback(self) -> None:
        """Undo what was begun, or still may be in the thread; nothing where nothing is, as after each commit."""
        if not self.is_idle or self.driver.in_transaction:
            await self.run("ROLLBACK", (), self.driver.rollback)

    def stop(self) -> asyncio.Future[Any] | None:
        """End the thread. One that was told to end already answers that once, for all who ask."""
        if self._running:
            self._ends = super().stop()
        return self._ends


#: The statements that took long, and how often each is run in the thread from now on before it is run at once again:
#: one that Python looked for garbage in the midst of was not long itself.
_LONG: dict[str, int] = {}

#: Those that begin in the thread and have begun there.
_BEGUN: set[str] = set()


def _note_long(operation: str) -> None:
    if operation in _LONG or len(_LONG) < _MOST_KEPT:
        _LONG[operation] = _TIMES_LATER


def _is_known_as_short(operation: str) -> bool:
    """Whether a statement may be run at once this time."""
    if (times := _LONG.pop(operation, 0)) > 0:
        if times > 1:
            _LONG[operation] = times - 1
        return False
    if operation in _BEGUN or not operation.startswith(_UNKNOWN_BEFORE):
        return True
    if len(_BEGUN) < _MOST_KEPT:
        _BEGUN.add(operation)
    return False


def _only_reads(operation: str) -> bool:
    """Whether a statement changes nothing, for certain."""
    return operation.startswith("SELECT") or (operation.startswith("WITH") and _CHANGES.search(operation) is None)


def _large(parameters: Sequence[Any]) -> int:
    """How large those of these are that take a while, in characters and bytes."""
    sizes = [len(value) for value in parameters if isinstance(value, str | bytes | memoryview)]
    return sum(size for size in sizes if size > _LARGE)
