"""Whether the database takes writes: told within seconds, in plain words, whatever is wrong with it."""

from __future__ import annotations

import asyncio
import os
import resource
import secrets
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from bot.errors import StoreError
from bot.store import Store, write_probe
from bot.store.addresses import normalise
from bot.store.engines import create_engine, for_writing
from bot.store.write_probe import WriteProbe, write_once
from tests.integration.databases import TENANT
from tests.support.postgres import PostgresServer
from tests.support.proxy import proxy_to

on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@asynccontextmanager
async def probing(url: str, **options: Any) -> AsyncIterator[WriteProbe]:  # noqa: ANN401 - the probe's own
    probe = WriteProbe(url, tenant_id=TENANT, **options)
    try:
        yield probe
    finally:
        await probe.close()


@pytest.fixture(autouse=True)
def each_question_is_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_probe, "REMEMBERED", 0.0)


async def rows(url: str) -> int:
    engine = for_writing(create_engine(normalise(url)))
    try:
        async with engine.begin() as connection:
            return int(await connection.scalar(text("SELECT count(*) FROM write_probes")) or 0)
    finally:
        await engine.dispose()


async def until(probe: WriteProbe, holds: Callable[[str], bool]) -> str:
    async with asyncio.timeout(60):
        while not holds(told := await probe.problem()):
            pass
        return told


async def test_a_database_that_is_well_takes_it_and_keeps_nothing(database_url: str) -> None:
    async with probing(database_url) as probe:
        assert await probe.problem() == ""
        assert await probe.problem() == ""
    assert await rows(database_url) == 0


async def test_a_write_that_is_undone(database_url: str) -> None:
    await write_once(normalise(database_url), tenant_id=TENANT, keep=False)
    assert await rows(database_url) == 0


async def test_what_was_found_out_counts_for_a_while(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_probe, "REMEMBERED", 3600.0)
    async with probing(database_url) as probe:
        assert await probe.problem() == ""
        engine = for_writing(create_engine(normalise(database_url)))
        async with engine.begin() as connection:
            await connection.execute(text("DROP TABLE write_probes"))
        await engine.dispose()
        assert await probe.problem() == ""
        monkeypatch.setattr(write_probe, "REMEMBERED", 0.0)
        assert await probe.problem() == "The database lacks tables or columns of this version."


async def test_while_somebody_holds_the_lock_it_says_so_and_in_time(
    database_url: str, store: Store, database_kind: str
) -> None:
    engine = for_writing(create_engine(normalise(database_url)))
    async with probing(database_url) as probe:
        async with engine.connect() as connection:
            if database_kind == "sqlite":
                await connection.execute(text("SELECT 1"))  # BEGIN IMMEDIATE has taken it
            else:
                await connection.execute(text("LOCK TABLE write_probes IN EXCLUSIVE MODE"))
            told = await until(probe, lambda said: "not answered" not in said)
            assert "was locked by another writer for too long" in told
        assert await until(probe, lambda said: not said) == ""
    await engine.dispose()
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {})


