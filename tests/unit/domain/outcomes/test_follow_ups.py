"""What follows once something was sent for a request, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.outcomes.follow_ups import FEW, FollowUps, follow_ups, has_result_file
from bot.domain.requests.request import LARGE, ItemState
from tests.unit.domain.outcomes.cases import FILTER, SENDER
from tests.unit.domain.requests.cases import DAY, NOW, item, request

SOON, QUARTER = timedelta(minutes=5), timedelta(minutes=15)
CONFIRM = NOW + SOON


@pytest.mark.parametrize(
    ("states", "follows"),
    [
        ([ItemState.APPLIED], True),
        ([ItemState.ALREADY_SO], True),
        # Nobody knows of it: it may show late, and has to end as well.
        ([ItemState.INTENDED, ItemState.REFUSED], True),
        ([ItemState.REFUSED, ItemState.REMOVED], True),
        ([ItemState.REFUSED], False),
        ([ItemState.PROPOSED], False),
    ],
)
def test_nothing_follows_where_nothing_was_sent(states: list[ItemState], follows: bool) -> None:
    items = [item(str(number), number=number, state=state) for number, state in enumerate(states)]
    due = follow_ups(request(7, *items), now=NOW, confirm_after=SOON)
    assert (due != FollowUps()) is follows


@pytest.mark.parametrize(
    ("operation", "name", "end", "due"),
    [
        # Portcullis ends it, at its end to the second.
        (Operation.ADD, FILTER, 10, FollowUps(confirm=CONFIRM, expire=NOW + 10 * DAY, remind=NOW + 9 * DAY)),
        (Operation.EXTEND, FILTER, 10, FollowUps(confirm=CONFIRM, expire=NOW + 10 * DAY, remind=NOW + 9 * DAY)),
        (Operation.ADD, SENDER, 200, FollowUps(confirm=CONFIRM, expire=NOW + 200 * DAY, remind=NOW + 199 * DAY)),
        # The service does: it is looked after a little later.
        (Operation.ADD, SENDER, 10, FollowUps(confirm=CONFIRM, expire=NOW + 10 * DAY + QUARTER, remind=NOW + 9 * DAY)),
        # What lasts no longer than two days is not worth a word.
        (Operation.ADD, FILTER, 2, FollowUps(confirm=CONFIRM, expire=NOW + 2 * DAY)),
        (Operation.ADD, FILTER, 2.1, FollowUps(confirm=CONFIRM, expire=NOW + 2.1 * DAY, remind=NOW + 1.1 * DAY)),
        # It was over before it could be recorded: its end is due at once.
        (Operation.ADD, FILTER, -1, FollowUps(confirm=CONFIRM, expire=NOW - DAY)),
        (Operation.ADD, FILTER, None, FollowUps(confirm=CONFIRM)),
        (Operation.REMOVE, FILTER, 10, FollowUps(confirm=CONFIRM)),
        (Operation.ANNOTATE, SENDER, 10, FollowUps(confirm=CONFIRM)),
        (Operation.SAFE_LIST_OFF, FILTER, None, FollowUps(confirm=CONFIRM)),
    ],
)  # fmt: skip
def test_it_is_confirmed_and_ended_and_a_word_is_said_before(
    operation: Operation, name: ListName, end: float | None, due: FollowUps
) -> None:
    assert follow_ups(request(operation=operation, list=name, end=end), now=NOW, confirm_after=SOON) == due


@pytest.mark.parametrize(
    ("total", "set_aside", "is_imported", "has_file"),
    [
        (1, 0, False, False),
        (LARGE, 0, False, False),
        (LARGE + 1, 0, False, True),
        (1, 1, False, True),
        (1, 1, True, True),
        (1, 0, True, False),
        (FEW, 0, True, False),
        (FEW + 1, 0, True, True),
    ],
)
def test_a_large_request_and_an_import_have_a_file(
    total: int, set_aside: int, is_imported: bool, has_file: bool
) -> None:
    first = replace(item(), line=1 if is_imported else None)
    wanted = request(7, first, tally={ItemState.APPLIED: total}, set_aside=set_aside)
    assert has_result_file(wanted) is has_file
