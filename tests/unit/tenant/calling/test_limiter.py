"""The token bucket, with a clock that the test turns."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from bot.tenant.calling.limiter import TokenBucket


class FakeTime:
    """A clock that moves only when somebody waits, or when the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    def bucket(self, *, per_second: float = 2, burst: int = 3) -> TokenBucket:
        return TokenBucket(per_second=per_second, burst=burst, clock=self.clock, wait=self.wait)


async def test_a_burst_goes_at_once_and_the_rest_waits_its_turn() -> None:
    time = FakeTime()
    bucket = time.bucket()
    for _ in range(6):
        await bucket.acquire()
    assert time.waits == [0.5, 1.0, 1.5]


async def test_time_fills_the_bucket_up_to_its_burst() -> None:
    time = FakeTime()
    bucket = time.bucket()
    for _ in range(3):
        await bucket.acquire()
    time.now += 0.5
    await bucket.acquire()
    assert time.waits == []
    time.now += 1000
    for _ in range(4):
        await bucket.acquire()
    assert time.waits == [0.5]


async def test_a_cancelled_wait_gives_its_place_back() -> None:
    time = FakeTime()
    hold = asyncio.Event()

    async def wait(seconds: float) -> None:
        time.waits.append(seconds)
        if len(time.waits) == 1:
            await hold.wait()

    bucket = TokenBucket(per_second=1, burst=1, clock=time.clock, wait=wait)
    await bucket.acquire()
    waiting = asyncio.create_task(bucket.acquire())
    while not time.waits:  # noqa: ASYNC110 - the task has to run until it waits
        await asyncio.sleep(0)
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    await bucket.acquire()
    assert time.waits == [1.0, 1.0]


@pytest.mark.parametrize(("per_second", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_bucket_needs_a_rate_and_room(per_second: float, burst: int) -> None:
    with pytest.raises(ValueError, match="a bucket needs"):
        TokenBucket(per_second=per_second, burst=burst)
