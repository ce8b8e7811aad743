"""Connections are kept between transactions: nothing of one is left to the next, and none that is broken is used."""

from __future__ import annotations

import asyncio

import pytest

from bot.store import Store
from bot.store.drivers import Driver
from tests.support.postgres import PostgresServer

#: As many as are kept, see `bot.store.kept_drivers`.
MOST = 8


def kept(store: Store) -> list[Driver]:
    return store._transactions._kept._idle


class NeverMindError(Exception):
    """Undoes what was begun."""


async def test_the_next_transaction_has_the_connection_of_the_one_before(store: Store) -> None:
    await store.ping()
    [before] = kept(store)
    async with store.write() as uow:
        assert kept(store) == []
        await uow.deliveries.first_time("key")
    async with store.read() as uow:
        assert await uow.deliveries.answered("key") is None
    assert kept(store) == [before]


async def test_no_more_are_kept_than_are_of_use(store: Store) -> None:
    async def read(everybody: asyncio.Barrier) -> None:
        async with store.read() as uow:
            await uow.deliveries.answered("key")
            await everybody.wait()

    together = asyncio.Barrier(MOST + 4)
    await asyncio.gather(*(read(together) for _ in range(MOST + 4)))
    assert len(kept(store)) == MOST


@pytest.mark.parametrize("by_mapping", [False, True], ids=["at the driver", "by the mapping"])
async def test_nothing_of_a_transaction_is_left_to_the_next(store: Store, by_mapping: bool) -> None:
    async def act(key: str) -> None:
        async with store.write() as uow:
            await uow.deliveries.first_time(key)
            if by_mapping:
                await uow.audit.head()
            if key == "undone":
                raise NeverMindError

    await act("recorded")
    [driver] = kept(store)
    assert not driver.connection.in_transaction()
    with pytest.raises(NeverMindError):
        await act("undone")
    assert kept(store) == [driver]
    assert not driver.connection.in_transaction()
    async with store.write() as uow:
        assert [await uow.deliveries.first_time(key) for key in ("recorded", "undone")] == [False, True]


async def test_a_reader_sees_what_was_written_since_the_reading_before(store: Store) -> None:
    for number in range(3):
        async with store.read() as uow:
            assert len(await uow.jobs.waiting()) == number
        async with store.write() as uow:
            await uow.jobs.enqueue("work", {})


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_with_one_that_is_broken_all_go(store: Store, postgres_server: PostgresServer) -> None:
    await asyncio.gather(*(store.ping() for _ in range(4)))
    before = [*kept(store)]  # held, so that no other gets the number of one of them
    assert len(before) > 1
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'portcullis'"
    await asyncio.to_thread(postgres_server.run, cut)
    await asyncio.gather(*(store.ping() for _ in range(4)))
    assert not {id(driver) for driver in before} & {id(driver) for driver in kept(store)}


async def test_a_store_that_is_closed_keeps_none_and_can_be_used_again(store: Store) -> None:
    await asyncio.gather(*(store.ping() for _ in range(4)))
    await store.close()
    assert kept(store) == []
    await store.ping()
    assert len(kept(store)) == 1


async def test_one_that_was_on_its_way_while_another_broke_is_not_kept(store: Store) -> None:
    on_its_way = asyncio.create_task(store.ping())
    await asyncio.sleep(0)
    await store._transactions._kept.let_go()
    await on_its_way
    assert kept(store) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sizes", "is_kept"),
    [
        pytest.param([1_000] * 50, True, id="small ones"),
        pytest.param([600_000], True, id="a large one"),
        pytest.param([1_200_000], False, id="a larger one"),
        pytest.param([600_000, 600_000], False, id="two large ones"),
    ],
)
async def test_one_that_holds_on_to_much_of_what_it_was_given_goes(
    store: Store, sizes: list[int], is_kept: bool
) -> None:
    await store.ping()
    [before] = kept(store)
    for number, size in enumerate(sizes):
        async with store.write() as uow:
            await uow.deliveries.first_time(str(number))
            await uow.deliveries.answer(str(number), {"text": "x" * size})
    await store.ping()
    assert (kept(store) == [before]) is is_kept
    async with store.read() as uow:
        assert await uow.deliveries.answered("0") == {"text": "x" * sizes[0]}
