"""PostgreSQL databases that tests take and give back: copied once, emptied many times.

To copy a database and to drop it again takes a server some hundred milliseconds of computing. To empty one takes it
three by a connection that has done so before, and eighteen by a new one, which reads all about each table first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from tests.support.postgres import PostgresServer

_LARGEST_GROWTH = 8 * 2**20  # bytes; what holds many dead rows is slow to read

#: Whoever has closed a connection is gone for the server some milliseconds later. So often, and so many seconds apart,
#: it is looked whether somebody is still there.
_LOOKS, _BETWEEN = 50, 0.01

#: Everything but rows that a test can change in a database, and what the planner was told of them, as one digest.
_SCHEMA = """
SELECT md5(string_agg(line, '|' ORDER BY line)) FROM (
  SELECT concat_ws(' ', 'relation', oid, relname, relfilenode, relkind, relowner, relacl, reltuples, reloptions) AS line
    FROM pg_class WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'column', attrelid, attname, atttypid, attnotnull, atthasdef, attacl)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'trigger', oid, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', 'constraint', oid, conname, convalidated) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', 'function', oid, proname, proacl, prosrc)
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'schema', oid, nspname, nspacl)
    FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
  UNION ALL SELECT concat_ws(' ', 'statistics', count(*)) FROM pg_statistic WHERE starelid >= 16384
  UNION ALL SELECT concat_ws(' ', 'setting', setrole, setconfig)
    FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase WHERE datname = current_database()
) AS everything
"""
_SIZE = "SELECT pg_database_size(current_database())"
_CONNECTED = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_TABLES = "SELECT quote_ident(relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
_HAS_ROWS = "SELECT EXISTS (SELECT FROM {})"
_ROWS = "SELECT md5(string_agg(each::text, '|' ORDER BY each::text)) FROM {} AS each"
_NUMBERING = """
SELECT format('SELECT setval(%L, %s, %L)', sequencename, coalesce(last_value, 1), last_value IS NOT NULL)
FROM pg_sequences WHERE schemaname = 'public'
"""


@dataclass(frozen=True, slots=True)
class _New:
    """What a new database is like, and how to have a used one be so again."""

    schema: str
    size: int  #: bytes
    rows: Mapping[str, str]  #: of each table that has rows from the beginning, a digest of them
    emptying: str  #: statements


class CleanDatabases:
    """Copies of a migrated database in which is nothing yet. Not to be used by two threads at once; to be closed.

    Each that was emptied keeps the connection by which it was, and nothing else is done by that.
    """

    def __init__(self, server: PostgresServer, *, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        self._new: _New | None = None
        self._loop = asyncio.new_event_loop()
        self._connections: dict[str, asyncpg.Connection] = {}

    def close(self) -> None:
        """Close the connections; the databases go with their server."""
        for connection in self._connections.values():
            connection.terminate()
        # What is terminated is closed in the loop's next turn.
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()

    def take(self) -> str:
        """The name of a database that is nobody else's until it is given back."""
        if self._free:
            return self._free.pop()
        name = self._server.new_database(template=self._template)
        if self._new is None:
            self._loop.run_until_complete(self._look_at_new(name))
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for whoever takes it next.

        One that is not as it was but for the rows of tables that had none, that somebody is still connected to, or that
        has become large, is dropped.
        """
        if self._loop.run_until_complete(self._emptied(name)):
            self._free.append(name)
            return
        if (connection := self._connections.pop(name, None)) is not None:
            connection.terminate()
        self._server.drop_database(name)

    async def _look_at_new(self, name: str) -> None:
        connection = await self._server.connect(name)
        try:
            tables = [row[0] for row in await connection.fetch(_TABLES)]
            kept = {table for table in tables if await connection.fetchval(_HAS_ROWS.format(table))}
            # Its own triggers refuse to delete from the audit log, rightly: here they are passed by.
            statements = ["SET session_replication_role = replica"]
            statements += [f"DELETE FROM {table}" for table in tables if table not in kept]  # noqa: S608 - its own names
            statements += [row[0] for row in await connection.fetch(_NUMBERING)]
            self._new = _New(
                schema=await connection.fetchval(_SCHEMA),
                size=await connection.fetchval(_SIZE),
                rows={table: await connection.fetchval(_ROWS.format(table)) for table in kept},
                emptying="; ".join(statements),
            )
        finally:
            await connection.close()

    async def _emptied(self, name: str) -> bool:
        try:
            if name not in self._connections:
                self._connections[name] = await self._server.connect(name)
            connection = self._connections[name]
            if not await self._is_as_new(connection) or await _is_used(connection):
                return False
            assert self._new is not None, "one was taken"
            await connection.execute(self._new.emptying)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):  # dropped, or closed to everybody
            return False
        return True

    async def _is_as_new(self, connection: asyncpg.Connection) -> bool:
        assert self._new is not None, "one was taken"
        if await connection.fetchval(_SCHEMA) != self._new.schema:
            return False
        if await connection.fetchval(_SIZE) > self._new.size + _LARGEST_GROWTH:
            return False
        for table, rows in self._new.rows.items():
            if await connection.fetchval(_ROWS.format(table)) != rows:
                return False
        return True


async def _is_used(connection: asyncpg.Connection) -> bool:
    """Whether anybody else is connected, and stays so."""
    for _ in range(_LOOKS):
        if not await connection.fetchval(_CONNECTED):
            return False
        await asyncio.sleep(_BETWEEN)
    return True
