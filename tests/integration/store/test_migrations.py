"""Migrations on both databases: up, down, again, by several at once, and equal to the tables in code."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect

from bot.domain.audit import EventKind
from bot.errors import StoreError
from bot.store import Store
from bot.store.databases import create_engine, for_writing, normalise
from bot.store.migrate import current, downgrade, migrate, pending
from bot.store.tables import Table
from tests.integration.databases import TENANT

ROOT = Path(__file__).parents[3]
HEAD = "0001"


async def look(url: str, work: Callable[[Connection], Any]) -> Any:  # noqa: ANN401 - whatever the work gives
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


async def test_the_tables_in_code_are_those_that_the_migrations_make(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True, "target_metadata": Table.metadata}
        )
        return compare_metadata(context, Table.metadata)

    assert await look(database_url, differences) == []
    assert await look(database_url, tables) == set(Table.metadata.tables)


async def test_up_down_and_up_again(empty_database_url: str) -> None:
    assert await migrate(empty_database_url) == (HEAD,)
    assert await current(empty_database_url) == HEAD
    assert await pending(empty_database_url) == ()
    assert await migrate(empty_database_url) == ()
    store = Store(empty_database_url, tenant_id=TENANT)
    async with store.write() as uow:
        await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=store.clock())
    await store.close()
    await downgrade(empty_database_url, "base")
    assert await current(empty_database_url) is None
    assert await pending(empty_database_url) == (HEAD,)
    assert await look(empty_database_url, tables) == set()
    assert await migrate(empty_database_url) == (HEAD,)
    store = Store(empty_database_url, tenant_id=TENANT)
    await store.ping()
    await store.close()


async def test_replicas_that_start_at_once_migrate_once(empty_database_url: str) -> None:
    script = "import asyncio, sys; from bot.store.migrate import migrate; print(asyncio.run(migrate(sys.argv[1])))"
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-W", "error", "-c", script, empty_database_url, cwd=ROOT, stdout=subprocess.PIPE
        )
        for _ in range(3)
    ]
    outputs = [(await process.communicate())[0].decode().strip() for process in started]
    assert sorted(outputs) == [f"('{HEAD}',)", "()", "()"]


async def test_two_databases_migrated_at_once_in_one_process(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{name}.sqlite3" for name in ("one", "two", "three")]
    assert await asyncio.gather(*map(migrate, urls)) == [(HEAD,)] * 3
    for url in urls:
        assert await look(url, tables) == set(Table.metadata.tables)


async def test_the_command_alembic_does_the_same(empty_database_url: str) -> None:
    done = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "alembic", "upgrade", "head", cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE,
        env={**os.environ, "PORTCULLIS_DATABASE_URL": empty_database_url},
    )  # fmt: skip
    _, told = await done.communicate()
    assert done.returncode == 0, told.decode()
    assert await current(empty_database_url) == HEAD


async def test_a_database_of_a_newer_version_is_left_alone(database_url: str) -> None:
    await look(
        database_url, lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num='x'")
    )
    with pytest.raises(StoreError, match="doesn't know"):
        await migrate(database_url)
    assert await current(database_url) == "x"


async def test_a_migration_that_fails_leaves_nothing_behind(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await downgrade(empty_database_url, "base")
    await look(
        empty_database_url, lambda connection: connection.exec_driver_sql("CREATE TABLE audit_heads (id INTEGER)")
    )
    with pytest.raises(StoreError):
        await migrate(empty_database_url)
    assert await look(empty_database_url, tables) == {"audit_heads"}
