"""Bringing the database to this version at a start, on both databases, by a process of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.migrate import current, downgrade, migrate
from bot.store.revision import known_revisions, schema_state
from bot.store.upgrading import bring_up_to_date
from tests.integration.store.test_migrations import ALL, HEAD, look


async def test_the_revisions_are_those_that_alembic_finds(empty_database_url: str) -> None:
    assert known_revisions() == ALL
    assert await migrate(empty_database_url) == known_revisions()


async def test_how_a_database_stands(empty_database_url: str) -> None:
    assert (await schema_state(empty_database_url)).lacks == ALL
    await migrate(empty_database_url)
    found = await schema_state(empty_database_url)
    assert (found.revision, found.lacks, found.is_ready) == (HEAD, (), True)
    await downgrade(empty_database_url, ALL[-3])
    found = await schema_state(empty_database_url)
    assert (found.revision, found.lacks, found.is_ready) == (ALL[-3], ALL[-2:], False)


async def test_what_it_lacks_is_made(empty_database_url: str) -> None:
    await migrate(empty_database_url, revision=ALL[-2])
    assert (await bring_up_to_date(empty_database_url)).is_ready
    assert await current(empty_database_url) == HEAD
    assert (await bring_up_to_date(empty_database_url)).is_ready


async def test_a_file_that_is_not_there_is_made(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    assert (await schema_state(url)).revision is None
    assert (await bring_up_to_date(url)).revision == HEAD


async def test_replicas_that_start_at_once(empty_database_url: str) -> None:
    found = await asyncio.gather(*(bring_up_to_date(empty_database_url) for _ in range(2)))
    assert [each.revision for each in found] == [HEAD, HEAD]


async def test_what_keeps_a_migration_from_being_made_is_told(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await downgrade(empty_database_url, "base")
    await look(empty_database_url, lambda found: found.exec_driver_sql("CREATE TABLE audit_heads (id INTEGER)"))
    with pytest.raises(StoreError) as raised:
        await bring_up_to_date(empty_database_url)
    assert raised.value.where
    assert (await schema_state(empty_database_url)).revision is None
