"""PostgreSQL goes silent, is cut off, refuses and comes back, at each step of a transaction.

What is told is true, nothing is left behind, and the store goes on by itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from bot.errors import CommitUnknown, StoreError
from bot.jobs import Schedule, Scheduler, Worker
from bot.store import Job, Store
from bot.store.awaited import RecordState, awaited
from tests.integration.databases import TENANT
from tests.support.database_proxy import DatabaseProxy, Fault
from tests.support.deliveries import is_recorded
from tests.support.postgres import PostgresServer

#: So long may anything here take at most; most of it takes a moment.
LONGEST = 60


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody here has to wait for a silent server for as long as in earnest."""
    monkeypatch.setattr("bot.store.engines.STATEMENT_SECONDS", 3.0)
    monkeypatch.setattr("bot.store.engines.CONNECT_SECONDS", 3.0)
    monkeypatch.setattr("bot.store.transaction.CONNECT_SECONDS", 3.0)


@pytest.fixture
async def proxy(postgres_server: PostgresServer) -> AsyncIterator[DatabaseProxy]:
    async with DatabaseProxy(postgres_server) as opened:
        yield opened


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch, quick: None) -> None:
    """A statement is waited for for longer than whoever is awaited may wait."""
    monkeypatch.setattr("bot.store.engines.STATEMENT_SECONDS", 10.0)


@pytest.fixture
async def store(proxy: DatabaseProxy, postgres_server: PostgresServer, postgres_template: str) -> AsyncIterator[Store]:
    """A store that reaches its database by way of the proxy, and has connections that stand."""
    name = await asyncio.to_thread(lambda: postgres_server.new_database(template=postgres_template))
    store = Store(proxy.url(name), tenant_id=TENANT)
    await stand(store)
    yield store
    await store.close()
    await asyncio.to_thread(postgres_server.drop_database, name)


async def stand(store: Store) -> None:
    """Connections that stand, on which no statement has been prepared that a fault is looked for by."""
    await store.close()
    await asyncio.gather(*(store.ping() for _ in range(4)))


async def write(store: Store, key: str) -> None:
    async with store.write() as uow:
        await uow.deliveries.first_time(key)
        await uow.jobs.enqueue("work", {"key": key})


async def jobs(store: Store) -> list[str]:
    async with store.read() as uow:
        return [str(job.payload["key"]) for job in await uow.jobs.waiting()]


async def recovered(store: Store) -> None:
    """Until the store works again, by nothing but being used."""
    async with asyncio.timeout(LONGEST):
        while True:
            with suppress(StoreError):
                return await store.ping()


async def settled(store: Store, key: str) -> bool:
    """Whether it was recorded, once that can be told."""
    async with asyncio.timeout(LONGEST):
        while True:
            with suppress(StoreError):
                return await is_recorded(store, key)


