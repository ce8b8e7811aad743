"""Deliveries: the first one counts, a repetition gets its answer, and two at once are dealt with in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import NotRecorded
from bot.store import Store
from bot.store.deliveries import ONCE
from tests.integration.databases import Clock


async def deliver(store: Store, key: str, *, fail: bool = False) -> Mapping[str, Any] | None:
    """What a listener does: the change and the answer in the transaction that claims the delivery."""
    async with store.write() as uow:
        if not await uow.deliveries.first_time(key):
            return await uow.deliveries.answered(key)
        await uow.jobs.enqueue("change", {})
        await asyncio.sleep(0)  # let the other delivery come in between
        if fail:
            raise RuntimeError
        answer = {"text": "done", "blocks": [{"type": "divider"}]}
        await uow.deliveries.answer(key, answer)
        return answer


async def changes(store: Store) -> int:
    async with store.read() as uow:
        return len(await uow.jobs.waiting(kind="change"))


async def test_a_repetition_gets_the_first_answer_and_changes_nothing(store: Store) -> None:
    first = await deliver(store, "Ev1")
    assert await deliver(store, "Ev1") == first == {"text": "done", "blocks": [{"type": "divider"}]}
    assert await changes(store) == 1


async def test_deliveries_at_once_make_one_change_and_all_get_its_answer(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(6)]
    answers = await asyncio.gather(*(deliver(store, "Ev1") for store in stores))
    assert all(answer == answers[0] is not None for answer in answers)
    assert await changes(stores[0]) == 1


async def test_a_delivery_that_failed_can_be_repeated(store: Store) -> None:
    with pytest.raises(RuntimeError):
        await deliver(store, "Ev1", fail=True)
    assert await changes(store) == 0
    assert await deliver(store, "Ev1") is not None
    assert await changes(store) == 1


async def test_after_a_failure_the_one_that_waited_goes_ahead(open_store: Callable[..., Store]) -> None:
    one, two = open_store(), open_store()
    outcomes = await asyncio.gather(deliver(one, "Ev1", fail=True), deliver(two, "Ev1"), return_exceptions=True)
    assert isinstance(outcomes[0], RuntimeError) or outcomes[1] is not None
    assert await deliver(one, "Ev1") is not None
    assert await changes(one) == 1


async def test_an_unknown_delivery_has_no_answer(store: Store) -> None:
    async with store.write() as uow:
        assert await uow.deliveries.answered("Ev9") is None
        assert await uow.deliveries.first_time("Ev9")
        assert await uow.deliveries.answered("Ev9") is None


async def test_old_deliveries_are_forgotten(store: Store, clock: Clock) -> None:
    await deliver(store, "old")
    clock.advance(days=1)
    await deliver(store, "new")
    async with store.write() as uow:
        assert await uow.deliveries.forget(clock() - timedelta(hours=1)) == 1
        assert await uow.deliveries.answered("old") is None
        assert await uow.deliveries.answered("new") is not None


async def test_what_is_done_once_and_for_all_is_not_forgotten(store: Store, clock: Clock) -> None:
    assert await deliver(store, f"{ONCE}alert:7")
    async with store.write() as uow:
        assert await uow.deliveries.forget(clock() + timedelta(days=365)) == 0
        assert not await uow.deliveries.first_time(f"{ONCE}alert:7")


async def test_tenants_do_not_share_deliveries(open_store: Callable[..., Store]) -> None:
    assert await deliver(open_store(tenant_id="contoso"), "Ev1")
    async with open_store(tenant_id="fabrikam").write() as uow:
        assert await uow.deliveries.first_time("Ev1")


async def test_what_nothing_came_of_stays_so(store: Store) -> None:
    async with store.write() as uow:
        assert await uow.deliveries.give_up("Ev1")
    async with store.write() as uow:
        assert await uow.deliveries.give_up("Ev1"), "whoever lost the answer to the commit asks again"
    with pytest.raises(NotRecorded):
        await deliver(store, "Ev1")
    assert await changes(store) == 0


@pytest.mark.parametrize("fails", [True, False])
async def test_what_is_on_its_way_is_waited_for(open_store: Callable[..., Store], fails: bool) -> None:
    one, two = open_store(), open_store()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        async with one.write() as uow:
            await uow.deliveries.first_time("Ev1")
            begun.set()
            await go_on.wait()
            if fails:
                raise RuntimeError

    async def give_up() -> bool:
        async with two.write() as uow:
            return await uow.deliveries.give_up("Ev1")

    writing = asyncio.create_task(slowly())
    await begun.wait()
    looking = asyncio.create_task(give_up())
    await asyncio.sleep(0)
    assert not looking.done()
    go_on.set()
    await asyncio.gather(writing, return_exceptions=True)
    assert await looking is fails
