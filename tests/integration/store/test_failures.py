"""What goes wrong with a database reaches the caller as a StoreError that says what and what to do, and no secret."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.errors import StoreError
from bot.store import Store
from bot.store.diagnosis import diagnose_database
from tests.integration.databases import TENANT
from tests.support.postgres import PostgresServer


async def failure(url: str) -> StoreError:
    store = Store(url, tenant_id=TENANT)
    try:
        with pytest.raises(StoreError) as caught:
            await store.ping()
    finally:
        await store.close()
    return caught.value


async def test_a_missing_sqlite_file_is_named_and_not_made(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.sqlite3"
    error = await failure(f"sqlite:///{path}")
    assert error.what == "There is no database nowhere.sqlite3."
    assert "portcullis migrate" in error.remedy
    assert error.where == str(path)
    assert not path.exists()


async def test_a_database_without_tables_wants_to_be_migrated(empty_database_url: str, tmp_path: Path) -> None:
    if empty_database_url.startswith("sqlite"):
        (tmp_path / "empty.sqlite3").touch()
    error = await failure(empty_database_url)
    assert "lacks tables" in error.what
    assert "portcullis migrate" in error.remedy


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to look like one" * 100)
    assert "no database" in (await failure(f"sqlite:///{path}")).what
    assert path.read_text().startswith("not a database")


async def test_no_server_there() -> None:
    password = secrets.token_urlsafe()
    error = await failure(f"postgresql://user:{password}@127.0.0.1:9/portcullis")
    assert "can't be reached" in error.what
    assert password not in str(error)
    assert isinstance(error.__cause__, OSError)


async def test_no_such_database(postgres_server: PostgresServer) -> None:
    assert "There is no database" in (await failure(postgres_server.url("nowhere"))).what


async def test_a_lock_that_lasts_too_long(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 0.2)
    one, two = (Store(database_url, tenant_id=TENANT) for _ in range(2))
    try:
        async with one.write() as uow:
            await uow.deliveries.first_time("same")
            with pytest.raises(StoreError, match="locked by another writer"):
                async with two.write() as other:
                    await other.deliveries.first_time("same")
        async with two.write() as other:
            assert not await other.deliveries.first_time("same")
    finally:
        await one.close()
        await two.close()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_full_disk(store: Store) -> None:
    async with store.write() as uow:
        session = uow.audit._scope.session
        pages = await session.scalar(text("PRAGMA page_count"))
        await session.execute(text(f"PRAGMA max_page_count = {pages}"))
        await uow.jobs.enqueue("small", {})
    with pytest.raises(StoreError, match=r"disk .* is full"):
        async with store.write() as uow:
            await uow.jobs.enqueue("big", {"text": "x" * 1_000_000})
    async with store.read() as uow:
        assert [job.kind for job in await uow.jobs.waiting()] == ["small"]


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_the_store_recovers_when_its_connections_were_cut(store: Store, postgres_server: PostgresServer) -> None:
    await store.ping()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portcullis'"
    await asyncio.to_thread(postgres_server.run, cut)
    await store.ping()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="may not write"):
        async with store.read() as uow:
            await uow.jobs.enqueue("work", {})


async def test_a_reader_sees_one_moment(store: Store) -> None:
    async with store.read() as reader:
        assert await reader.jobs.waiting() == []
        async with store.write() as writer:
            await writer.jobs.enqueue("work", {})
        assert await reader.jobs.waiting() == []
    async with store.read() as reader:
        assert len(await reader.jobs.waiting()) == 1


async def test_a_cancelled_writer_leaves_nothing_and_lets_go(store: Store) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with store.write() as uow:
            await uow.jobs.enqueue("work", {})
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(write())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with store.write() as uow:
        assert await uow.jobs.waiting() == []


async def test_our_own_errors_pass_unchanged(store: Store) -> None:
    class OursError(Exception):
        pass

    with pytest.raises(OursError):
        async with store.write():
            raise OursError


async def test_diagnosis(store: Store, database_url: str, empty_database_url: str) -> None:
    assert [(diagnosis.check, diagnosis.ok) for diagnosis in await diagnose_database(database_url)] == [
        ("connection", True),
        ("tables", True),
        ("writing", True),
        ("jobs", True),
        ("cards", True),
        ("audit triggers", True),
        ("audit log", True),
    ]
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {})
        [job] = await uow.jobs.claim("one", store.clock(), 30, 1)
        await uow.jobs.mark_dead(job, "no use")
    found = {diagnosis.check: diagnosis.details for diagnosis in await diagnose_database(database_url)}
    assert found["jobs"] == "1 jobs were given up."
    bad = (await diagnose_database(empty_database_url))[-1]
    assert not bad.ok
    assert "portcullis migrate" in bad.remedy


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_sqlite_is_opened_safely(store: Store, database_url: str) -> None:
    async with store.read() as uow:
        session = uow.audit._scope.session
        read = [
            await session.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert read == ["wal", 2, 1]
    with sqlite3.connect(database_url.removeprefix("sqlite:///")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    other.close()
