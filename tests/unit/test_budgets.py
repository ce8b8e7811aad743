"""Budgets of calls, with a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.budgets import LONGEST_HOLD, BudgetsInMemory, Granted, Rate, Turns

TWO = Rate(per_second=2, burst=3)


class FakeTime:
    """A clock that moves when somebody waits, or when the test says so; and budgets that count who asks."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []
        self.asked = 0
        self.budgets = BudgetsInMemory(clock=self.clock)

    def clock(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(round(seconds, 3))
        self.now += seconds

    async def take(self, name: str, rate: Rate, *, most: int = 1, reserve: int = 0) -> Granted:
        self.asked += 1
        return await self.budgets.take(name, rate, most=most, reserve=reserve)

    async def hold_back(self, name: str, rate: Rate, seconds: float) -> None:
        await self.budgets.hold_back(name, rate, seconds)

    def turns(self, rate: Rate = TWO) -> Turns:
        return Turns(self, "calls", rate, clock=self.clock, wait=self.wait)


@given(
    per_second=st.floats(0.1, 50),
    burst=st.integers(1, 60),
    steps=st.lists(st.tuples(st.floats(0, 20), st.integers(1, 30), st.integers(0, 5)), max_size=60),
)
async def test_no_stretch_of_time_has_more_calls_than_the_rate(
    per_second: float, burst: int, steps: Sequence[tuple[float, int, int]]
) -> None:
    rate, clock = Rate(per_second=per_second, burst=burst), FakeTime()
    made: list[tuple[float, int]] = []
    for passed, most, reserve in steps:
        clock.now += passed
        grant = await clock.take("calls", rate, most=most, reserve=reserve)
        assert 0 <= grant.count <= most
        made.append((clock.now, grant.count))
        for begin, _ in made:
            count = sum(count for at, count in made if at >= begin)
            assert count <= burst + (clock.now - begin) * per_second + 0.001


@given(per_second=st.floats(0.1, 50), burst=st.integers(1, 60), reserve=st.integers(0, 5), spent=st.integers(0, 60))
async def test_whoever_waits_as_long_as_was_said_gets_a_call(
    per_second: float, burst: int, reserve: int, spent: int
) -> None:
    rate, clock = Rate(per_second=per_second, burst=max(burst, reserve + 1)), FakeTime()
    await clock.take("calls", rate, most=spent)
    grant = await clock.take("calls", rate, reserve=reserve)
    if grant.count == 0:
        assert grant.wait > 0
        clock.now += grant.wait
        grant = await clock.take("calls", rate, reserve=reserve)
    assert grant.count == 1


async def test_what_is_reserved_is_left_for_those_who_may_take_it() -> None:
    clock = FakeTime()
    assert (await clock.take("calls", TWO, most=9, reserve=2)).count == 1
    assert await clock.take("calls", TWO, reserve=2) == Granted(count=0, wait=0.5)
    assert (await clock.take("calls", TWO, most=9)).count == 2


async def test_each_budget_is_by_itself() -> None:
    clock = FakeTime()
    await clock.take("one channel", TWO, most=3)
    assert (await clock.take("another", TWO)).count == 1


@pytest.mark.parametrize("seconds", [1.0, 30.0])
async def test_who_is_held_back_goes_on_one_by_one(seconds: float) -> None:
    clock = FakeTime()
    await clock.hold_back("calls", TWO, seconds)
    assert await clock.take("calls", TWO, most=3) == Granted(count=0, wait=seconds)
    clock.now += seconds
    assert (await clock.take("calls", TWO, most=3)).count == 1
    assert (await clock.take("calls", TWO)).wait == pytest.approx(0.5)


@pytest.mark.parametrize(("asked", "held"), [(-5.0, 0.0), (86_400.0, LONGEST_HOLD)])
async def test_no_hold_is_longer_than_an_hour(asked: float, held: float) -> None:
    clock = FakeTime()
    await clock.hold_back("calls", Rate(per_second=1, burst=1), asked)
    assert (await clock.take("calls", Rate(per_second=1, burst=1))).wait == held


async def test_a_shorter_hold_takes_nothing_from_a_longer_one() -> None:
    clock = FakeTime()
    await clock.hold_back("calls", TWO, 30)
    await clock.hold_back("calls", TWO, 1)
    assert (await clock.take("calls", TWO)).wait == 30


async def test_a_burst_goes_at_once_and_the_rest_waits_its_turn() -> None:
    clock = FakeTime()
    turns = clock.turns()
    for _ in range(6):
        assert await turns.take(patience=10) == 0
    assert clock.waits == [0.5, 0.5, 0.5]


async def test_many_calls_cost_few_looks_at_the_budget() -> None:
    clock = FakeTime()
    turns = clock.turns(Rate(per_second=20, burst=40))
    for _ in range(40):
        await turns.take(patience=10)
    assert clock.asked <= 10


async def test_who_calls_now_and_then_takes_nothing_from_others() -> None:
    clock = FakeTime()
    turns, rate = clock.turns(Rate(per_second=20, burst=40)), Rate(per_second=20, burst=40)
    for _ in range(20):
        clock.now += 5
        await turns.take(patience=10)
    assert (await clock.take("calls", rate, most=40)).count == 39


async def test_who_has_to_wait_for_too_long_is_told_so() -> None:
    clock = FakeTime()
    turns = clock.turns()
    await turns.hold_back(20)
    assert await turns.take(patience=10) == 20
    assert await turns.take(patience=20) == 0
    assert clock.waits == [20]


async def test_a_hold_takes_back_what_was_granted_already() -> None:
    clock = FakeTime()
    turns = clock.turns(Rate(per_second=20, burst=40))
    for _ in range(4):
        await turns.take(patience=10)
    await turns.hold_back(5)
    assert await turns.take(patience=1) == pytest.approx(5)


async def test_a_cancelled_wait_keeps_nobody_else_waiting() -> None:
    clock, began, never = FakeTime(), asyncio.Event(), asyncio.Event()

    async def wait(_: float) -> None:
        began.set()
        await never.wait()

    turns = Turns(clock, "calls", Rate(per_second=1, burst=1), clock=clock.clock, wait=wait)
    await turns.take(patience=10)
    waiting = asyncio.create_task(turns.take(patience=10))
    await began.wait()
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    clock.now += 1
    assert await turns.take(patience=10) == 0


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_budget_needs_a_rate_and_room(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="a budget needs"):
        Rate(per_second=per_second, burst=burst)
