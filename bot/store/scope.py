"""What the queries of one unit of work share: the session, the tenant, the clock, and which database it is."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Dialect, Executable, Row, Update, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.sql.dml import Insert

from bot.clock import Clock

#: A key stands in a unique index, whose rows end at 2,704 bytes in PostgreSQL; a longer one is replaced by its hash.
LONGEST_KEY = 255

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

    connection: AsyncConnection
    tenant_id: str
    clock: Clock
    dialect: Dialect
    claimed: set[str] = field(default_factory=set)  #: the keys of deliveries that this transaction is the first to have
    appended: tuple[int, int] | None = None  #: the numbers of the first and the last event that it has logged
    enqueued: bool = False  #: a job that may run at once was queued: workers are woken after the commit
    opened: AsyncSession | None = None  #: the session, once something has asked for it

    @property
    def session(self) -> AsyncSession:
        """For what goes through the mapping. Many transactions need none, and to make one costs as much as a query."""
        if self.opened is None:
            self.opened = AsyncSession(
                self.connection,
                autoflush=False,
                expire_on_commit=False,
                execution_options={"populate_existing": True, "synchronize_session": False},
            )
        return self.opened

    async def prepared(self, statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
        """Run a statement over tables that was put together once, with what is bound by name.

        To put one together takes several times as long as to run it: so for what each delivery and each job does.
        """
        return await self.connection.execute(statement, values)

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
                await self.connection.execute(statement, rows[first : first + ROWS_AT_ONCE])

    async def forget_thoroughly(self) -> None:
        """Have SQLite write noughts over what is deleted or replaced from here on, which the connection keeps to.

        It costs the few other deletions little. https://www.sqlite.org/pragma.html#pragma_secure_delete
        """
        if self.dialect.name == "sqlite":
            await self.connection.execute(_SECURE_DELETE)
