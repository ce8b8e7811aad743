"""The states of a request's items as they are by now: another request may have changed some in the meantime."""

from __future__ import annotations

from collections import Counter

from bot.domain.requests.request import ItemState
from bot.store import UnitOfWork

#: States in which nobody knows yet, or nothing has been tried.
OPEN_STATES = frozenset({ItemState.PROPOSED, ItemState.INTENDED})


async def current_states(uow: UnitOfWork, request_id: int, states: dict[int, ItemState]) -> dict[int, ItemState]:
    """The state of each item, by its id: read anew only where their counts say that `states` is no longer true."""
    counts = (await uow.requests.summary(request_id, items=1)).counts
    if Counter(states.values()) == Counter(counts):
        return states
    return {item.id: item.state for item in (await uow.requests.get(request_id)).items}
