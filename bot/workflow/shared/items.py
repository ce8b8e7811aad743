"""Many items a few at a time, so that no transaction is long, and the states that they are in by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from bot.domain.requests.request import Item, ItemState
from bot.store import UnitOfWork

#: How many items one transaction records: SQLite has one writer, and people wait for it.
RECORDED_AT_ONCE = 150

_Thing = TypeVar("_Thing")


def strides(things: Sequence[_Thing], size: int = RECORDED_AT_ONCE) -> Iterator[Sequence[_Thing]]:
    """The things in their order, at most `size` at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]


async def set_items(uow: UnitOfWork, items: Iterable[Item]) -> None:
    """Record the states and words that some items have."""
    await uow.requests.set_items({item.id: (item.state, item.outcome) for item in items})


async def current_states(uow: UnitOfWork, request_id: int, states: dict[int, ItemState]) -> dict[int, ItemState]:
    """The state of each item, by its id; of many read anew only where their counts say that `states` is no longer true.

    Another request may have changed some of them in the meantime.
    """
    if len(states) > RECORDED_AT_ONCE and Counter(states.values()) == Counter(await uow.requests.counts(request_id)):
        return states
    return await uow.requests.states(request_id)
