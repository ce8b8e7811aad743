"""Which statements SQLite runs where they are asked for, and which in a thread; each has its rows and its effect."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from bot.store import sqlite_driver

#: Counts to a number in SQLite's own steps, and says in the end which thread did.
COUNT = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) SELECT max(i), thread() FROM n"
SELECT_COUNT = f"SELECT * FROM ({COUNT})"  # noqa: S608 - our own text
INSERT_COUNT = (
    "INSERT INTO said (word) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
    "SELECT i || ' ' || thread() FROM n"
)
LONG = 1_000_000


@pytest.fixture(autouse=True)
def nothing_was_long() -> None:
    sqlite_driver._LONG.clear()
    sqlite_driver._BEGUN.clear()


@asynccontextmanager
async def opened(path: Path, *, busy_seconds: float = 5.0) -> AsyncIterator[AsyncEngine]:
    """An engine whose connections know a function that names the thread they run in."""
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        async_creator=lambda: sqlite_driver.connect(f"{path.as_uri()}?mode=rwc", busy_seconds=busy_seconds),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(_connection: object, record: ConnectionPoolEntry) -> None:
        driver = record.driver_connection
        assert driver is not None
        driver.driver.create_function("thread", 0, threading.get_ident)
        driver.driver.execute("CREATE TABLE IF NOT EXISTS said (id INTEGER PRIMARY KEY, word TEXT)").close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    async with opened(tmp_path / "d.sqlite3") as engine, engine.connect() as found:
        yield found


def driver_of(connection: AsyncConnection) -> sqlite_driver._Connection:
    assert connection.sync_connection is not None
    found = connection.sync_connection.connection.driver_connection
    assert isinstance(found, sqlite_driver._Connection)
    return found


async def until_in_thread(driver: sqlite_driver._Connection) -> None:
    """Until something is in the connection's thread; the loop goes on meanwhile."""
    while driver._sent == driver._ended:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)


async def ran_here(connection: AsyncConnection, statement: str, **parameters: object) -> bool:
    row = (await connection.execute(text(statement), parameters)).one()
    return bool(row[-1] == threading.get_ident())


async def test_what_is_short_is_run_at_once(connection: AsyncConnection) -> None:
    for _ in range(2_000):  # as often as one likes: it is each run that counts, and not what they come to
        assert await ran_here(connection, SELECT_COUNT, most=10)


async def test_others_have_the_loop_between_many_short_ones(connection: AsyncConnection) -> None:
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    going_on = asyncio.create_task(others())
    for _ in range(3_000):
        assert await ran_here(connection, SELECT_COUNT, most=10)
    going_on.cancel()
    assert turns >= 10


async def test_what_reads_for_long_is_stopped_and_run_in_the_thread_then_and_later(connection: AsyncConnection) -> None:
    assert not await ran_here(connection, SELECT_COUNT, most=LONG)
    assert not await ran_here(connection, SELECT_COUNT, most=10)
    row = (await connection.execute(text(SELECT_COUNT), {"most": LONG})).one()
    assert row[0] == LONG


async def test_what_reads_tables_of_its_own_is_stopped_as_well_once_it_is_long(connection: AsyncConnection) -> None:
    assert not await ran_here(connection, COUNT, most=10), "what it does isn't known before it has run once"
    assert await ran_here(connection, COUNT, most=10)
    assert not await ran_here(connection, COUNT, most=LONG)
    assert not await ran_here(connection, COUNT, most=10)


async def test_what_writes_from_tables_of_its_own_is_never_stopped(connection: AsyncConnection) -> None:
    """To stop it would undo the whole transaction. https://www.sqlite.org/c3ref/interrupt.html"""
    insert = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :most) "
        "INSERT INTO said (word) SELECT i || ' ' || thread() FROM n"
    )
    for most in (10, 20_000, 20_000):
        await connection.execute(text(insert), {"most": most})
    rows = (await connection.execute(text("SELECT count(*), count(DISTINCT word) FROM said"))).one()
    assert tuple(rows) == (40_010, 40_000), "each row once: in the thread, where it is asked for, and in the thread"


