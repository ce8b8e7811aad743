"""A copy of a SQLite file: what stands beside it, who may read it, and what is left of it."""

from __future__ import annotations

import resource
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.errors import InvalidInput, StoreError
from bot.store.restoring import holds_anything, replace
from bot.store.sqlite_copy import being_made, copy, put_in_place, settle
from tests.integration.databases import Clock


def nothing_told(_done: int, _all: int) -> None:
    pass


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A file that keeps a log of writes, some of it beside the file, as somebody has it open."""
    path = tmp_path / "source.sqlite3"
    with closing(sqlite3.connect(path)) as there:
        there.execute("PRAGMA journal_mode = WAL")
        there.execute("CREATE TABLE things (number INTEGER)")
        there.executemany("INSERT INTO things VALUES (?)", [(number,) for number in range(1000)])
        there.commit()
    return path


def count(path: Path) -> int:
    with closing(sqlite3.connect(path)) as there:
        return int(there.execute("SELECT count(*) FROM things").fetchone()[0])


def test_what_was_committed_is_in_it_and_what_was_not_is_not(source: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(source)) as there, being_made(tmp_path / "copy.sqlite3") as made:
        there.execute("INSERT INTO things VALUES (1000)")
        there.commit()
        there.execute("INSERT INTO things VALUES (1001)")
        told: list[tuple[int, int]] = []
        copy(source, made, lambda done, pages: told.append((done, pages)))
        settle(made)
        put_in_place(made, tmp_path / "copy.sqlite3")
    assert count(tmp_path / "copy.sqlite3") == 1001
    assert told[-1][0] == told[-1][1] > 0


def test_one_at_rest_stays_as_it_is_to_its_last_byte(source: Path, tmp_path: Path) -> None:
    with being_made(tmp_path / "first") as first:
        copy(source, first, nothing_told)
        settle(first)
        put_in_place(first, tmp_path / "first")
    before = (tmp_path / "first").read_bytes()
    (tmp_path / "first").chmod(0o400)
    with being_made(tmp_path / "second") as second:
        copy(tmp_path / "first", second, nothing_told, at_rest=True)
        assert count(second) == 1000
    assert (tmp_path / "first").read_bytes() == before
    assert {each.name for each in tmp_path.iterdir()} == {"source.sqlite3", "first"}


def test_two_that_make_the_same_file_leave_each_other_alone(tmp_path: Path) -> None:
    with being_made(tmp_path / "copy") as first:
        with being_made(tmp_path / "copy") as second:
            assert first != second
            assert first.exists()
        assert first.exists()
    assert not list(tmp_path.iterdir())


def test_damage_is_found_before_it_takes_any_place(source: Path, tmp_path: Path) -> None:
    with being_made(tmp_path / "copy") as made:
        copy(source, made, nothing_told)
        settle(made)
        content = bytearray(made.read_bytes())
        content[4096:4196] = b"\xff" * 100  # where the second page begins
        made.write_bytes(content)
        with pytest.raises(StoreError, match="damaged"):
            settle(made)
    assert not (tmp_path / "copy").exists()


def test_a_disk_without_room_is_told_as_the_copys_own(source: Path, tmp_path: Path) -> None:
    """Nobody is to look for a fault of the database's disk, from which was only read."""
    with closing(sqlite3.connect(source)) as there:
        there.execute("INSERT INTO things SELECT one.number FROM things AS one, things AS two LIMIT 50000")
        there.commit()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with being_made(tmp_path / "copy") as made:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
        try:
            with pytest.raises(StoreError, match="The copy can't be written") as caught:
                copy(source, made, nothing_told)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert caught.value.where == str(made)
    assert not (tmp_path / "copy").exists()


def test_where_nothing_can_be_written_that_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="can't be written"), being_made(tmp_path / "nowhere" / "copy"):
        pass


@pytest.mark.parametrize(
    ("content", "holds"),
    [(None, False), (b"", False), (b"no database", True)],
    ids=["none", "empty", "another file"],
)
def test_what_counts_as_something(tmp_path: Path, content: bytes | None, holds: bool) -> None:
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    assert holds_anything(tmp_path / "file") is holds


def test_a_log_of_writes_without_its_database_is_never_read_into_the_new_one(
    source: Path, tmp_path: Path, clock: Clock
) -> None:
    target = tmp_path / "database"
    (tmp_path / "database-wal").write_bytes(b"writes of another")
    with being_made(target) as made:
        copy(source, made, nothing_told)
        settle(made)
        assert replace(made, target, now=clock.now) is None
    assert count(target) == 1000
    assert not (tmp_path / "database-wal").exists()


def test_what_is_replaced_keeps_a_name_each_time(source: Path, tmp_path: Path, clock: Clock) -> None:
    target = tmp_path / "database"
    kept = []
    for _ in range(3):
        with being_made(target) as made:
            copy(source, made, nothing_told)
            settle(made)
            kept.append(replace(made, target, now=clock.now))
    assert [path and path.name for path in kept] == [
        None,
        "database.replaced-20300102T030405Z",
        "database.replaced-20300102T030405Z-2",
    ]
