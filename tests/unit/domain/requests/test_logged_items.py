"""What a request has put on its list, by its rows and by the log."""

from __future__ import annotations

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.logged import LoggedEvents
from bot.domain.requests.logged_items import item_contradictions, put_there
from bot.domain.requests.request import ItemState
from tests.unit.domain.auditing.chains import event
from tests.unit.domain.requests.cases import IP, item, request

APPLIED, ALREADY, CONFIRMED = EventKind.ITEM_APPLIED, EventKind.ITEM_ALREADY_SO, EventKind.ITEM_CONFIRMED
REMOVED, MISSING, REFUSED = EventKind.ITEM_REMOVED, EventKind.ITEM_MISSING, EventKind.ITEM_REFUSED


@pytest.mark.parametrize(
    ("state", "kinds", "is_there"),
    [
        (ItemState.APPLIED, [APPLIED], True),
        (ItemState.CONFIRMED, [APPLIED, CONFIRMED], True),
        (ItemState.CONFIRMED, [CONFIRMED], True),  # sent, and settled by a later reading
        (ItemState.INTENDED, [], True),  # sent, and nobody knows
        (ItemState.APPLIED, [ALREADY, APPLIED], True),  # tried again, once the other's was gone
        (ItemState.APPLIED, [], False),
        (ItemState.APPLIED, [ALREADY], False),
        (ItemState.INTENDED, [ALREADY], False),
        (ItemState.INTENDED, [REFUSED], True),  # then tried again
        (ItemState.INTENDED, [APPLIED, REMOVED], False),
        (ItemState.APPLIED, [REFUSED], False),
        (ItemState.CONFIRMED, [APPLIED, CONFIRMED, REMOVED], False),
        (ItemState.APPLIED, [APPLIED, MISSING], False),
    ],
)
def test_what_is_taken_out_was_put_there_by_the_log_too(
    state: ItemState, kinds: list[EventKind], is_there: bool
) -> None:
    logged = LoggedEvents(events=tuple(event(kind=kind, target=IP) for kind in kinds))
    items = (item(IP, state=state),)
    assert put_there(items, logged) == (frozenset({IP}) if is_there else frozenset())
    assert bool(item_contradictions(request(7, *items), logged)) is not is_there


@pytest.mark.parametrize(
    ("state", "kinds"),
    [
        (ItemState.ALREADY_SO, [ALREADY]),
        (ItemState.CONFIRMED, [ALREADY, CONFIRMED]),  # it still is as it was before
        (ItemState.CONFIRMED, [REFUSED, ALREADY, CONFIRMED]),  # and somebody else had it there when it was tried again
    ],
)
def test_an_item_that_it_did_not_put_there_contradicts_nothing(state: ItemState, kinds: list[EventKind]) -> None:
    logged = LoggedEvents(events=tuple(event(kind=kind, target=IP) for kind in kinds))
    assert put_there((item(IP, state=state),), logged) == frozenset()
    assert item_contradictions(request(7, item(IP, state=state)), logged) == ()


def test_what_was_there_before_and_is_said_to_be_gone_is_not_there() -> None:
    logged = LoggedEvents(events=tuple(event(kind=kind, target=IP) for kind in (ALREADY, CONFIRMED, REMOVED)))
    assert item_contradictions(request(7, item(IP, state=ItemState.CONFIRMED)), logged)


def test_a_changed_event_is_told() -> None:
    logged = LoggedEvents(events=(event(kind=APPLIED, target=IP),), changed=(7,))
    [found] = item_contradictions(request(7, item(IP)), logged)
    assert "Event 7" in found.details
