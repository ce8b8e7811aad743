"""What can happen to a SQLite file while a store has it open: what is told is true, and the store goes on by itself."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.errors import CommitUnknown, StoreError
from bot.store import Store
from bot.store.awaited import RecordState, awaited
from tests.support.deliveries import is_recorded

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

#: Another process that has the lock for writing, until its stdin ends.
HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("has it", flush=True)
sys.stdin.read()
"""

#: Another process whose files may not grow beyond so many bytes: it says what came of a write.
FULL = """
import asyncio, resource, sys
from bot.errors import StoreError
from bot.store import Store

async def main():
    store = Store(sys.argv[1], tenant_id="full")
    await store.ping()
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
    try:
        async with store.write() as uow:
            await uow.deliveries.first_time("Ev1")
            await uow.jobs.enqueue("work", {"text": "x" * 3_000_000})
    except StoreError as error:
        print(type(error).__name__, error)
    await store.close()

asyncio.run(main())
"""


@pytest.fixture
def path(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process holds the lock for writing."""
    with subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "has it\n"
        try:
            yield
        finally:
            holder.kill()


def move(path: Path, name: str) -> Path:
    """Give a file in its folder another name."""
    return path.rename(path.with_name(name))


def replace(path: Path, by: Path) -> None:
    """Put a copy of another database in the place of one."""
    move(path, "aside")
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    shutil.copy(by, path)


def written_on_a_full_disk(url: str, path: Path) -> str:
    """What a process is told that writes more than the file may hold."""
    room = str(path.stat().st_size + 500_000)
    ended = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", FULL, url, room], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


async def write(store: Store, key: str) -> None:
    async with store.write() as uow:
        await uow.deliveries.first_time(key)


async def test_a_lock_of_another_process_keeps_nobody_waiting_who_is_awaited(store: Store, path: Path) -> None:
    with locked(path):
        with awaited("Ev1", within=0.5) as waiting, pytest.raises(StoreError) as caught:
            await write(store, "Ev1")
        assert not isinstance(caught.value, CommitUnknown)
        assert "nothing was recorded" in caught.value.what
        assert "Try again" in caught.value.remedy
        assert waiting.recorded is RecordState.NOTHING
        async with store.read() as uow:
            assert await uow.jobs.waiting() == [], "reading goes on"
    assert not await is_recorded(store, "Ev1")


async def test_who_waits_behind_another_writer_of_this_process_hears_in_time_too(store: Store) -> None:
    go_on = asyncio.Event()

    async def hold() -> None:
        async with store.write() as uow:
            await uow.deliveries.first_time("first")
            await go_on.wait()

    holding = asyncio.create_task(hold())
    await asyncio.sleep(0)
    with awaited("Ev1", within=0.3), pytest.raises(StoreError, match=r"held by somebody else.* nothing was recorded"):
        await write(store, "Ev1")
    go_on.set()
    await holding
    await write(store, "Ev1")


async def test_what_is_begun_for_somebody_and_goes_on_has_its_own_time(store: Store) -> None:
    async def later() -> None:
        await gone.wait()
        await write(store, "Ev1")

    gone = asyncio.Event()
    with awaited("Ev1", within=0.0):
        going_on = asyncio.create_task(later())
    gone.set()
    await going_on
    assert await is_recorded(store, "Ev1")


async def test_a_file_that_was_taken_away_takes_nothing_more(store: Store, path: Path) -> None:
    """Its connections would go on writing into a file that has no name any more, and all of it would be lost."""
    await write(store, "before")
    aside = move(path, "aside")
    for _ in range(2):
        with pytest.raises(StoreError) as caught:
            await write(store, "Ev1")
        assert str(path.parent) not in str(caught.value)
        assert "can't be opened" in caught.value.what
    move(aside, path.name)
    assert await is_recorded(store, "before")
    assert not await is_recorded(store, "Ev1")


async def test_a_file_that_was_replaced_is_opened_anew(store: Store, path: Path, sqlite_template: Path) -> None:
    await write(store, "before")
    replace(path, sqlite_template)
    assert not await is_recorded(store, "before")
    await write(store, "after")
    await store.close()
    assert await is_recorded(store, "after")


async def test_a_disk_that_takes_no_more(database_url: str, path: Path, store: Store) -> None:
    told = await asyncio.to_thread(written_on_a_full_disk, database_url, path)
    assert told.splitlines()[-1].startswith(("StoreError The disk of the database", "CommitUnknown")), told
    assert not await is_recorded(store, "Ev1")
    await write(store, "after")
