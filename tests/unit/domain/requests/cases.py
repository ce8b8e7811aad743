"""Requests, their items, and what is on record of their entries, for tables of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Item, ItemState, Request, Status

NOW = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

IP = "203.0.113.7"


def in_days(days: float | None) -> datetime | None:
    """So many days from now; None: never."""
    return None if days is None else NOW + days * DAY


def item(value: str = IP, *, number: int = 1, state: ItemState = ItemState.APPLIED, outcome: str = "") -> Item:
    return Item(id=number, kind=Kind.IPV4, value=value, state=state, outcome=outcome)


def request(number: int = 7, *items: Item, end: float | None = 10, **changes: Any) -> Request:  # noqa: ANN401 - any field
    """A request to block an address for ten days, but for `changes`. `end` is in days from now."""
    plain = Request(
        id=number,
        tenant_id="tenant",
        operation=Operation.ADD,
        action=Action.BLOCK,
        list=ListName.CONNECTION_FILTER,
        reason=f"The reason of request {number}",
        expires=in_days(end),
        requester="U0REQUESTER",
        status=Status.PENDING,
        approvals_needed=1,
        created_at=NOW,
        lapses_at=NOW + 7 * DAY,
        items=items or (item(),),
    )
    return replace(plain, **changes)


def record(number: int, value: str = IP, *, end: float | None = 5, **changes: Any) -> KnownEntry:  # noqa: ANN401 - any field
    """What is on record of an entry that a request keeps since a day ago. `end` is in days from now."""
    plain = KnownEntry(
        list=ListName.CONNECTION_FILTER,
        action=Action.BLOCK,
        value=value,
        requester="U0ANOTHER",
        request_id=number,
        reason=f"The reason of request {number}",
        since=NOW - DAY,
        expires=in_days(end),
    )
    return replace(plain, **changes)
