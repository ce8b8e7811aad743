"""Whose turn it is to write."""

from __future__ import annotations

import asyncio

import pytest

from bot.store.awaited import awaited, quiet
from bot.store.turn import Turn


async def taken_in(turn: Turn, who: dict[str, bool]) -> list[str]:
    """In which order these have their turn, by whether each goes first, where all wait behind somebody."""
    order: list[str] = []
    await turn.take(first=False)

    async def one(name: str, *, first: bool) -> None:
        await turn.take(first=first)
        order.append(name)
        turn.give()

    tasks = [asyncio.create_task(one(name, first=first)) for name, first in who.items()]
    await asyncio.sleep(0)
    turn.give()
    await asyncio.gather(*tasks)
    return order


async def test_who_goes_first_goes_before_those_who_came_earlier() -> None:
    who = {"job": False, "command": True, "another job": False, "click": True}
    assert await taken_in(Turn(), who) == ["command", "click", "job", "another job"]


async def test_nobody_waits_for_ever() -> None:
    order = await taken_in(Turn(), {"job": False, **{f"command {number}": True for number in range(20)}})
    assert order.index("job") == 8


async def test_one_at_a_time() -> None:
    turn, inside = Turn(), 0

    async def one(number: int) -> None:
        nonlocal inside
        await turn.take(first=number % 3 == 0)
        inside += 1
        assert inside == 1
        await asyncio.sleep(0)
        inside -= 1
        turn.give()

    await asyncio.gather(*(one(number) for number in range(30)))
    await turn.take(first=False)


@pytest.mark.parametrize("has_come", [False, True])
async def test_who_is_told_to_stop_lets_the_next_one_have_it(has_come: bool) -> None:
    turn = Turn()
    await turn.take(first=False)
    stopped = asyncio.create_task(turn.take(first=True))
    after = asyncio.create_task(turn.take(first=False))
    await asyncio.sleep(0)
    if has_come:
        turn.give()
    stopped.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopped
    if not has_come:
        turn.give()
    await asyncio.wait_for(after, timeout=5)


async def test_who_is_not_awaited_waits_until_nobody_is() -> None:
    order: list[str] = []

    async def job() -> None:
        await quiet(within=60)
        order.append("job")

    with awaited("delivery", within=2.0):
        waiting = asyncio.create_task(job())
        with awaited("another", within=2.0):
            await asyncio.sleep(0)
        await asyncio.sleep(0)
        order.append("answered")
    await waiting
    assert order == ["answered", "job"]
    await quiet(within=60)


async def test_it_waits_no_longer_than_it_says() -> None:
    with awaited("delivery", within=2.0):
        await asyncio.wait_for(quiet(within=0.001), timeout=5)
