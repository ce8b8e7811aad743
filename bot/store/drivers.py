"""One connection's driver: where a transaction begins and ends, and where prepared statements run.

What goes through SQLAlchemy's mapping runs in the same transaction, on the same connection. SQLAlchemy begins and ends
none of its own there: each way through its layers costs more than most statements, and PostgreSQL a round trip.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable
from sqlalchemy.exc import IntegrityError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.aside import aside
from bot.errors import StoreError
from bot.store import sqlite_driver
from bot.store.engines import is_same_file
from bot.store.failures import connection_errors, database_errors, is_collision, is_postgresql_error, store_error
from bot.store.prepared import RowsFound, for_driver

if TYPE_CHECKING:
    import asyncpg


class Driver(ABC):
    """The driver of one connection that SQLAlchemy's pool has given out, for one transaction."""

    def __init__(self, connection: AsyncConnection, *, taken_at: float) -> None:
        self.connection = connection
        self.taken_at = taken_at  #: out of the pool, by the loop's clock
        self._dialect = connection.dialect
        self._is_in_doubt = False
        self._was_silent = False

    @property
    def is_gone(self) -> bool:
        """Whether the connection is of no more use."""
        return self._is_in_doubt or self.connection.invalidated

    @property
    def is_whole(self) -> bool:
        """Whether another transaction can begin on it, as far as can be told without asking the database."""
        return not self.is_gone and not self.connection.closed and not self._is_stale()

    async def begin(self, *, writes: bool, busy_milliseconds: int) -> None:
        """Begin the transaction; for each lock that somebody else holds it waits so long."""
        try:
            await self._begin(writes=writes, busy_milliseconds=busy_milliseconds)
        except BaseException as error:
            self._note(error)
            raise

    async def commit(self) -> None:
        """Commit it. Raises InvalidRequestError where it had failed before, and there was nothing to be committed."""
        try:
            await self._commit()
        except BaseException as error:
            self._note(error)
            raise

    async def run(self, statement: Executable, values: Mapping[str, Any]) -> RowsFound:
        """Run a statement that was made once, with what is bound by name."""
        made = for_driver(statement, values, self._dialect)
        parameters = made.parameters(values)
        try:
            rows, rowcount = await self._run(made.text, parameters, gives_rows=made.gives_rows)
        except BaseException as error:
            self._note(error)
            raise
        return await aside(len(rows), made.found, rows, rowcount)

    async def run_many(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run one that gives nothing back once for each of some rows, which have the same columns."""
        made = for_driver(statement, rows[0], self._dialect)
        parameters = [made.parameters(row) for row in rows]
        try:
            if len(parameters) == 1:
                await self._run(made.text, parameters[0], gives_rows=made.gives_rows)
            else:
                await self._run_many(made.text, parameters)
        except BaseException as error:
            self._note(error)
            raise

    async def give_back(self, keep: Callable[[Driver], bool]) -> None:
        """Undo what wasn't committed, and give the connection back: to `keep`, or to the pool where that refuses it.
        One that is in doubt is given up, and where the database was silent all that were opened before: they are in
        doubt too.
        """
        if self._was_silent:
            await self._make_known()
        if self.is_gone:
            await self.connection.invalidate()
        else:
            await self._undo()
            if self.connection.in_transaction():
                await self.connection.rollback()  # SQLAlchemy's own side of it
            if self._holds_much():
                await self.connection.invalidate()
            elif keep(self):
                return
        await self.connection.close()

    def undo_at_once(self) -> bool:
        """Undo a transaction that has changed nothing, without waiting for anything; False where that can't be."""
        return False

    @abstractmethod
    async def _begin(self, *, writes: bool, busy_milliseconds: int) -> None: ...

    @abstractmethod
    async def _commit(self) -> None: ...

    @abstractmethod
    async def _run(self, text: str, parameters: Sequence[Any], *, gives_rows: bool) -> tuple[Sequence[Any], int]:
        """The rows that it gives, and how many it has changed."""

    @abstractmethod
    async def _run_many(self, text: str, parameters: Sequence[Sequence[Any]]) -> None: ...

    @abstractmethod
    async def _undo(self) -> None:
        """Undo what was begun, if anything was."""

    async def _make_known(self) -> None:
        """Have SQLAlchemy find out that the connection is gone: with it go all that were opened before."""
        return

    def _cut(self) -> None:
        """End a connection that is in the midst of something."""
        return

    def _is_closed(self) -> bool:
        return False

    def _holds_much(self) -> bool:
        """Whether the connection takes more memory than a new one would take time."""
        return False

    @abstractmethod
    def _is_stale(self) -> bool:
        """Whether the connection no longer leads to the database."""

    def _note(self, error: BaseException) -> None:
        """Note a connection that didn't answer, or that nobody waits for any more. Raises IntegrityError for what
        either database calls so, and StoreError for what isn't the library's own error: nobody takes it for theirs.
        """
        if is_postgresql_error(error):
            # It repeats values that people typed, and a trace would show them.
            error.detail = None  # type: ignore[attr-defined]
        if is_collision(error):
            # Without the statement and what was bound: these are what people typed.
            raise IntegrityError(None, None, error) from error
        if isinstance(error, asyncio.CancelledError):
            self._is_in_doubt = True
            self._cut()
        elif isinstance(error, database_errors()):
            self._was_silent = self._is_closed()
            self._is_in_doubt = self._is_in_doubt or self._was_silent
        elif isinstance(error, connection_errors()):
            self._is_in_doubt = self._was_silent = True
            self._cut()
            raise store_error(error, self.connection.engine.url) from error


class SqliteDriver(Driver):
    """SQLite's, see `bot.store.sqlite_driver`."""

    def __init__(self, connection: AsyncConnection, *, taken_at: float) -> None:
        super().__init__(connection, taken_at=taken_at)
        self._driver: Any = _driver_of(connection)
        self._changes = 0

    async def _begin(self, *, writes: bool, busy_milliseconds: int) -> None:
        """A transaction that starts by reading and then writes can't wait for another writer: it fails at once. So a
        writer says so at the start. https://www.sqlite.org/lang_transaction.html
        """
        sqlite_driver.wait_for_locks(self._driver, busy_milliseconds)
        self._changes = self._driver.total_changes
        await sqlite_driver.ran(self._driver, "BEGIN IMMEDIATE" if writes else "BEGIN", ())

    async def _commit(self) -> None:
        """Where no row was changed there is nothing to wait for. What changes tables is for migrations, which have
        connections of their own: here it would be taken back.
        """
        self._demand_transaction()
        if self._driver.total_changes == self._changes:
            await self._driver.rollback()
        else:
            await self._driver.commit()

    async def _run(self, text: str, parameters: Sequence[Any], *, gives_rows: bool) -> tuple[Sequence[Any], int]:  # noqa: ARG002
        self._demand_transaction()
        return await sqlite_driver.ran(self._driver, text, parameters)

    async def _run_many(self, text: str, parameters: Sequence[Sequence[Any]]) -> None:
        self._demand_transaction()
        await sqlite_driver.ran_many(self._driver, text, parameters)

    async def _undo(self) -> None:
        await self._driver.rollback()

    def undo_at_once(self) -> bool:
        if self.is_gone or self.connection.in_transaction() or self._driver.total_changes != self._changes:
            return False
        if self._holds_much():
            return False
        return sqlite_driver.rolled_back_at_once(self._driver)

    def _holds_much(self) -> bool:
        return sqlite_driver.holds_much(self._driver)

    def _is_stale(self) -> bool:
        return not is_same_file(self.connection)

    def _demand_transaction(self) -> None:
        """A disk that is full or fails may end it, and each statement after that would be committed by itself. Raises
        InvalidRequestError. https://www.sqlite.org/lang_transaction.html
        """
        if not self._driver.in_transaction:
            raise InvalidRequestError("The transaction had ended before it was committed.")


class PostgresDriver(Driver):
    """PostgreSQL's, asyncpg, which keeps what each connection has prepared."""

    def __init__(self, connection: AsyncConnection, *, taken_at: float) -> None:
        super().__init__(connection, taken_at=taken_at)
        self._driver: asyncpg.Connection = _driver_of(connection)

    async def _begin(self, *, writes: bool, busy_milliseconds: int) -> None:
        """One word to the database: it begins, and says how long a lock is waited for."""
        kind = "" if writes else " ISOLATION LEVEL REPEATABLE READ READ ONLY"
        await self._driver.execute(f"BEGIN{kind}; SET LOCAL lock_timeout = {busy_milliseconds:d}")

    async def _commit(self) -> None:
        said = await self._driver.execute("COMMIT;")
        if said != "COMMIT":
            raise InvalidRequestError("The transaction had failed before it was committed.")

    async def _run(self, text: str, parameters: Sequence[Any], *, gives_rows: bool) -> tuple[Sequence[Any], int]:
        if gives_rows:
            rows = await self._driver.fetch(text, *parameters)
            return rows, len(rows)
        said = await self._driver.execute(text, *parameters)
        number = said.rpartition(" ")[2]
        return (), int(number) if number.isdigit() else -1

    async def _run_many(self, text: str, parameters: Sequence[Sequence[Any]]) -> None:
        await self._driver.executemany(text, parameters)

    async def _undo(self) -> None:
        if self._driver.is_in_transaction():
            await self._driver.execute("ROLLBACK;")

    async def _make_known(self) -> None:
        with suppress(*connection_errors(StoreError)):
            await self.connection.exec_driver_sql("SELECT 1")

    def _cut(self) -> None:
        self._driver.terminate()

    def _is_closed(self) -> bool:
        return bool(self._driver.is_closed())

    def _is_stale(self) -> bool:
        return self._is_closed()


def driver_of(connection: AsyncConnection, *, taken_at: float) -> Driver:
    """The driver of a connection that was just taken."""
    kind = SqliteDriver if connection.dialect.name == "sqlite" else PostgresDriver
    return kind(connection, taken_at=taken_at)


def _driver_of(connection: AsyncConnection) -> Any:  # noqa: ANN401 - the driver's own
    sync = connection.sync_connection
    assert sync is not None  # noqa: S101 - it was just connected
    return sync.connection.driver_connection
