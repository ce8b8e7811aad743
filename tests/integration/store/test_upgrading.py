"""Bringing the database to this version at a start, on both databases, by a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from bot.errors import StoreError
from bot.store.addresses import normalise
from bot.store.databases import lock_for_migration
from bot.store.diagnosis import diagnose_database
from bot.store.engines import create_engine, for_writing
from bot.store.migrate import current, downgrade, migrate
from bot.store.revision import known_revisions, schema_state
from bot.store.upgrading import bring_up_to_date
from bot.store.write_probe import WriteProbe
from tests.integration.databases import TENANT
from tests.integration.store.test_migrations import ALL, HEAD, look
from tests.support.processes import ended, started, started_by


async def test_the_revisions_are_those_that_alembic_finds(empty_database_url: str) -> None:
    assert known_revisions() == ALL
    assert await migrate(empty_database_url) == known_revisions()


async def test_how_a_database_stands(empty_database_url: str) -> None:
    await migrate(empty_database_url)
    await downgrade(empty_database_url, "base")
    found = await schema_state(empty_database_url)
    assert (found.revision, found.lacks, found.is_ready) == (None, ALL, False)
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
    with pytest.raises(StoreError, match="no database"):
        await schema_state(url)
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


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Somebody else migrates, and goes on meanwhile."""
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            await lock_for_migration(connection)
            yield
    finally:
        await engine.dispose()


@pytest.fixture
async def older_url(empty_database_url: str) -> str:
    await migrate(empty_database_url, revision=ALL[-2])
    return empty_database_url


async def test_no_process_is_left(older_url: str) -> None:
    before = started_by(os.getpid())
    assert (await bring_up_to_date(older_url)).is_ready
    assert started_by(os.getpid()) <= before


async def test_a_migration_that_is_killed_changes_nothing_and_is_told(older_url: str) -> None:
    before = started_by(os.getpid())
    async with held(older_url):
        migrating = asyncio.create_task(bring_up_to_date(older_url))
        os.kill(await started(os.getpid(), but=before), signal.SIGKILL)
        with pytest.raises(StoreError, match="ended before it was done"):
            await migrating
    assert await current(older_url) == ALL[-2]
    assert (await bring_up_to_date(older_url)).is_ready


async def test_a_migration_that_is_killed_once_it_was_done_is_done(
    older_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def migrated_and_killed(url: str) -> None:
        await migrate(url)

    monkeypatch.setattr("bot.store.upgrading._migrated", migrated_and_killed)
    assert (await bring_up_to_date(older_url)).revision == HEAD


async def test_who_stops_waiting_ends_the_migration(older_url: str) -> None:
    before = started_by(os.getpid())
    async with held(older_url):
        migrating = asyncio.create_task(bring_up_to_date(older_url))
        pid = await started(os.getpid(), but=before)
        migrating.cancel()
        with pytest.raises(asyncio.CancelledError):
            await migrating
        await ended(pid)
    assert await current(older_url) == ALL[-2]


async def test_a_migration_ends_with_the_bot_that_is_killed(older_url: str) -> None:
    start = "import asyncio, sys; from bot.store.upgrading import bring_up_to_date as b; asyncio.run(b(sys.argv[1]))"
    async with held(older_url):
        bot = await asyncio.create_subprocess_exec(sys.executable, "-c", start, older_url)
        pid = await started(bot.pid)
        bot.kill()
        await bot.wait()
        await ended(pid)
    assert await current(older_url) == ALL[-2]


async def test_a_process_that_cannot_be_started_is_told(older_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    with pytest.raises(StoreError, match="can't be started"):
        await bring_up_to_date(older_url)


NEWER = "9999"


async def migrated_by_a_newer_version(url: str, *, serves_from: str) -> None:
    """What a newer version's migration says of itself."""

    def note(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})
        connection.execute(text("UPDATE schema_bounds SET oldest_served = :from"), {"from": serves_from})

    await look(url, note)


async def test_what_a_newer_version_has_expanded_still_serves_this_one(database_url: str) -> None:
    await migrated_by_a_newer_version(database_url, serves_from=HEAD)
    with capture_logs() as lines:
        found = await bring_up_to_date(database_url)
    assert (found.revision, found.is_ready, found.is_newer) == (NEWER, True, True)
    assert [(line["log_level"], line["revision"]) for line in lines] == [("warning", NEWER)]
    assert await schema_state(database_url) == found
    told = {each.check: each for each in await diagnose_database(database_url)}
    assert told["tables"].ok
    assert NEWER in told["tables"].details
    assert told["tables"].remedy
    probe = WriteProbe(database_url, tenant_id=TENANT)
    assert await probe.problem() == ""
    await probe.close()


async def test_migrating_leaves_what_a_newer_version_has_expanded_as_it_is(database_url: str) -> None:
    """Whoever starts a container of the version before beside it runs that before the bot."""
    await migrated_by_a_newer_version(database_url, serves_from=HEAD)
    assert await migrate(database_url) == ()
    assert await current(database_url) == NEWER


@pytest.mark.parametrize(("newer", "serves_from"), [("x", HEAD), ("9f00aa12bb34", HEAD), (NEWER, ""), (NEWER, "0")])
async def test_what_is_no_revision_of_portcullis_is_not_served(database_url: str, newer: str, serves_from: str) -> None:
    def note(connection: Connection) -> None:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": newer})
        connection.execute(text("UPDATE schema_bounds SET oldest_served = :from"), {"from": serves_from})

    await look(database_url, note)
    with pytest.raises(StoreError, match="serves this one no more"):
        await schema_state(database_url)


@pytest.mark.parametrize("serves_from", [NEWER, f"{int(HEAD) + 1:04}"])
async def test_what_a_newer_version_has_contracted_serves_this_one_no_more(database_url: str, serves_from: str) -> None:
    probe = WriteProbe(database_url, tenant_id=TENANT)
    assert await probe.problem() == ""
    await probe.close()
    await migrated_by_a_newer_version(database_url, serves_from=serves_from)
    for look_at in (bring_up_to_date, schema_state, migrate):
        with pytest.raises(StoreError, match="serves this one no more"):
            await look_at(database_url)
    told = {each.check: each for each in await diagnose_database(database_url)}
    assert not told["connection"].ok
    assert "newer" in told["connection"].remedy
    running = WriteProbe(database_url, tenant_id=TENANT)
    assert "serves this one no more" in await running.problem()
    await running.close()


async def test_a_newer_version_that_says_nothing_of_itself_is_not_served(database_url: str) -> None:
    await look(database_url, lambda found: found.exec_driver_sql("DELETE FROM schema_bounds"))
    assert (await schema_state(database_url)).is_ready
    await look(database_url, lambda found: found.exec_driver_sql("UPDATE alembic_version SET version_num = 'x'"))
    with pytest.raises(StoreError, match="serves this one no more"):
        await schema_state(database_url)


async def test_a_newer_database_is_not_taken_back(database_url: str) -> None:
    await migrated_by_a_newer_version(database_url, serves_from=HEAD)
    await bring_up_to_date(database_url)
    assert await current(database_url) == NEWER
