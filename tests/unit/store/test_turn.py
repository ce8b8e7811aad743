"""Whose turn it is to write."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context

import pytest

from bot.store.awaited import GIVEN_WAY, awaited, quiet
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
        with_both.set()
        await quiet()
        order.append("job")

    async def delivery(name: str, *, after: asyncio.Event) -> None:
        with awaited(name, within=2.0):
            begun[name].set()
            await after.wait()
            order.append(name)

    with_both, one_more_turn = asyncio.Event(), asyncio.Event()
    begun = {"delivery": asyncio.Event(), "another": asyncio.Event()}
    deliveries = [
        asyncio.create_task(delivery("another", after=with_both)),
        asyncio.create_task(delivery("delivery", after=one_more_turn)),
    ]
    for each in begun.values():
        await each.wait()
    waiting = asyncio.create_task(job())
    await deliveries[0]
    one_more_turn.set()
    await waiting
    assert order == ["another", "delivery", "job"]
    await quiet()


@pytest.mark.parametrize(
    ("lasted", "waits"),
    [
        (0.0, GIVEN_WAY),
        (0.8 * GIVEN_WAY, 0.2 * GIVEN_WAY),
        (GIVEN_WAY, 0.0),
        (1.9 * GIVEN_WAY, 0.0),
        (2 * GIVEN_WAY, GIVEN_WAY),
        (3.5 * GIVEN_WAY, 0.0),
    ],
)
async def test_where_there_is_always_somebody_who_waits_it_gives_way_half_of_the_time(
    lasted: float, waits: float
) -> None:
    loop = asyncio.get_running_loop()
    with awaited("delivery", within=60.0) as first:
        first.unquiet_since = (began := loop.time()) - lasted
        # Whoever comes while somebody waits makes it no longer.
        with awaited("another", within=60.0):
            await asyncio.wait_for(_of_nobody(quiet()), timeout=30)
        assert loop.time() - began >= waits - 0.01
        assert waits or loop.time() - began < GIVEN_WAY


async def _of_nobody(work: Coroutine[None, None, None]) -> None:
    """Do it as what nobody waits for."""
    await asyncio.create_task(work, context=Context())


async def test_what_is_done_for_whoever_is_awaited_waits_for_nobody() -> None:
    """It would wait for itself."""
    with awaited("delivery", within=2.0):
        await asyncio.wait_for(quiet(), timeout=5)
        await asyncio.wait_for(asyncio.create_task(quiet()), timeout=5)
