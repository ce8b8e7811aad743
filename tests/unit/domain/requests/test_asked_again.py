"""What can be asked for once more, for which values and until when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.reading.durations import expires_at, read_lifetime
from bot.domain.requests.asked_again import can_be_asked_again, end_to_ask_again, values_to_ask_again
from bot.domain.requests.request import ItemState, Request, Status
from tests.unit.domain.requests.cases import DAY, NOW, in_days, item, request


@pytest.mark.parametrize("status", Status)
def test_what_is_over_and_not_done_can_be_asked_again(status: Status) -> None:
    yes = {Status.DENIED, Status.WITHDRAWN, Status.LAPSED, Status.FAILED, Status.PARTLY_APPLIED}
    assert can_be_asked_again(request(status=status)) is (status in yes)


def test_a_part_that_an_approver_left_out_is_not_asked_again() -> None:
    assert not can_be_asked_again(request(7, item(state=ItemState.LEFT_OUT), status=Status.DENIED))


def test_for_what_is_not_as_asked() -> None:
    states = (
        ItemState.CONFIRMED,
        ItemState.REFUSED,
        ItemState.INTENDED,
        ItemState.ALREADY_SO,
        ItemState.REMOVED,
        ItemState.LEFT_OUT,
    )
    items = [item(f"203.0.113.{number}", number=number, state=state) for number, state in enumerate(states)]
    assert values_to_ask_again(request(7, *items)) == ["203.0.113.1", "203.0.113.2", "203.0.113.4"]


@pytest.mark.parametrize(
    ("asked", "typed"),
    [
        (request(end=10), "10d"),
        (request(end=None), "never"),
        (request(expires=NOW + 10 * DAY + timedelta(seconds=3)), "10d"),
        (request(expires=expires_at(read_lifetime("2030-01-20", today=NOW.date()), NOW)), "2030-01-20"),
        (request(operation=Operation.REMOVE, end=None), ""),
        (request(created_at=NOW - 20 * DAY, expires=in_days(-3.3)), ""),  # that date has passed
        (request(created_at=NOW - 20 * DAY, expires=in_days(-10)), "10d"),  # as long as before
    ],
)
def test_until_when_as_it_is_typed(asked: Request, typed: str) -> None:
    assert end_to_ask_again(asked, now=NOW) == typed
