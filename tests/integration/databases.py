"""Databases for tests: each test gets its own, migrated or empty, on SQLite and on PostgreSQL.

Migrated ones are copies of a template that is migrated once. PostgreSQL's are emptied after a test and used again.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.store import Store
from bot.store.migrate import migrate
from tests.support.clean_databases import CleanDatabases
from tests.support.postgres import PostgresMissing, PostgresServer

DATABASES = ("sqlite", "postgresql")
TENANT = "11111111-2222-3333-4444-555555555555"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for the whole run. Without one the test is skipped; in CI that is a failure."""
    server = PostgresServer()
    try:
        server.start()
    except PostgresMissing as missing:
        if os.environ.get("CI") == "true":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated PostgreSQL database, to be copied."""
    name = postgres_server.new_database()
    asyncio.run(migrate(postgres_server.url(name)))
    return name


@pytest.fixture(scope="session")
def clean_databases(postgres_server: PostgresServer, postgres_template: str) -> Iterator[CleanDatabases]:
    """Migrated PostgreSQL databases, to be taken and given back."""
    databases = CleanDatabases(postgres_server, template=postgres_template)
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"
    asyncio.run(migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of this test's own migrated SQLite file, for what is the same on both databases."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'portcullis.sqlite3')}"


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database this test runs on."""
    return str(request.param)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of this test's own migrated database: once SQLite, once PostgreSQL."""
    if database_kind == "sqlite":
        yield str(request.getfixturevalue("sqlite_url"))
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    databases: CleanDatabases = request.getfixturevalue("clean_databases")
    name = databases.take()
    yield server.url(name)
    databases.give_back(name)


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which nothing is; in SQLite's case not even the file."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.new_database()
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def open_store(database_url: str, clock: Clock) -> AsyncIterator[Callable[..., Store]]:
    """Opens further stores on this test's database, as other replicas would, and closes them afterwards."""
    opened: list[Store] = []

    def open_one(*, tenant_id: str = TENANT) -> Store:
        opened.append(Store(database_url, tenant_id=tenant_id, clock=clock))
        return opened[-1]

    yield open_one
    for store in opened:
        await store.close()


@pytest.fixture
def store(open_store: Callable[..., Store]) -> Store:
    """A store on this test's own database, with a clock that the test moves."""
    return open_store()


async def until_blocked(task: asyncio.Task[Any], url: str) -> None:
    """Until the task's transaction on PostgreSQL waits for another one's lock, or the task is over."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(20):
        connection = await asyncpg.connect(url)
        try:
            while not task.done():
                if await connection.fetchval(query):
                    return
                await asyncio.sleep(0)
        finally:
            await connection.close()
