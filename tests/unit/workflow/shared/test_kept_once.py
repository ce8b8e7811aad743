"""A reading that several go by is kept by one of them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.lists.traits import Action, ListName
from bot.workflow.shared.kept_once import KeptOnce

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def of_senders(*values: str, at: datetime = NOW) -> ListSnapshot:
    entries = tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in values)
    return ListSnapshot(list=ListName.SENDER, as_of=at, entries=entries)


FILTER = ListSnapshot(
    list=ListName.CONNECTION_FILTER,
    as_of=NOW,
    policies=(FilterPolicy(identity="Default", is_default=True, safe_list=False, allow=(), block=()),),
)
ONE = of_senders("evil.example")


@pytest.mark.parametrize(
    ("before", "then", "is_kept"),
    [
        pytest.param(ONE, ONE, False, id="the same"),
        pytest.param(ONE, replace(ONE), False, id="the same for another change"),
        pytest.param(FILTER, replace(FILTER, entries=ONE.entries), False, id="of the same policies"),
        pytest.param(ONE, of_senders("evil.example"), True, id="another of the same moment"),
        pytest.param(ONE, of_senders("evil.example", at=NOW + timedelta(seconds=1)), True, id="a later one"),
        pytest.param(of_senders("evil.example", at=NOW + timedelta(seconds=1)), ONE, False, id="an older one"),
        pytest.param(FILTER, ONE, True, id="of another list"),
    ],
)
async def test_which_readings_are_kept_after_another(before: ListSnapshot, then: ListSnapshot, is_kept: bool) -> None:
    kept: list[ListSnapshot] = []
    once = KeptOnce()

    async def keep(reading: ListSnapshot) -> bool:
        async def done() -> None:
            kept.append(reading)

        return await once.keep(reading, done)

    assert await keep(before)
    assert await keep(then) is is_kept
    assert len(kept) == 1 + is_kept


async def test_who_comes_meanwhile_waits_until_it_is_kept_and_keeps_it_where_that_failed() -> None:
    once, goes_on = KeptOnce(), asyncio.Event()
    kept: list[str] = []

    def keep(name: str, *, fails: bool = False) -> Callable[[], asyncio.Future[None]]:
        async def done() -> None:
            await goes_on.wait()
            if fails:
                raise OSError(name)
            kept.append(name)

        return lambda: asyncio.ensure_future(done())

    asked = [
        asyncio.create_task(once.keep(ONE, keep("first", fails=True))),
        asyncio.create_task(once.keep(ONE, keep("second"))),
        asyncio.create_task(once.keep(ONE, keep("third"))),
    ]
    await asyncio.sleep(0)
    assert not any(task.done() for task in asked)
    goes_on.set()
    first, *others = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(first, OSError)
    assert others == [True, False]
    assert kept == ["second"]


async def test_nothing_of_what_was_read_is_held() -> None:
    """Of a full list it takes megabytes, the entries as much as their index, and nobody asks for it any more."""

    class Watched(Entry):
        """One of which it can be seen whether somebody holds it."""

    async def done() -> None:
        pass

    once = KeptOnce()
    reading = ListSnapshot(
        list=ListName.SENDER,
        as_of=NOW,
        entries=(Watched(list=ListName.SENDER, action=Action.BLOCK, value="evil.example"),),
    )
    held, again = weakref.ref(reading.entries[0]), replace(ONE, token=reading.token)
    assert await once.keep(reading, done)
    del reading
    gc.collect()
    assert held() is None
    assert not await once.keep(again, done)
