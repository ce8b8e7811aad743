"""PostgreSQL databases that tests take and give back: copied once, emptied many times.

To copy a database and to drop it again takes a server some hundred milliseconds of computing, to empty one a few.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from tests.support.postgres import PostgresServer

_LARGEST_GROWTH = 8 * 2**20  # bytes; what holds many dead rows is slow to read

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
    """Copies of a migrated database in which is nothing yet. Not to be used by two threads at once."""

    def __init__(self, server: PostgresServer, *, template: str) -> None:
        self._server = server
        self._template = template
        self._free: list[str] = []
        self._new: _New | None = None

    def take(self) -> str:
        """The name of a database that is nobody else's until it is given back."""
        if self._free:
            return self._free.pop()
        name = self._server.new_database(template=self._template)
        if self._new is None:
            asyncio.run(self._look_at_new(name))
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for whoever takes it next.

        One that is not as it was but for the rows of tables that had none, that somebody is still connected to, or that
        has become large, is dropped.
        """
        if asyncio.run(self._emptied(name)):
            self._free.append(name)
        else:
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
        assert self._new is not None, "one was taken"
        try:
            connection = await self._server.connect(name)
        except asyncpg.PostgresError:  # dropped, or closed to everybody
            return False
        try:
            if await connection.fetchval(_CONNECTED) or await connection.fetchval(_SCHEMA) != self._new.schema:
                return False
            if await connection.fetchval(_SIZE) > self._new.size + _LARGEST_GROWTH:
                return False
            for table, rows in self._new.rows.items():
                if await connection.fetchval(_ROWS.format(table)) != rows:
                    return False
            await connection.execute(self._new.emptying)
        finally:
            await connection.close()
        return True
