"""Readings that are shared: by whom, and by whom not."""

from __future__ import annotations

import asyncio

import pytest

from bot.tenant.exchange import shared_readings
from bot.tenant.exchange.shared_readings import Begins, SharedReadings


class Service:
    """Answers each reading with its number, when it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.turn = asyncio.Event()  #: a reading waits for it before it begins
        self.turn.set()
        self.answers = asyncio.Event()
        self.ended: list[str] = []

    async def read(self, begins: Begins) -> int:
        self.asked += 1
        number = self.asked
        try:
            await self.turn.wait()
            begins()
            await self.answers.wait()
        except asyncio.CancelledError:
            self.ended.append("cancelled")
            raise
        self.ended.append("answered")
        return number


async def _settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_those_who_ask_before_it_begins_share_one_reading_and_whoever_asks_later_gets_the_next() -> None:
    service, readings = Service(), SharedReadings[str, int]()
    first = [asyncio.create_task(readings.read("sender", service.read)) for _ in range(3)]
    await _settle()
    later = [asyncio.create_task(readings.read("sender", service.read)) for _ in range(3)]
    await _settle()
    assert service.asked == 1  # the next one begins after it
    service.answers.set()
    assert await asyncio.gather(*first) == [1, 1, 1]
    assert await asyncio.gather(*later) == [2, 2, 2]
    assert await readings.read("sender", service.read) == 3


async def test_a_reading_that_waits_for_its_turn_has_not_begun() -> None:
    service, readings = Service(), SharedReadings[str, int]()
    service.turn.clear()
    service.answers.set()
    first = asyncio.create_task(readings.read("sender", service.read))
    await _settle()
    later = asyncio.create_task(readings.read("sender", service.read))
    await _settle()
    service.turn.set()
    assert await asyncio.gather(*[first, later]) == [1, 1]


async def test_other_things_are_read_meanwhile() -> None:
    service, readings = Service(), SharedReadings[str, int]()
    both = [asyncio.create_task(readings.read(name, service.read)) for name in ("sender", "url")]
    await _settle()
    assert service.asked == 2
    service.answers.set()
    assert await asyncio.gather(*both) == [1, 2]


async def test_one_without_an_answer_keeps_nobody_from_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_readings, "_WAITS", 0.01)
    service, other, readings = Service(), Service(), SharedReadings[str, int]()
    silent = asyncio.create_task(readings.read("sender", service.read))
    await _settle()
    other.answers.set()
    assert await readings.read("sender", other.read) == 1
    assert not silent.done()
    service.answers.set()
    assert await silent == 1


async def test_what_it_fails_with_is_told_to_all_and_the_next_is_another() -> None:
    readings = SharedReadings[str, int]()

    async def fails(begins: Begins) -> int:
        begins()
        raise OSError("no")

    asked = [asyncio.create_task(readings.read("sender", fails)) for _ in range(2)]
    assert [str(error) for error in await asyncio.gather(*asked, return_exceptions=True)] == ["no", "no"]
    service = Service()
    service.answers.set()
    assert await readings.read("sender", service.read) == 1


async def test_it_goes_on_until_nobody_waits_for_it() -> None:
    service, readings = Service(), SharedReadings[str, int]()
    one, other = (asyncio.create_task(readings.read("sender", service.read)) for _ in range(2))
    await _settle()
    one.cancel()
    await _settle()
    assert service.ended == []
    other.cancel()
    await _settle()
    assert service.ended == ["cancelled"]
    service.answers.set()
    assert await readings.read("sender", service.read) == 2


async def test_one_that_nobody_waits_for_any_more_before_it_began_is_not_shared() -> None:
    service, readings = Service(), SharedReadings[str, int]()
    service.turn.clear()
    gone = asyncio.create_task(readings.read("sender", service.read))
    await _settle()
    gone.cancel()
    await _settle()
    service.turn.set()
    service.answers.set()
    assert await readings.read("sender", service.read) == 2
