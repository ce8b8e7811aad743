"""Waiting for what nobody tells: another process's doings, a message that changes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress


async def comes_true(look: Callable[[], bool | Awaitable[bool]], *, within: float, every: float = 0.05) -> bool:
    """Look again and again; False where it isn't so within that many seconds."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while True:
                found = look()
                if found if isinstance(found, bool) else await found:
                    return True
                await asyncio.sleep(every)
    return False
