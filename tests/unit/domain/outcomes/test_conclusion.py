"""What a request came to, by its items."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.outcomes.conclusion import Conclusion, conclude, conclude_given_up, conclude_late
from bot.domain.requests.request import ItemState, Request, Status
from tests.unit.domain.requests.cases import NOW, item, request

APPLIED, PARTLY_APPLIED, FAILED = Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED
MAY_HAVE_BEEN_MADE = "Some of it may have been made all the same: look at the tenant's list before you ask again."


def with_items(*states: ItemState, status: Status = Status.APPLYING) -> Request:
    items = [
        item(str(number), number=number, state=state, outcome=f"{state.value}, {number}")
        for number, state in enumerate(states)
    ]
    return request(7, *items, status=status)


def told(conclusion: Conclusion) -> tuple[EventKind, dict[str, object]]:
    event = conclusion.event
    assert (event.actor, event.target, event.request_id, event.at) == (PORTCULLIS, "request 7", 7, NOW)
    return event.kind, dict(event.payload)


@pytest.mark.parametrize(
    ("states", "status", "failure"),
    [
        ((ItemState.APPLIED,), APPLIED, ""),
        ((ItemState.ALREADY_SO,), APPLIED, ""),
        # What another request took out in the meantime, or what is over by now, was made.
        ((ItemState.CONFIRMED, ItemState.EXPIRED, ItemState.REMOVED), APPLIED, ""),
        ((ItemState.APPLIED, ItemState.REFUSED), PARTLY_APPLIED, "refused, 1"),
        ((ItemState.ALREADY_SO, ItemState.INTENDED), PARTLY_APPLIED, "intended, 1"),
        ((ItemState.REFUSED,), FAILED, "refused, 0"),
        ((ItemState.INTENDED,), FAILED, "intended, 0"),
        ((ItemState.PROPOSED,), FAILED, "proposed, 0"),
        ((ItemState.REFUSED, ItemState.INTENDED), FAILED, "intended, 1; refused, 0"),
    ],
)
def test_an_item_of_which_nothing_is_known_counts_as_not_made(
    states: tuple[ItemState, ...], status: Status, failure: str
) -> None:
    conclusion = conclude(with_items(*states), at=NOW)
    assert (conclusion.status, conclusion.failure) == (status, failure)
    assert conclusion.fell_short is (status is not APPLIED)
    kind, payload = told(conclusion)
    assert kind == f"request.{status.value}"
    assert payload == {state.value: states.count(state) for state in states}


def test_counts_are_of_all_items_and_the_same_reason_stands_once() -> None:
    some = with_items(ItemState.REFUSED, ItemState.REFUSED)
    same = replace(
        some,
        items=tuple(replace(refused, outcome="Full.") for refused in some.items),
        tally={ItemState.REFUSED: 900, ItemState.APPLIED: 100},
    )
    conclusion = conclude(same, at=NOW)
    assert (conclusion.status, conclusion.failure) == (PARTLY_APPLIED, "Full.")
    assert told(conclusion)[1] == {"applied": 100, "refused": 900}


def test_many_reasons_are_cut() -> None:
    items = [item(str(number), state=ItemState.REFUSED, outcome="x" * 90 + str(number)) for number in range(50)]
    assert len(conclude(request(7, *items), at=NOW).failure) == 1000


@pytest.mark.parametrize(
    ("before", "states", "after"),
    [
        (FAILED, (ItemState.CONFIRMED,), APPLIED),
        (FAILED, (ItemState.CONFIRMED, ItemState.REFUSED), PARTLY_APPLIED),
        (FAILED, (ItemState.INTENDED,), None),
        (PARTLY_APPLIED, (ItemState.CONFIRMED, ItemState.CONFIRMED), APPLIED),
        (PARTLY_APPLIED, (ItemState.CONFIRMED, ItemState.INTENDED), None),
        # What came through stays so, whatever became of its entries.
        (PARTLY_APPLIED, (ItemState.REFUSED, ItemState.INTENDED), None),
        (APPLIED, (ItemState.REMOVED,), None),
        (Status.APPLYING, (ItemState.CONFIRMED,), None),
    ],
)
def test_what_was_said_to_have_failed_is_put_right(
    before: Status, states: tuple[ItemState, ...], after: Status | None
) -> None:
    late = with_items(*states, status=before)
    conclusion = conclude_late(late, at=NOW)
    if after is None:
        assert conclusion is None
        return
    assert conclusion is not None
    plain = conclude(late, at=NOW)
    assert (conclusion.status, conclusion.failure) == (after, plain.failure)
    assert told(conclusion) == (plain.event.kind, {**plain.event.payload, "late": True})


@pytest.mark.parametrize(
    "states",
    [
        (ItemState.CONFIRMED, ItemState.PROPOSED),
        (ItemState.APPLIED, ItemState.INTENDED),
        (ItemState.APPLIED, ItemState.APPLIED),  # all of it recorded, and the last line of it not
    ],
)
def test_given_up_it_has_not_failed_where_some_of_it_was_made_before(states: tuple[ItemState, ...]) -> None:
    """As where what failed of it was tried again, and the tenant doesn't answer any more."""
    conclusion = conclude_given_up(with_items(*states), "The tenant is down.", at=NOW)
    assert (conclusion.status, conclusion.fell_short) == (PARTLY_APPLIED, True)
    assert conclusion.failure.startswith("The tenant is down.")
    assert told(conclusion) == (EventKind.REQUEST_PARTLY_APPLIED, {"error": conclusion.failure})


@pytest.mark.parametrize(
    ("states", "failure"),
    [
        ((ItemState.PROPOSED,), "The tenant is down."),
        ((ItemState.PROPOSED, ItemState.INTENDED), f"The tenant is down. {MAY_HAVE_BEEN_MADE}"),
    ],
)
def test_given_up_it_has_failed_and_says_if_some_of_it_may_have_been_made(
    states: tuple[ItemState, ...], failure: str
) -> None:
    conclusion = conclude_given_up(with_items(*states), "The tenant is down.", at=NOW)
    assert (conclusion.status, conclusion.failure, conclusion.fell_short) == (FAILED, failure, True)
    assert told(conclusion) == (EventKind.REQUEST_FAILED, {"error": failure})