STEPS = {
    "the beginning": b"BEGIN",
    "a statement": b"INSERT INTO jobs",
    "the commit": b"COMMIT;",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("fault", Fault)
@pytest.mark.parametrize("passed", [False, True])
async def test_what_is_told_of_a_failure_is_true(
    store: Store, proxy: DatabaseProxy, step: str, fault: Fault, passed: bool
) -> None:
    await write(store, "before")
    await stand(store)
    proxy.strike_at(STEPS[step], fault, passed=passed)
    async with asyncio.timeout(LONGEST):
        with pytest.raises(StoreError) as caught:
            await write(store, "Ev1")
    assert isinstance(caught.value, CommitUnknown) is (step == "the commit")
    await proxy.heal()
    await recovered(store)
    was_recorded = step == "the commit" and passed
    assert await settled(store, "Ev1") is was_recorded
    assert await settled(store, "Ev1") is was_recorded, "looking changes nothing"
    assert await jobs(store) == ["before"] + ["Ev1"] * was_recorded
    await write(store, "after")


@pytest.mark.parametrize("fault", Fault)
async def test_our_own_error_outlives_a_failure_of_undoing(store: Store, proxy: DatabaseProxy, fault: Fault) -> None:
    class OursError(Exception):
        pass

    async def fail() -> None:
        async with store.write() as uow:
            await uow.jobs.enqueue("work", {"key": "undone"})
            proxy.strike(fault)
            raise OursError

    async with asyncio.timeout(LONGEST):
        with pytest.raises(OursError):
            await fail()
    await proxy.heal()
    await recovered(store)
    assert await jobs(store) == []


async def test_a_reader_that_has_read_is_told_what_it_read(store: Store, proxy: DatabaseProxy) -> None:
    await write(store, "before")
    async with asyncio.timeout(LONGEST), store.read() as uow:
        [job] = await uow.jobs.waiting()
        proxy.strike(Fault.SILENT)
    assert job.payload == {"key": "before"}


async def test_refused_connections(store: Store, proxy: DatabaseProxy) -> None:
    await proxy.refuse()
    for _ in range(3):
        with pytest.raises(StoreError, match="can't be reached"):
            await store.ping()
    await proxy.heal()
    await recovered(store)


async def test_a_slow_way_is_no_failure(store: Store, proxy: DatabaseProxy) -> None:
    proxy.delay = 0.02
    await write(store, "slow")
    assert await settled(store, "slow")


@pytest.mark.parametrize("step", STEPS)
async def test_who_is_told_to_stop_leaves_nothing_behind(store: Store, proxy: DatabaseProxy, step: str) -> None:
    proxy.strike_at(STEPS[step], Fault.SILENT, passed=False)
    writing = asyncio.create_task(write(store, "Ev1"))
    async with asyncio.timeout(LONGEST):
        await proxy.struck.wait()
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    await proxy.heal()
    await recovered(store)
    assert not await settled(store, "Ev1")
    await write(store, "Ev1")


@pytest.mark.parametrize("step", STEPS)
async def test_who_is_awaited_hears_in_time_and_the_truth(
    patient: None, store: Store, proxy: DatabaseProxy, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the database would be waited for otherwise."""
    monkeypatch.setattr("bot.store.transaction.CONNECT_SECONDS", 10.0)
    proxy.strike_at(STEPS[step], Fault.SILENT, passed=True)
    async with asyncio.timeout(LONGEST):
        with awaited("Ev1", within=4) as waiting, pytest.raises(StoreError) as caught:
            await write(store, "Ev1")
    unknown = step == "the commit"
    assert isinstance(caught.value, CommitUnknown) is unknown
    assert waiting.recorded is (RecordState.UNKNOWN if unknown else RecordState.NOTHING)
    assert waiting.doubtful == ("Ev1" if unknown else None)
    await proxy.heal()
    await recovered(store)
    assert await settled(store, "Ev1") is unknown


async def test_the_server_ends_its_connections(store: Store, postgres_server: PostgresServer) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portcullis'"

    async def be_cut() -> None:
        async with store.write() as uow:
            await asyncio.to_thread(postgres_server.run, cut)
            await uow.jobs.enqueue("work", {"key": "Ev1"})

    with pytest.raises(StoreError) as caught:
        await be_cut()
    assert not isinstance(caught.value, CommitUnknown)
    await write(store, "Ev2")
    assert await jobs(store) == ["Ev2"]


async def test_the_server_takes_no_more_connections(
    store: Store, postgres_server: PostgresServer, proxy: DatabaseProxy
) -> None:
    database = store._url.database
    await asyncio.to_thread(postgres_server.run, f'ALTER DATABASE "{database}" CONNECTION LIMIT 0')
    await asyncio.to_thread(
        postgres_server.run,
        "CREATE ROLE guest LOGIN",
        f'GRANT ALL ON DATABASE "{database}" TO guest',
    )
    other = Store(proxy.url(str(database)).replace("postgres@", "guest@"), tenant_id=TENANT)
    with pytest.raises(StoreError, match="takes no more connections"):
        await other.ping()
    await other.close()
    await asyncio.to_thread(postgres_server.run, f'REVOKE ALL ON DATABASE "{database}" FROM guest', "DROP ROLE guest")


async def test_a_server_that_only_lets_read(store: Store, postgres_server: PostgresServer) -> None:
    database = store._url.database
    await asyncio.to_thread(postgres_server.run, f'ALTER DATABASE "{database}" SET default_transaction_read_only = on')
    reader = Store(store._url.render_as_string(hide_password=False), tenant_id=TENANT)
    with pytest.raises(StoreError, match="may not write"):
        await write(reader, "Ev1")
    assert await jobs(reader) == []
    await reader.close()


@pytest.mark.parametrize("make", [lambda proxy: proxy.strike(Fault.SILENT), lambda proxy: proxy.refuse()])
async def test_no_address_and_no_statement_is_told(
    store: Store, proxy: DatabaseProxy, make: Callable[[DatabaseProxy], object]
) -> None:
    made = make(proxy)
    if asyncio.iscoroutine(made):
        await made
    with pytest.raises(StoreError) as caught:
        await write(store, "Ev1")
    for secret in ("127.0.0.1", "postgres@", "postgresql://", "INSERT", str(store._url.database)):
        assert secret not in str(caught.value)
    assert "127.0.0.1" in caught.value.where


async def test_the_worker_and_the_schedule_outlive_a_silent_database(store: Store, proxy: DatabaseProxy) -> None:
    done = asyncio.Queue[str]()

    async def handle(job: Job) -> None:
        done.put_nowait(job.kind)

    stop = asyncio.Event()
    worker = Worker(store, {"work": handle, "round": handle}, name="one", poll_seconds=0.05)
    scheduler = Scheduler(store, [Schedule(kind="round", every=timedelta(seconds=1))])
    parts = [asyncio.create_task(worker.run(stop)), asyncio.create_task(scheduler.run(stop))]
    async with asyncio.timeout(2 * LONGEST):
        assert await done.get() == "round"
        proxy.strike(Fault.SILENT)
        await proxy.struck.wait()
        await proxy.refuse()
        await proxy.heal()
        while not done.empty():
            done.get_nowait()
        assert await done.get() == "round"
        stop.set()
        await asyncio.gather(*parts)


async def test_a_handler_is_ended_before_a_peer_may_have_its_job(store: Store, proxy: DatabaseProxy) -> None:
    """The database is silent all the while, so that the lease can be neither renewed nor given back."""
    ended = asyncio.Event()

    async def handle(job: Job) -> None:
        proxy.strike(Fault.SILENT)
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    await write(store, "Ev1")
    worker = Worker(store, {"work": handle}, name="one", lease_seconds=4, poll_seconds=3600)
    stop = asyncio.Event()
    working = asyncio.create_task(worker.run(stop))
    async with asyncio.timeout(LONGEST):
        await ended.wait()
        stop.set()
        await working