async def test_what_writes_for_long_is_done_once_and_in_the_thread_the_next_time(connection: AsyncConnection) -> None:
    for _ in range(2):
        await connection.execute(text(INSERT_COUNT), {"most": 20_000})
    rows = (await connection.execute(text("SELECT count(*), count(DISTINCT word) FROM said"))).one()
    assert tuple(rows) == (40_000, 40_000), "each row once, and each half by a thread of its own"


async def test_many_parameters_are_run_in_the_thread(connection: AsyncConnection) -> None:
    names = ", ".join(f":p{number}" for number in range(150))
    values = {f"p{number}": number for number in range(150)}
    assert not await ran_here(connection, f"SELECT 1 IN ({names}), thread()", **values)


async def test_a_large_value_is_written_in_the_thread(connection: AsyncConnection) -> None:
    """One step of SQLite's machine, however large it is."""
    insert = "INSERT INTO said (word) VALUES (:word) RETURNING thread()"
    assert await ran_here(connection, insert, word="x" * 1_000)
    assert not await ran_here(connection, insert, word="x" * 100_000)
    assert not await ran_here(connection, insert, word=b"x" * 100_000)


async def test_a_large_value_that_was_read_once_is_read_in_the_thread(connection: AsyncConnection) -> None:
    await connection.execute(text("INSERT INTO said (word) VALUES (:word)"), {"word": "x" * 20_000_000})
    read = "SELECT word, thread() FROM said"
    await connection.execute(text(read))
    assert not await ran_here(connection, read)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE said SET word = :word RETURNING thread()",
        "DELETE FROM said WHERE word <> :word RETURNING thread()",
        "WITH some AS (SELECT word FROM said) SELECT :word, thread() FROM some",
    ],
)
async def test_what_may_concern_any_number_of_rows_begins_in_the_thread(
    connection: AsyncConnection, statement: str
) -> None:
    for here in (False, True):
        await connection.execute(text("INSERT INTO said (word) VALUES ('one')"))
        assert await ran_here(connection, f"{statement} LIMIT 1" if "WITH" in statement else statement, word="") is here
        await connection.execute(text("DELETE FROM said"))


async def test_what_was_long_once_is_run_at_once_again_in_time(connection: AsyncConnection) -> None:
    assert not await ran_here(connection, SELECT_COUNT, most=LONG)
    ran = [await ran_here(connection, SELECT_COUNT, most=10) for _ in range(sqlite_driver._TIMES_LATER + 1)]
    assert ran == [False] * sqlite_driver._TIMES_LATER + [True]


async def test_what_the_thread_is_about_to_begin_is_undone(tmp_path: Path) -> None:
    """Nobody waits for it any more, and it isn't begun yet: else it would be, and hold the lock from then on."""
    driver = await sqlite_driver.connect(f"{(tmp_path / 'd.sqlite3').as_uri()}?mode=rwc", busy_seconds=1.0)
    assert isinstance(driver, sqlite_driver._Connection)
    goes_on = threading.Event()

    def begin() -> None:
        goes_on.wait()
        driver.driver.execute("BEGIN IMMEDIATE")

    beginning = asyncio.create_task(driver.there(begin))
    await until_in_thread(driver)
    beginning.cancel()
    undoing = asyncio.create_task(driver.rollback())
    await asyncio.sleep(0)
    goes_on.set()
    await undoing
    await driver.there(lambda: None)  # after all that was sent there before
    assert not driver.driver.in_transaction
    await driver.close()


async def test_a_connection_that_is_told_to_end_twice_answers_both(tmp_path: Path) -> None:
    """As one is of which whoever waited for its end was told to stop, too."""
    driver = await sqlite_driver.connect(f"{(tmp_path / 'd.sqlite3').as_uri()}?mode=rwc", busy_seconds=1.0)
    assert isinstance(driver, sqlite_driver._Connection)
    goes_on = threading.Event()
    held = asyncio.create_task(driver.there(goes_on.wait))
    await until_in_thread(driver)
    closing = asyncio.create_task(driver.close())
    await asyncio.sleep(0)
    driver.stop()
    goes_on.set()
    await held
    async with asyncio.timeout(30):
        await closing


