"""Approving a proposal without some of its lines: what stays, what is left out, and what is logged of it.

1. What is left out is never sent. It stays with its request, in a state of its own, and the log names it.
2. A request of which nothing stays is denied: nothing is sent for it.
3. Something has to stay: who wants nothing of it denies it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import LARGE, Item, ItemState, Request
from bot.errors import Conflict

#: A proposal of more lines is approved as a whole or not at all: no form shows them all to choose from.
MOST_TO_CHOOSE_FROM = LARGE


def can_be_chosen_from(parts: Parts) -> bool:
    """Whether an approver can leave lines out: there are several that wait, and as many as a form shows."""
    if any(request.operation is Operation.SUBMIT for request in parts.open):
        return False  # what is handed to Microsoft is one thing
    return 1 < sum(request.asked for request in parts.open) <= MOST_TO_CHOOSE_FROM


def left_out(parts: Parts, kept: Collection[int]) -> Mapping[int, tuple[Item, ...]]:
    """What is left out of each request that waits, by its number, where the items with these numbers stay.

    `parts` have all their items. Raises Conflict where nothing stays, and where it can't be chosen from.
    """
    if not can_be_chosen_from(parts):
        raise Conflict(
            f"Of request {parts.id} nothing can be left out.",
            "Approve it as a whole, or deny it and say what to change.",
        )
    waiting = {request.id: tuple(_waiting(request)) for request in parts.open}
    out = {number: tuple(item for item in items if item.id not in kept) for number, items in waiting.items()}
    if out == waiting:
        raise Conflict(f"Nothing of request {parts.id} would be left to approve.", "Leave a line ticked, or deny it.")
    return {number: items for number, items in out.items() if items}


def is_all_of(request: Request, out: Collection[Item]) -> bool:
    """Whether nothing stays of a request."""
    return len(out) == len(_waiting(request))


def left_out_event(request: Request, out: Collection[Item], *, actor: str, at: datetime) -> NewEvent:
    """What is logged: which lines an approver left out."""
    values = [item.value for item in out]
    return NewEvent(
        kind=EventKind.REQUEST_LEFT_OUT,
        actor=actor,
        target=values[0] if len(values) == 1 else f"{len(values)} {request.list.value} indicators",
        request_id=request.id,
        payload={"left_out": values},
        at=at,
    )


def _waiting(request: Request) -> list[Item]:
    return [item for item in request.items if item.state is not ItemState.LEFT_OUT]
