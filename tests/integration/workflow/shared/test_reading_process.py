"""Reading an import in a process of its own: the same reading, and a way out when it dies or takes too long."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.domain.reading.import_reading import Given
from bot.domain.reading.listed import Listed
from bot.errors import InvalidInput, ReadingFailed
from bot.workflow.shared import reading_process
from bot.workflow.shared.reading_process import ReadingOrder, ReadingProcess, ReadInThread

TODAY = date(2026, 11, 2)


@pytest.fixture
def reader() -> Iterator[ReadingProcess]:
    reader = ReadingProcess()
    yield reader
    reader.close()


def order(text: str | bytes, **options: object) -> ReadingOrder:
    return ReadingOrder(given=Given(content=text), today=TODAY, **options)  # type: ignore[arg-type]


def large() -> ReadingOrder:
    """What is read for long enough to be interrupted."""
    return order("\n".join(f"evil{number}.example" for number in range(10_000)))


async def test_it_reads_what_a_thread_reads_and_one_process_reads_all(reader: ReadingProcess) -> None:
    assert reader.pid is None, "nothing is started before the first import"
    table = order(b"Sender,Reason\nevil.example,Phish\nbob@evil.example,Spam\n", column="Sender")
    entry = Entry(list=ListName.URL, action=Action.BLOCK, value="evil.example/odd value")
    removal = order("evil.example/odd value", listed=Listed([entry]))
    assert await reader.read(table) == await ReadInThread().read(table)
    first = reader.pid
    assert first is not None
    assert await reader.read(removal) == await ReadInThread().read(removal)
    assert reader.pid == first


async def test_what_cannot_be_read_is_said_in_the_same_words_and_costs_no_process(reader: ReadingProcess) -> None:
    for _ in range(2):
        with pytest.raises(InvalidInput, match="isn't text"):
            await reader.read(order(b"\x00\x01"))
    first = reader.pid
    assert (await reader.read(order("evil.example"))).lines
    assert reader.pid == first


async def test_one_that_dies_is_told_and_the_next_import_has_another(reader: ReadingProcess) -> None:
    await reader.read(order("evil.example"))
    dead = reader.pid
    assert dead is not None
    os.kill(dead, signal.SIGSTOP)
    reading = asyncio.create_task(reader.read(order("evil.example")))
    await asyncio.sleep(0)
    os.kill(dead, signal.SIGKILL)
    with pytest.raises(ReadingFailed, match="ended without an answer"):
        await reading
    assert (await reader.read(order("evil.example"))).lines
    assert reader.pid != dead


async def test_one_that_takes_too_long_is_ended_and_told() -> None:
    reader = ReadingProcess(within=0.01)
    try:
        with pytest.raises(ReadingFailed, match="took longer"):
            await reader.read(large())
        assert reader.pid is None
    finally:
        reader.close()


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux says how much memory there is in use")
async def test_one_that_takes_too_much_memory_is_told() -> None:
    reader = ReadingProcess(most_memory=1)
    try:
        with pytest.raises(ReadingFailed, match=r"memory|ended without an answer|started"):
            await reader.read(large())
    finally:
        reader.close()


async def test_whoever_stops_waiting_leaves_nothing_for_the_next(reader: ReadingProcess) -> None:
    await reader.read(order("evil.example"))
    reading = asyncio.create_task(reader.read(large()))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    [line] = (await reader.read(order("other.example"))).lines
    assert line.indicator is not None
    assert line.indicator.value == "other.example"


@pytest.mark.parametrize("times", [1, 3], ids=["told once", "told again and again"])
async def test_whoever_stops_waiting_while_it_starts_leaves_nothing_either(reader: ReadingProcess, times: int) -> None:
    reading = asyncio.create_task(reader.read(large()))
    for _ in range(times):
        await asyncio.sleep(0)
        reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert [child.name for child in multiprocessing.active_children()] == []
    assert reader.pid is None
    assert (await reader.read(order("other.example"))).lines
    assert [child.pid for child in multiprocessing.active_children()] == [reader.pid]


async def test_the_way_to_a_process_is_closed_once(reader: ReadingProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed twice, the second time may close what has got its number since."""
    ended: list[int] = []
    end = reading_process._Reader.end

    def counted(one: reading_process._Reader) -> None:
        assert one.process.pid is not None
        ended.append(one.process.pid)
        end(one)

    monkeypatch.setattr(reading_process._Reader, "end", counted)
    await reader.read(order("evil.example"))
    pid = reader.pid
    reading = asyncio.create_task(reader.read(large()))
    await asyncio.sleep(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert ended == [pid]


async def test_closed_it_leaves_no_process() -> None:
    reader = ReadingProcess()
    await reader.read(order("evil.example"))
    pid = reader.pid
    assert pid is not None
    reader.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    reader.close()
