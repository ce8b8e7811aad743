"""A process that ends in the midst of what it writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.store import Store, UnitOfWork


class Killed(BaseException):
    """The process ends."""


@asynccontextmanager
async def dying(store: Store, monkeypatch: pytest.MonkeyPatch, *, at: int, committed: bool) -> AsyncIterator[None]:
    """The process ends before a transaction that writes, by its number, or once that is committed."""
    write: Callable[[], object] = store.write
    left = at

    @asynccontextmanager
    async def counted() -> AsyncIterator[UnitOfWork]:
        nonlocal left
        left -= 1
        if left == 0 and not committed:
            raise Killed
        async with write() as uow:  # type: ignore[attr-defined]
            yield uow
        if left == 0:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", counted)
        yield
