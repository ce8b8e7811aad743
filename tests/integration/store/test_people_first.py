"""Whoever is awaited has their transactions before what nobody waits for, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.store import Store
from bot.store.awaited import GIVEN_WAY, awaited

Begun = Callable[[], None]


async def reads(store: Store, begun: Begun) -> None:
    async with store.read() as uow:
        begun()
        await uow.deliveries.answered("key")


async def writes(store: Store, begun: Begun) -> None:
    async with store.write() as uow:
        begun()
        await uow.deliveries.first_time("job")


async def pings(store: Store, begun: Begun) -> None:
    await store.ping()
    begun()


@pytest.mark.parametrize("work", [reads, writes, pings], ids=lambda work: work.__name__)
async def test_what_nobody_waits_for_begins_once_everybody_was_answered(
    store: Store, work: Callable[[Store, Begun], Awaitable[None]]
) -> None:
    order: list[str] = []
    come, typed = asyncio.Event(), asyncio.Event()

    async def delivery() -> None:
        with awaited("delivery", within=60.0):
            come.set()
            await typed.wait()
            async with store.write() as uow:
                await uow.deliveries.first_time("delivery")
            order.append("delivery")

    async def job() -> None:
        await work(store, lambda: order.append("job"))

    typing = asyncio.create_task(delivery())
    await come.wait()
    working = asyncio.create_task(job())
    await asyncio.sleep(0)
    typed.set()
    await asyncio.gather(typing, working)
    assert order == ["delivery", "job"]


async def test_it_waits_for_half_a_second_at_most(store: Store) -> None:
    working = asyncio.create_task(writes(store, lambda: None))
    with awaited("delivery", within=60.0):
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.wait_for(working, timeout=30)
        assert loop.time() - began >= GIVEN_WAY - 0.01


async def test_who_has_begun_to_write_gives_way_no_more(store: Store) -> None:
    """Whoever is awaited may be waiting for just that."""
    begun, typed = asyncio.Event(), asyncio.Event()
    order: list[str] = []

    async def job() -> None:
        async with store.write() as uow:
            await uow.deliveries.first_time("job")
            begun.set()
            await typed.wait()
            await reads(store, lambda: order.append("read"))

    working = asyncio.create_task(job())
    await begun.wait()
    with awaited("delivery", within=60.0):
        typed.set()
        await writes(store, lambda: order.append("delivery"))
    await working
    if store.is_for_one_process:  # its writer was waited for, and reads before it is done
        assert order == ["read", "delivery"]


async def test_what_a_writer_has_begun_and_that_goes_on_by_itself_gives_way(store: Store) -> None:
    order: list[str] = []
    go_on = asyncio.Event()

    async def goes_on() -> None:
        await go_on.wait()
        await reads(store, lambda: order.append("goes on"))

    async with store.write() as uow:
        await uow.deliveries.first_time("job")
        going_on = asyncio.create_task(goes_on())
    with awaited("delivery", within=60.0):
        go_on.set()
        await asyncio.sleep(0)
        await writes(store, lambda: order.append("delivery"))
    await going_on
    assert order == ["delivery", "goes on"]


async def test_what_a_delivery_has_begun_and_that_goes_on_once_it_is_answered_gives_way(store: Store) -> None:
    order: list[str] = []
    go_on = asyncio.Event()

    async def goes_on() -> None:
        await go_on.wait()
        await reads(store, lambda: order.append("goes on"))

    with awaited("answered by now", within=60.0):
        going_on = asyncio.create_task(goes_on())
        await asyncio.sleep(0)
    with awaited("delivery", within=60.0):
        go_on.set()
        await asyncio.sleep(0)
        await writes(store, lambda: order.append("delivery"))
    await going_on
    assert order == ["delivery", "goes on"]


async def test_what_is_begun_for_a_delivery_waits_for_nobody(store: Store) -> None:
    with awaited("delivery", within=60.0):
        begun: list[bool] = []
        await asyncio.create_task(writes(store, lambda: begun.append(True)))
        assert begun
