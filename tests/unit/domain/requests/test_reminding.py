"""What a requester is told of a day before the end."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.reminding import MOST_NAMED, ending_soon, reminder
from bot.domain.requests.request import ItemState
from tests.unit.domain.requests.cases import IP, NOW, SECOND, item, record, request

ANOTHER = "203.0.113.8"


@pytest.mark.parametrize("state", ItemState)
def test_what_holds_and_is_kept_still_ends(state: ItemState) -> None:
    """Not what was sent and never seen: nobody could say what it is that ends."""
    kept = request(7, item(state=state), item(ANOTHER, number=2, state=state))
    found = ending_soon(kept, EntryRecords(kept, [record(7), record(3, ANOTHER)]), now=NOW)
    holds = state in {ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED}
    assert [kept_item.value for kept_item in found] == ([IP] if holds else [])


@pytest.mark.parametrize(("expires", "expected"), [(NOW + SECOND, [IP]), (NOW, []), (NOW - SECOND, []), (None, [])])
def test_nobody_is_reminded_once_the_end_has_come(expires: datetime | None, expected: list[str]) -> None:
    kept = request(7, expires=expires)
    found = ending_soon(kept, EntryRecords(kept, [record(7)]), now=NOW)
    assert [kept_item.value for kept_item in found] == expected


@pytest.mark.parametrize("count", [1, MOST_NAMED, MOST_NAMED + 1])
def test_many_are_counted_and_not_all_named(count: int) -> None:
    items = [item(f"203.0.113.{number}", number=number) for number in range(count)]
    ending = request(7, *items)
    event = reminder(ending, items, at=NOW)
    assert (event.kind, event.actor, event.at) == (EventKind.REQUEST_REMINDED, PORTCULLIS, NOW)
    assert (event.target, event.request_id) == ("request 7", 7)
    named = [some.value for some in items[:MOST_NAMED]]
    assert event.payload == {"items": named, "count": count, "expires": ending.expires}
