"""Leaving lines out: what can be chosen from, what stays, and what is logged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.requests.leaving_out import (
    can_be_chosen_from,
    can_be_named_from,
    is_all_of,
    left_out,
    left_out_event,
    named_out,
    require_something_stays,
)
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.errors import Conflict
from tests.support.samples import NOW, item, request


def two_lists(*, senders: int = 2, urls: int = 1) -> Parts:
    """A proposal of two lists. The numbers of the items of the first begin at 1, those of the second at 101."""
    first = request(request_id=7, items=[item(n) for n in range(1, senders + 1)])
    second = request(request_id=8, items=[item(100 + n) for n in range(1, urls + 1)], list_name=ListName.URL)
    return Parts(requests=(first, replace(second, part_of=7)))


def one(items: int, **changes: object) -> Parts:
    return Parts(requests=(replace(request(request_id=7, items=[item(n) for n in range(1, items + 1)]), **changes),))


@pytest.mark.parametrize(
    ("parts", "can_be"),
    [
        (one(1), False),
        (one(2), True),
        (one(100), True),
        (one(101), False),
        (two_lists(senders=1, urls=1), True),
        (two_lists(senders=60, urls=41), False),
        (one(2, status=Status.APPROVED), False),
        (one(2, operation=Operation.SUBMIT), False),
    ],
)
def test_what_can_be_chosen_from(parts: Parts, can_be: bool) -> None:
    assert can_be_chosen_from(parts) is can_be


def numbers(out: dict[int, tuple[Item, ...]]) -> dict[int, list[int]]:
    return {request_id: [each.id for each in items] for request_id, items in out.items()}


@pytest.mark.parametrize(
    ("kept", "out"),
    [
        ({1, 2, 101}, {}),
        ({1, 101}, {7: [2]}),
        ({1}, {7: [2], 8: [101]}),
        ({1, 2, 3, 999}, {8: [101]}),
    ],
)
def test_what_is_not_kept_is_left_out(kept: set[int], out: dict[int, list[int]]) -> None:
    assert numbers(dict(left_out(two_lists(), kept))) == out


@pytest.mark.parametrize("kept", [set(), {999}])
def test_something_has_to_stay(kept: set[int]) -> None:
    with pytest.raises(Conflict, match="would be left to approve"):
        left_out(two_lists(), kept)


def test_what_was_left_out_before_is_not_left_out_again() -> None:
    before = replace(item(2), state=ItemState.LEFT_OUT)
    first = replace(two_lists().requests[0], items=(item(1), item(3), before))
    parts = Parts(requests=(first,))
    assert numbers(dict(left_out(parts, {1}))) == {7: [3]}
    assert not is_all_of(first, [item(3)])
    assert is_all_of(first, [item(1), item(3)])


def test_the_log_names_what_was_left_out() -> None:
    of: Request = two_lists().requests[0]
    event = left_out_event(of, of.items, actor="U0APPROVER", at=NOW)
    assert (event.request_id, event.actor, event.target) == (7, "U0APPROVER", "2 sender indicators")
    assert event.payload["left_out"] == [each.value for each in of.items]
    assert left_out_event(of, of.items[:1], actor="U0APPROVER", at=NOW).target == of.items[0].value


@pytest.mark.parametrize(
    ("parts", "can_be"),
    [
        (one(100), False),
        (one(101), True),
        (two_lists(senders=60, urls=41), True),
        (one(101, status=Status.APPROVED), False),
        (one(101, operation=Operation.SUBMIT), False),
    ],
)
def test_of_more_lines_than_boxes_those_that_are_left_out_are_named(parts: Parts, can_be: bool) -> None:
    assert can_be_named_from(parts) is can_be


@pytest.mark.parametrize(
    ("text", "out", "problem"),
    [
        ("", {}, ""),
        ("sender1.example", {7: [1]}, ""),
        ("  SENDER2[.]example \n\nsender1.example\nsender2.example", {7: [1, 2]}, ""),
        ("sender1.example\nother.example", {}, "‘other.example’ is no line of it."),
        (
            "sender10",
            {},
            (
                "‘sender10’ is no line of it, but stands in sender10[.]example, sender100[.]example, "
                "sender101[.]example. Write in full what you leave out."
            ),
        ),
        (
            "example",
            {},
            (
                "‘example’ is no line of it, but stands in sender1[.]example, sender2[.]example, sender3[.]example, "
                "sender4[.]example, sender5[.]example and 96 more. Write in full what you leave out."
            ),
        ),
    ],
)
def test_what_is_named_in_full_is_left_out_and_of_a_piece_it_is_told_where_it_stands(
    text: str, out: dict[int, list[int]], problem: str
) -> None:
    found = named_out(one(101), text)
    assert (numbers(dict(found.items)), found.problem) == (out, problem)


def test_not_all_of_it_can_be_named() -> None:
    parts = one(101)
    with pytest.raises(Conflict, match="would be left to approve"):
        require_something_stays(parts, {7: parts.requests[0].items})
    require_something_stays(parts, {7: parts.requests[0].items[1:]})
