"""What the queries of one unit of work share: the session, the tenant, the clock, and which database it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    Connection,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Executable,
    Row,
    Text,
    Update,
    bindparam,
    func,
    literal_column,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.dml import Insert

from bot.clock import Clock
from bot.store.databases import ahead_by
from bot.store.drivers import Driver
from bot.store.prepared import RowsFound

#: A key stands in a unique index, whose rows end at 2,704 bytes in PostgreSQL; a longer one is replaced by its hash.
LONGEST_KEY = 255

_CLOCK = select(func.clock_timestamp(type_=DateTime(timezone=True)))

# https://www.postgresql.org/docs/current/functions-admin.html#FUNCTIONS-ADVISORY-LOCKS
_named = func.hashtextextended(bindparam("name", type_=Text()), literal_column("0"))
_LOCK = select(func.pg_advisory_xact_lock(_named))
_TRY_LOCK = select(func.pg_try_advisory_xact_lock(_named))

# https://www.postgresql.org/docs/current/wal-async-commit.html
_NO_WAIT_FOR_THE_DISK = select(func.set_config("synchronous_commit", "off", literal_column("true")))

_SECURE_DELETE = text("PRAGMA secure_delete = ON")

#: So many rows are bound for the driver, or read from it, before others have the event loop: some milliseconds.
ROWS_AT_ONCE = 250


def short_key(key: str) -> str:
    """The key, or its hash where it is too long for an index."""
    if len(key) <= LONGEST_KEY:
        return key
    return "sha256:" + hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


@dataclass(slots=True, kw_only=True)
class Scope:
    """One transaction. Rows are always read from the database, never from an earlier read of the same transaction."""

    driver: Driver
    tenant_id: str
    clock: Clock
    dialect: Dialect
    only_reads: bool = False  #: what is read twice is the same: the database as it was at the first look
    claimed: set[str] = field(default_factory=set)  #: the keys of deliveries that this transaction is the first to have
    appended: tuple[int, int] | None = None  #: the numbers of the first and the last event that it has logged
    finished: set[int] = field(default_factory=set)  #: the numbers of the jobs that this transaction has finished
    enqueued: bool = False  #: a job that may run at once was queued: workers are woken after the commit
    ahead: timedelta | None = None  #: how far the database's clock is ahead, once that was looked at
    opened: AsyncSession | None = None  #: the session, once something has asked for it

    @property
    def session(self) -> AsyncSession:
        """For what goes through the mapping. Many transactions need none, and to make one costs as much as a query."""
        if self.opened is None:
            # It joins a transaction that has begun, and ends none.
            if not self._joined.in_transaction():
                self._joined.begin()
            self.opened = AsyncSession(
                self.connection,
                autoflush=False,
                expire_on_commit=False,
                execution_options={"populate_existing": True, "synchronize_session": False},
            )
        return self.opened

    @property
    def connection(self) -> AsyncConnection:
        """For what goes by SQLAlchemy, and not through the mapping."""
        return self.driver.connection

    @property
    def _joined(self) -> Connection:
        found = self.connection.sync_connection
        assert found is not None  # noqa: S101 - it is connected as long as the transaction lasts
        return found

    async def prepared(self, statement: Executable, values: Mapping[str, Any]) -> RowsFound:
        """Run a statement over columns of tables that stands in the module, with what is bound by name.

        To put one together, and to run it by SQLAlchemy, takes many times as long as the database does: so for what
        each delivery and each job does. See `bot.store.prepared`.
        """
        return await self.driver.run(statement, values)

    async def clock_ahead(self) -> timedelta:
        """How far the database's clock is ahead of this machine's, looked at once. Below a second it counts as not at
        all."""
        if self.dialect.name != "postgresql":
            return timedelta()
        if self.ahead is None:
            there: datetime | None = (await self.prepared(_CLOCK, {})).scalar()
            self.ahead = timedelta() if there is None else ahead_by(there)
        return self.ahead

    async def alone_with(self, name: str) -> None:
        """Wait until this transaction alone has something, until it ends. In SQLite, BEGIN IMMEDIATE has seen to it."""
        if self.dialect.name == "postgresql":
            await self.prepared(_LOCK, {"name": name})

    async def is_alone_with(self, name: str) -> bool:
        """Whether this transaction alone has something, until it ends: nobody is waited for."""
        return self.dialect.name != "postgresql" or bool((await self.prepared(_TRY_LOCK, {"name": name})).scalar())

    async def may_be_lost(self) -> None:
        """Have PostgreSQL commit this transaction without waiting for its disk."""
        if self.dialect.name == "postgresql":
            await self.prepared(_NO_WAIT_FOR_THE_DISK, {})

    async def changed(self, statement: Update | Delete | Insert) -> int:
        """Run a statement that changes rows; how many it changed."""
        result = await self.session.execute(statement)
        return cast("CursorResult[Any]", result).rowcount

    async def rows(self, query: Executable) -> Sequence[Row[*tuple[Any, ...]]]:
        """What a query over columns finds, past the mapping, which costs as much again where rows are thousands."""
        return (await self.connection.execute(query)).all()

    async def many(self, statement: Update | Delete | Insert, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement over a table once for each row, in this transaction, with few calls of the driver's.

        Others have the event loop between them: binding the values of ten thousand rows holds it for a second.
        """
        if rows:
            for first in range(0, len(rows), ROWS_AT_ONCE):
                await self.driver.run_many(statement, rows[first : first + ROWS_AT_ONCE])

    async def forget_thoroughly(self) -> None:
        """Have SQLite write noughts over what is deleted or replaced from here on, which the connection keeps to.

        It costs the few other deletions little. https://www.sqlite.org/pragma.html#pragma_secure_delete
        """
        if self.dialect.name == "sqlite":
            await self.connection.execute(_SECURE_DELETE)
