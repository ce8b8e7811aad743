"""SQLite's driver, which runs a short statement where it is asked for, and everything else in a thread.

aiosqlite runs each connection in a thread of its own, and goes there once to make a cursor, once to run the statement,
once for its rows and once to close it. Beside a busy event loop each way there and back waits for the interpreter's
lock, and takes many times as long as the statement. Here a statement that SQLite ends within a bounded number of steps
is run at once, without leaving the loop. One that turns out to be longer, or to wait for a lock, is run in the thread,
and so are all that were long before, what has many parameters, and each commit, which waits for the disk.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self, TypeVar

import aiosqlite

#: So many steps of SQLite's virtual machine are about a millisecond. https://www.sqlite.org/c3ref/progress_handler.html
_STEPS = 10_000

#: More parameters than this are many rows at once.
_MOST_PARAMETERS = 100

#: Of the texts of statements that were long; none more is kept. They are the program's own, not anybody's input.
_MOST_LONG = 1_000

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
        return await self._connection.run(operation, len(parameters), lambda: self._run(operation, parameters))

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
        self._here: str | None = None  # the statement that is run at once
        self._passes = 0  # how often it has made so many steps

    @property
    def driver(self) -> sqlite3.Connection:
        return self._conn

    def cursor(self) -> Any:  # noqa: ANN401 - SQLAlchemy enters it, as it does aiosqlite's
        return _Cursor(self)

    async def run(self, operation: str, parameters: int, statement: Callable[[], _T]) -> _T:
        """Run a statement at once if it is short, else in the connection's thread."""
        if self._sent != self._ended or parameters > _MOST_PARAMETERS or operation in _LONG:
            return await self.there(statement)
        self._here, self._passes = operation, 0
        try:
            return statement()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _NOT_NOW:
                raise
        finally:
            self._here = None
        return await self.there(statement)

    async def there(self, statement: Callable[[], _T]) -> _T:
        """Run it in the connection's thread, which may wait for locks."""
        self._sent += 1

        def patient() -> _T:
            try:
                self.driver.execute(f"PRAGMA busy_timeout = {self.busy:d}").close()
                return statement()
            finally:
                try:
                    self.driver.execute("PRAGMA busy_timeout = 0").close()
                finally:
                    self._ended += 1

        found: _T = await self._execute(patient)  # type: ignore[no-untyped-call]
        return found

    def _passed(self) -> bool:
        """So many steps were made. Whether the statement is to stop."""
        self._passes += 1
        # The first time says nothing: SQLite counts on from what the same statement did when it last ran.
        if self._here is None or self._passes < 2:
            return False
        if len(_LONG) < _MOST_LONG:
            _LONG.add(self._here)
        # What only reads can be run once more. Source: https://www.sqlite.org/c3ref/interrupt.html
        return self._here.startswith("SELECT")

    async def commit(self) -> None:
        await self.there(self.driver.commit)

    async def rollback(self) -> None:
        """Undo what was begun. Where nothing is, as after each commit, there is nothing to do."""
        if self.driver.in_transaction:
            await self.run("ROLLBACK", 0, self.driver.rollback)


#: The statements that took long once.
_LONG: set[str] = set()
