"""Whether something was recorded, for certain: what is still on its way is waited for."""

from __future__ import annotations

from bot.store import Store


class _NobodyElseError(Exception):
    """Undoes the claim of a delivery that nobody else has made."""


async def is_recorded(store: Store, delivery: str) -> bool:
    """Whether what claimed a delivery's key was committed. Raises StoreError when that can't be told yet."""
    try:
        async with store.write() as uow:
            if await uow.deliveries.first_time(delivery):
                raise _NobodyElseError
    except _NobodyElseError:
        return False
    return True
