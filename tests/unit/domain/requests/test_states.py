"""What each state of an item and each status of a request means: the whole table."""

from __future__ import annotations

from enum import StrEnum

import pytest

from bot.domain.requests.request import TRANSITIONS, ItemState, Status, may_follow

STATES = [
    # state, and all that is true of it
    (ItemState.PROPOSED, {"is_open"}),
    (ItemState.INTENDED, {"is_open", "was_sent", "may_hold"}),
    (ItemState.APPLIED, {"was_sent", "was_made", "holds", "may_hold", "awaits_confirmation"}),
    (ItemState.ALREADY_SO, {"was_made", "holds", "may_hold", "awaits_confirmation"}),
    (ItemState.REFUSED, set()),
    (ItemState.CONFIRMED, {"was_made", "holds", "may_hold"}),
    (ItemState.EXPIRED, {"was_made", "is_gone"}),
    (ItemState.REMOVED, {"was_made", "is_gone"}),
    (ItemState.LEFT_OUT, set()),
]

STATUSES = [
    (Status.PENDING, {"is_under_way"}),
    (Status.APPROVED, {"is_under_way"}),
    (Status.APPLYING, {"is_under_way"}),
    (Status.APPLIED, {"is_over", "has_outcome"}),
    (Status.PARTLY_APPLIED, {"is_over", "has_outcome", "may_improve"}),
    (Status.FAILED, {"is_over", "has_outcome", "may_improve"}),
    (Status.DENIED, {"is_over"}),
    (Status.WITHDRAWN, {"is_over"}),
    (Status.LAPSED, {"is_over"}),
]


def true_of(member: StrEnum) -> set[str]:
    """The names of the member's own properties that are true."""
    names = {name for name, value in vars(type(member)).items() if isinstance(value, property)}
    return {name for name in names if getattr(member, name)}


@pytest.mark.parametrize(("state", "properties"), STATES)
def test_what_a_state_means(state: ItemState, properties: set[str]) -> None:
    assert true_of(state) == properties


@pytest.mark.parametrize(("status", "properties"), STATUSES)
def test_what_a_status_means(status: Status, properties: set[str]) -> None:
    assert true_of(status) == properties


def test_the_tables_say_it_of_every_member() -> None:
    assert [state for state, _ in STATES] == list(ItemState)
    assert [status for status, _ in STATUSES] == list(Status)


@pytest.mark.parametrize("status", list(Status))
def test_only_what_is_under_way_or_may_improve_moves_on(status: Status) -> None:
    assert bool(TRANSITIONS[status]) is (status.is_under_way or status.may_improve)


@pytest.mark.parametrize("status", [status for status in Status if status.is_over])
def test_of_what_is_over_only_what_failed_is_under_way_again_tried_again(status: Status) -> None:
    again = {then for then in Status if then.is_under_way and may_follow(status, then)}
    assert again == ({Status.APPROVED} if status.may_improve else set())
