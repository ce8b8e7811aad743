"""What was approved last decides on an entry. The rules have their numbers in the module."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.last_word import overtaken, taken_out
from bot.domain.requests.request import Decision, ItemState, Request, Review, Status
from tests.unit.domain.requests.cases import IP, NOW, item, request

ANOTHER = "203.0.113.8"
HOUR = timedelta(hours=1)
ADD, REMOVE, EXTEND, ANNOTATE = Operation.ADD, Operation.REMOVE, Operation.EXTEND, Operation.ANNOTATE


#: When each was approved, by the log: #9 after #7, and #5 before it.
APPROVALS = {5: 50, 7: 70, 9: 90}


def approved(number: int, hours: int, operation: Operation, status: Status = Status.APPLIED) -> Request:
    review = Review(reviewer="U0APPROVER", decision=Decision.APPROVE, at=NOW + hours * HOUR)
    return request(number, item(), reviews=(review,), operation=operation, status=status)


@pytest.mark.parametrize(
    ("first", "then", "overtakes"),
    [
        (ADD, REMOVE, True),
        (ADD, ADD, False),
        (ADD, EXTEND, False),
        (ADD, ANNOTATE, False),
        (REMOVE, ADD, True),
        (REMOVE, EXTEND, True),
        (REMOVE, REMOVE, False),
        (EXTEND, EXTEND, True),
        (EXTEND, REMOVE, True),
        (EXTEND, ADD, False),
        (ANNOTATE, ANNOTATE, True),
        (ANNOTATE, REMOVE, True),
        (Operation.SUBMIT, REMOVE, False),
        (Operation.SAFE_LIST_OFF, REMOVE, False),
    ],
)
def test_what_was_approved_later_decides(first: Operation, then: Operation, overtakes: bool) -> None:
    """Rule 1."""
    earlier = approved(7, 0, first, Status.FAILED)
    assert bool(overtaken(earlier, earlier.items, [approved(9, 1, then)], approvals=APPROVALS)) is overtakes


LATER = approved(9, 1, REMOVE)


@pytest.mark.parametrize(
    ("other", "overtakes"),
    [
        *(
            (replace(LATER, status=status), status in {Status.APPROVED, Status.APPLYING})
            for status in Status
            if not status.has_outcome
        ),
        *((replace(LATER, status=status), True) for status in Status if status.has_outcome),
        (replace(LATER, items=(item(state=ItemState.LEFT_OUT),)), False),
        (replace(LATER, items=(item(ANOTHER),)), False),
        (replace(LATER, action=Action.ALLOW), False),
        (replace(LATER, list=ListName.SENDER), False),
        (replace(LATER, id=5), False),
        (approved(9, -1, REMOVE), True),  # its clock is behind
        (replace(LATER, id=11), False),  # nobody has approved it, for all that the log says
    ],
)
def test_only_what_was_approved_and_later_decides(other: Request, overtakes: bool) -> None:
    """Rules 2 and 3."""
    earlier = approved(7, 0, ADD, Status.FAILED)
    assert bool(overtaken(earlier, earlier.items, [other], approvals=APPROVALS)) is overtakes


def test_each_value_has_its_own_words() -> None:
    earlier = replace(approved(7, 0, ADD), items=(item(), item(ANOTHER, number=2)))
    told = overtaken(earlier, earlier.items, [replace(LATER, part_of=8)], approvals=APPROVALS)
    assert told == {IP: "not sent: #8, which was approved later, takes it out"}


def test_two_spellings_of_one_network_are_one_entry() -> None:
    earlier = replace(approved(7, 0, ADD), items=(item("203.0.113.0/25"),))
    later = replace(LATER, items=(item("203.0.113.5/25", state=ItemState.APPLIED),))
    for by in (overtaken, taken_out):
        assert set(by(earlier, earlier.items, [later], approvals=APPROVALS)) == {"203.0.113.0/25"}


SENT = replace(LATER, items=(item(state=ItemState.APPLIED),))


@pytest.mark.parametrize(
    ("other", "is_out"),
    [
        (SENT, True),
        (replace(LATER, items=(item(state=ItemState.ALREADY_SO),)), True),
        (replace(LATER, items=(item(state=ItemState.INTENDED),)), True),  # nobody knows, and the entry is gone
        (replace(LATER, items=(item(state=ItemState.PROPOSED),)), False),  # not sent yet
        (replace(LATER, items=(item(state=ItemState.REFUSED),)), False),
        (replace(SENT, id=5), False),
        (replace(SENT, operation=EXTEND), False),
        (replace(SENT, items=(item(ANOTHER, state=ItemState.APPLIED),)), False),
    ],
)
@pytest.mark.parametrize("operation", [ADD, EXTEND, ANNOTATE])
def test_what_is_gone_was_taken_out_by_a_removal_that_was_approved_later(
    operation: Operation, other: Request, is_out: bool
) -> None:
    """Rule 4."""
    earlier = approved(7, 0, operation)
    assert taken_out(earlier, earlier.items, [other], approvals=APPROVALS) == ({IP: other} if is_out else {})