async def test_rows_come_as_they_are_asked_for(connection: AsyncConnection) -> None:
    await connection.execute(text("INSERT INTO said (word) VALUES (:word)"), [{"word": str(n)} for n in range(1_000)])
    found = await connection.execute(text("SELECT word FROM said ORDER BY id"))
    assert [int(row.word) for row in found] == list(range(1_000))
    async with connection.stream(text("SELECT word FROM said ORDER BY id")) as rows:
        assert int((await rows.fetchone())[0]) == 0  # type: ignore[index]
        assert [int(row.word) for row in await rows.fetchmany(300)] == list(range(1, 301))
        assert [int(row.word) async for row in rows] == list(range(301, 1_000))
    async with connection.stream(text("SELECT word FROM said")) as rows:
        await rows.fetchone()  # and no more: what is left open would hold the transaction
    changed = await connection.execute(text("UPDATE said SET word = 'x' RETURNING id"))
    assert len(changed.all()) == 1_000
    assert (await connection.execute(text("DELETE FROM said WHERE id <= 10"))).rowcount == 10


async def test_a_statement_that_is_wrong_says_so_and_the_next_one_runs(connection: AsyncConnection) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        await connection.execute(text("SELECT * FROM nowhere"))
    assert await ran_here(connection, SELECT_COUNT, most=10)


async def test_a_lock_is_waited_for_and_nobody_else_waits(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite3"
    async with opened(path) as engine, engine.connect() as connection:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(connection.execute(text("INSERT INTO said (word) VALUES ('late')")))
        # The loop goes on: else nobody could give the lock back.
        await until_in_thread(driver_of(connection))
        holder.execute("COMMIT")
        holder.close()
        await writing
        await connection.commit()
        assert (await connection.execute(text("SELECT word FROM said"))).scalars().all() == ["late"]


async def test_a_lock_that_stays_is_told_after_the_time_for_it(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite3"
    async with opened(path, busy_seconds=0.05) as engine, engine.connect() as connection:
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"):
            await connection.execute(text("INSERT INTO said (word) VALUES ('never')"))
        holder.execute("ROLLBACK")
        holder.close()


async def test_a_commit_waits_for_whoever_reads_where_the_file_has_no_wal(tmp_path: Path) -> None:
    """Such a file takes a commit only while nobody reads it; in between the transaction stays what it was."""
    path = tmp_path / "d.sqlite3"
    async with opened(path) as engine, engine.connect() as connection:
        await connection.execute(text("INSERT INTO said (word) VALUES ('late')"))
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        assert reader.execute("SELECT word FROM said").fetchall() == []
        committing = asyncio.create_task(connection.commit())
        await until_in_thread(driver_of(connection))
        reader.execute("COMMIT")
        await committing
        assert reader.execute("SELECT word FROM said").fetchall() == [("late",)]
        reader.close()


async def test_a_commit_that_never_can_be_is_told(tmp_path: Path) -> None:
    path = tmp_path / "d.sqlite3"
    async with opened(path, busy_seconds=0.05) as engine, engine.connect() as connection:
        await connection.execute(text("INSERT INTO said (word) VALUES ('never')"))
        reader = sqlite3.connect(path, isolation_level=None)
        reader.execute("BEGIN")
        reader.execute("SELECT word FROM said").fetchall()
        with pytest.raises(OperationalError, match="locked"):
            await connection.commit()
        reader.close()


async def test_what_nobody_waits_for_any_more_is_not_met_by_the_next(connection: AsyncConnection) -> None:
    """The thread is still at it: what comes next waits for its turn there, and isn't run beside it."""
    await ran_here(connection, SELECT_COUNT, most=LONG)  # known to be long from here on
    driver = driver_of(connection)
    goes_on = threading.Event()
    held = asyncio.create_task(driver.there(goes_on.wait))
    await until_in_thread(driver)
    held.cancel()
    after = asyncio.create_task(ran_here(connection, SELECT_COUNT, most=10))
    await asyncio.sleep(0)
    assert not after.done()
    goes_on.set()
    assert not await after
