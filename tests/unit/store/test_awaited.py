"""Until when somebody waits, where a part of what is done for them has to end sooner."""

from __future__ import annotations

import asyncio

from bot.store.awaited import awaited, current, hurried


async def test_what_is_hurried_ends_sooner_and_the_rest_has_the_whole_time() -> None:
    with awaited("a click", within=100) as waiting:
        whole = waiting.ends
        with hurried(10):
            assert current() is waiting
            assert waiting.ends < whole - 80
        assert waiting.ends == whole
        with hurried(1_000):
            assert waiting.ends == whole
        with hurried(None):
            assert waiting.ends == whole


async def test_where_nobody_waits_nothing_is_hurried() -> None:
    with hurried(0):
        assert current() is None
        await asyncio.sleep(0)
