"""Budgets of calls in the database: as those in memory, and shared."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, literal_column, select

from bot.budgets import Budgets, BudgetsInMemory, Granted, Rate
from bot.errors import StoreError
from bot.store import Store
from bot.store.budgets import CallBudgets
from bot.store.shared_budgets import SharedBudgets, budgets_of

TWO = Rate(per_second=2, burst=3)
_WAIT = select(func.set_config("synchronous_commit", "on", literal_column("false")))
_WAITS = select(func.current_setting("synchronous_commit"))
BEGIN = 1_900_000_000.0


@pytest.mark.parametrize("seed", range(3))
async def test_it_grants_what_one_in_memory_grants(store: Store, seed: int) -> None:
    chance, now = random.Random(seed), BEGIN  # noqa: S311 - to be had again
    memory = BudgetsInMemory(clock=lambda: now)
    for _ in range(60):
        now += chance.choice([0.0, 0.1, 0.5, 3.0])
        name, reserve, most = chance.choice("ab"), chance.choice([0, 0, 1, 2]), chance.randint(1, 5)
        async with store.write() as uow:
            if chance.random() < 0.1:
                seconds = chance.choice([0.5, 2.0])
                await uow.budgets.hold_back(name, TWO, seconds, at=now)
                await memory.hold_back(name, TWO, seconds)
                continue
            grant = await uow.budgets.take(name, TWO, most=most, reserve=reserve, at=now)
        expected = await memory.take(name, TWO, most=most, reserve=reserve)
        assert (grant.count, grant.wait) == (expected.count, pytest.approx(expected.wait, abs=1e-4))


async def test_it_goes_by_the_clock_of_the_database(store: Store) -> None:
    """The replicas' own clocks, which may differ, play no part: the test's stands still."""
    slow = Rate(per_second=0.001, burst=2)
    async with store.write() as uow:
        assert (await uow.budgets.take("calls", slow, most=5)).count == 2
    async with store.write() as uow:
        grant = await uow.budgets.take("calls", slow)
    assert grant.count == 0
    assert 0 < grant.wait <= 1000


async def test_replicas_share_it(open_store: Callable[..., Store]) -> None:
    """Of many who ask at once, no more go than there are calls, whatever process they are in."""
    slow = Rate(per_second=0.001, burst=7)
    replicas: list[Budgets] = [SharedBudgets(open_store()) for _ in range(3)]
    grants = await asyncio.gather(*(replica.take("calls", slow) for replica in replicas for _ in range(5)))
    assert sum(grant.count for grant in grants) == 7
    await replicas[0].hold_back("other", slow, 50)
    assert [(await replica.take("other", slow)).count for replica in replicas] == [0, 0, 0]


async def test_what_is_taken_within_a_transaction_is_undone_with_it(store: Store) -> None:
    slow = Rate(per_second=0.001, burst=2)
    shared = SharedBudgets(store)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the block is what fails
        async with store.write() as uow:
            assert (await shared.within(uow).take("calls", slow, most=2)).count == 2
            raise ZeroDivisionError
    async with store.write() as uow:
        assert (await shared.within(uow).take("calls", slow)).count == 1
        await shared.within(uow).within(uow).hold_back("other", slow, 50)
    assert (await shared.take("calls", slow, most=5)).count == 1
    assert (await shared.take("other", slow)).count == 0
    with pytest.raises(TypeError):
        shared.within(store)


async def test_each_tenant_has_its_own(open_store: Callable[..., Store]) -> None:
    slow = Rate(per_second=0.001, burst=1)
    for tenant in ("one", "another"):
        assert (await SharedBudgets(open_store(tenant_id=tenant)).take("calls", slow)).count == 1


async def test_what_is_full_again_is_forgotten(store: Store) -> None:
    async with store.write() as uow:
        await uow.budgets.take("long ago", TWO, at=BEGIN - 1e9)
        await uow.budgets.hold_back("held back", TWO, 3600)
        await uow.budgets.forget_full(since=60)
    async with store.write() as uow:
        assert (await uow.budgets.take("held back", TWO)).count == 0


async def test_one_process_needs_no_database_for_it(store: Store, database_kind: str) -> None:
    assert isinstance(budgets_of(store), BudgetsInMemory if database_kind == "sqlite" else SharedBudgets)


async def test_without_a_database_each_process_goes_by_its_own_count(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'none.sqlite3'}", tenant_id="tenant")
    with pytest.raises(StoreError):
        await store.ping()
    budgets = SharedBudgets(store)
    slow = Rate(per_second=0.001, burst=2)
    assert (await budgets.take("calls", slow, most=5)).count == 2
    assert (await budgets.take("calls", slow)).count == 0
    await budgets.hold_back("other", slow, 5)
    assert (await budgets.take("other", slow)).count == 0


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_what_is_taken_by_itself_waits_for_no_disk_and_what_else_is_written_does(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what the database says of each transaction, all on one connection after the other."""
    waits: list[str] = []
    take = CallBudgets.take

    async def seen(budgets: CallBudgets, *args: Any, **options: Any) -> Granted:  # noqa: ANN401 - take's
        granted = await take(budgets, *args, **options)
        waits.append(str((await budgets._scope.prepared(_WAITS, {})).scalar()))
        return granted

    monkeypatch.setattr(CallBudgets, "take", seen)
    shared = SharedBudgets(store)
    async with store.write() as uow:
        # The tests' own server waits for no disk unless it is told to.
        await uow.budgets._scope.prepared(_WAIT, {})
    await shared.take("calls", TWO)
    async with store.write() as uow:
        await shared.within(uow).take("calls", TWO)
    await shared.take("calls", TWO)
    assert waits == ["off", "on", "off"]
