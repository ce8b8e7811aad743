"""A PostgreSQL database that a test has given back is like a new one to the next, or isn't used again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.store import Store
from tests.integration.databases import TENANT, Clock
from tests.support.clean_databases import CleanDatabases
from tests.support.postgres import PostgresServer


@pytest.fixture
def databases(postgres_server: PostgresServer, postgres_template: str) -> Iterator[CleanDatabases]:
    databases = CleanDatabases(postgres_server, template=postgres_template)
    yield databases
    databases.close()


@pytest.fixture
def taken(databases: CleanDatabases, postgres_server: PostgresServer) -> Iterator[str]:
    """A database that is used for the first time, and dropped after the test."""
    name = databases.take()
    yield name
    postgres_server.drop_database(name)


def ask(server: PostgresServer, name: str, *statements: str) -> Any:  # noqa: ANN401 - whatever the last one asks for
    async def run() -> Any:  # noqa: ANN401
        connection = await server.connect(name)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(run())


async def _log(url: str) -> int:
    store = Store(url, tenant_id=TENANT, clock=Clock())
    try:
        async with store.write() as uow:
            event = await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())
    finally:
        await store.close()
    return event.seq


def test_it_has_no_row_and_counts_from_the_beginning(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str
) -> None:
    first = asyncio.run(_log(postgres_server.url(taken)))
    assert ask(postgres_server, taken, "SELECT count(*) FROM audit_events") == 1
    databases.give_back(taken)
    assert databases.take() == taken
    assert ask(postgres_server, taken, "SELECT count(*) FROM audit_events") == 0
    assert ask(postgres_server, taken, "SELECT count(*) FROM audit_heads") == 0
    assert asyncio.run(_log(postgres_server.url(taken))) == first
    assert ask(postgres_server, taken, "SELECT id FROM audit_events") == 1


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE posts CASCADE",
        "CREATE TABLE another (number int)",
        "ALTER TABLE posts ADD COLUMN another int",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "CREATE INDEX another ON posts (channel)",
        "CREATE SCHEMA another",
        "GRANT SELECT ON posts TO PUBLIC",
        "UPDATE alembic_version SET version_num = '0000'",
        "DELETE FROM alembic_version",
        "INSERT INTO jobs SELECT * FROM jobs; ANALYZE",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET lock_timeout = 7', current_database()); END $$",
    ],
)
def test_one_whose_schema_or_settings_were_changed_is_not_used_again(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str, change: str
) -> None:
    ask(postgres_server, taken, change, "SELECT 1")
    databases.give_back(taken)
    other = databases.take()
    assert other != taken
    databases.give_back(other)
    postgres_server.drop_database(other)


def test_nor_is_one_that_somebody_is_connected_to(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str
) -> None:
    async def connected() -> str:
        connection = await postgres_server.connect(taken)
        try:
            await asyncio.to_thread(databases.give_back, taken)
            return await asyncio.to_thread(databases.take)
        finally:
            await connection.close(timeout=5)

    other = asyncio.run(connected())
    assert other != taken
    postgres_server.drop_database(other)


def test_nor_is_one_that_has_become_large(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str
) -> None:
    rows = "SELECT 'tenant', repeat(md5(n::text), 8), now() FROM generate_series(1, 30000) AS n"
    ask(postgres_server, taken, f"INSERT INTO deliveries (tenant_id, key, seen_at) {rows}", "SELECT 1")
    databases.give_back(taken)
    other = databases.take()
    assert other != taken
    postgres_server.drop_database(other)


def test_nor_is_one_that_is_gone(databases: CleanDatabases, postgres_server: PostgresServer, taken: str) -> None:
    postgres_server.drop_database(taken)
    databases.give_back(taken)
    other = databases.take()
    assert other != taken
    postgres_server.drop_database(other)


def test_one_that_is_emptied_again_is_clean_again_or_dropped(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str
) -> None:
    """By the same connection, which knows of no change but by the server."""
    for _ in range(3):
        asyncio.run(_log(postgres_server.url(taken)))
        databases.give_back(taken)
        assert databases.take() == taken
        assert ask(postgres_server, taken, "SELECT count(*) FROM audit_events") == 0
    ask(postgres_server, taken, "ALTER TABLE posts ADD COLUMN another int", "SELECT 1")
    databases.give_back(taken)
    other = databases.take()
    assert other != taken
    postgres_server.drop_database(other)


def test_one_whose_connection_was_cut_is_not_used_again(
    databases: CleanDatabases, postgres_server: PostgresServer, taken: str
) -> None:
    databases.give_back(taken)
    assert databases.take() == taken
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database()"
    assert ask(postgres_server, taken, f"{cut} AND pid <> pg_backend_pid()") == 1
    databases.give_back(taken)
    other = databases.take()
    assert other != taken
    postgres_server.drop_database(other)