@on_sqlite
async def test_a_lock_is_waited_for_while_the_loop_goes_on(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole bot stands still with its loop, and nobody is answered in time."""
    monkeypatch.setattr(write_probe, "_LOCK_WAIT", 20.0)
    with closing(sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.2, holder.execute, "ROLLBACK")
        async with asyncio.timeout(10):
            await write_once(normalise(database_url), tenant_id=TENANT)


@on_sqlite
async def test_a_lock_held_by_another_process(database_url: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('BEGIN IMMEDIATE'); "
        "print('held', flush=True); sys.stdin.read()"
    )
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert await holder.stdout.readline() == b"held\n"
    async with probing(database_url) as probe:
        assert "locked" in await until(probe, lambda said: "not answered" not in said)
        holder.stdin.close()
        await holder.wait()
        assert await until(probe, lambda said: not said) == ""


@on_sqlite
async def test_a_writer_of_this_process_does_not_wait_for_the_look(database_url: str, store: Store) -> None:
    async with probing(database_url) as probe:
        looks = [asyncio.create_task(probe.problem()) for _ in range(20)]
        for _ in range(20):
            async with store.write() as uow:
                await uow.jobs.enqueue("work", {})
        assert set(await asyncio.gather(*looks)) == {""}


@on_sqlite
async def test_a_file_that_may_not_grow_is_a_full_disk(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(url: object) -> object:
        engine = create_engine(url)  # type: ignore[arg-type]

        def limit(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own
            cursor = connection.cursor()
            cursor.execute("PRAGMA max_page_count = 1")  # as many as there are
            cursor.close()

        event.listen(engine.sync_engine, "connect", limit)
        return engine

    monkeypatch.setattr(write_probe, "create_engine", limited)
    async with probing(database_url) as probe:
        assert await probe.problem() == "The disk of the database is full; nothing was recorded."
    with pytest.raises(StoreError, match="full"):
        await write_once(normalise(database_url), tenant_id=TENANT, keep=False)


@on_sqlite
async def test_a_file_system_without_room_is_a_full_disk(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_probe, "room", lambda _url: 4_096)
    async with probing(database_url) as probe:
        assert await probe.problem() == "The disk of the database is full; nothing was recorded."
        monkeypatch.setattr(write_probe, "room", lambda _url: 4_096_000)
        assert await probe.problem() == ""


@on_sqlite
def test_a_process_that_may_write_no_more_to_files(database_url: str) -> None:
    script = (
        "import asyncio, sys; from bot.store.write_probe import WriteProbe\n"
        "async def look():\n"
        "    probe = WriteProbe(sys.argv[1], tenant_id='t')\n"
        "    print(await probe.problem())\n"
        "asyncio.run(look())"
    )
    # SQLite's log begins with a page and 56 bytes.
    limited = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", script, database_url],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, 4_096)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert limited.stdout.splitlines()[-1] == "The disk of the database failed."
    assert database_url.removeprefix("sqlite:///") not in limited.stdout


@on_sqlite
async def test_a_file_that_was_removed(database_url: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    async with probing(database_url) as probe:
        assert await probe.problem() == ""
        os.rename(path, f"{path}.away")  # noqa: PTH104 - no pathlib in a coroutine
        told = await probe.problem()
        assert told
        assert path.removesuffix("/portcullis.sqlite3") not in told
        assert not os.path.exists(path), "looking makes nothing"  # noqa: ASYNC240, PTH110
        os.rename(f"{path}.away", path)  # noqa: PTH104
        assert await probe.problem() == ""


@on_sqlite
async def test_a_file_that_may_not_be_written(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(database_url.removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TRIGGER closed BEFORE INSERT ON write_probes BEGIN SELECT RAISE(ABORT, 'no'); END")
    async with probing(database_url) as probe:
        told = await probe.problem()
    assert told.startswith("The database ")
    assert str(path.parent) not in told


@on_postgresql
async def test_a_database_that_falls_silent_and_speaks_again(
    postgres_server: PostgresServer, database_url: str
) -> None:
    name = database_url.removeprefix("postgresql://postgres@/").partition("?")[0]
    async with proxy_to(postgres_server.folder) as proxy, probing(proxy.url(name), patience=0.2) as probe:
        assert await until(probe, lambda said: not said) == ""
        proxy.fall_silent()
        for _ in range(3):
            began = time.monotonic()
            assert "has not answered for" in await probe.problem()
            assert time.monotonic() - began < 3, "the bound that /readyz promises"
        proxy.speak()
        assert await until(probe, lambda said: not said) == ""


@on_postgresql
async def test_a_database_that_is_not_there_tells_neither_where_nor_by_whom(database_url: str) -> None:
    password = secrets.token_hex(12)
    async with probing(f"postgresql://somebody:{password}@127.0.0.1:9/portcullis") as probe:
        told = await probe.problem()
    assert "can't be reached" in told


@on_postgresql
async def test_a_user_without_the_right_to_write(postgres_server: PostgresServer, database_url: str) -> None:
    name = database_url.removeprefix("postgresql://postgres@/").partition("?")[0]
    role = f"reader_{secrets.token_hex(4)}"
    grants = (f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    await asyncio.to_thread(lambda: postgres_server.run(*grants, database=name))
    async with probing(database_url.replace("postgres@", f"{role}@", 1)) as probe:
        assert await probe.problem() == "Portcullis may not write to the database."
