"""A proposal of several lists: where the whole of it stands, and which of its requests tells that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.lists.traits import ListName
from bot.domain.requests.parts import Parts, by_proposal
from bot.domain.requests.request import ItemState, SetAside, Status
from tests.support.samples import item, request

PENDING, APPROVED, APPLYING = Status.PENDING, Status.APPROVED, Status.APPLYING
APPLIED, PARTLY, FAILED = Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED
DENIED, WITHDRAWN, LAPSED = Status.DENIED, Status.WITHDRAWN, Status.LAPSED


def parts(*statuses: Status) -> Parts:
    """A proposal with a request in each of these statuses; its number is 7."""
    made = [
        replace(request(request_id=7 + n, status=status), part_of=7 if n else None) for n, status in enumerate(statuses)
    ]
    return Parts(requests=tuple(made))


@pytest.mark.parametrize(
    ("statuses", "whole"),
    [
        *(((status,), status) for status in Status),
        *(((status, status), status) for status in Status),
        ((PENDING, DENIED), PENDING),
        ((DENIED, PENDING), PENDING),
        ((APPROVED, APPLYING), APPLYING),
        ((APPROVED, APPLIED), APPLYING),
        ((APPLIED, APPLYING, FAILED), APPLYING),
        ((APPLIED, FAILED), PARTLY),
        ((APPLIED, PARTLY), PARTLY),
        ((PARTLY, FAILED), PARTLY),
        ((DENIED, APPLIED), APPLIED),
        ((DENIED, FAILED), FAILED),
    ],
)
def test_where_the_whole_stands(statuses: tuple[Status, ...], whole: Status) -> None:
    assert parts(*statuses).status is whole
    assert parts(*statuses).as_one.status is whole
    assert parts(*statuses).is_open is (whole is PENDING)


@pytest.mark.parametrize(
    ("statuses", "lead"),
    [
        ((PENDING, PENDING), 7),
        ((DENIED, PENDING), 8),
        ((DENIED, APPLIED), 8),
        ((APPLIED, FAILED), 7),
        ((DENIED, DENIED), 7),
    ],
)
def test_which_request_tells_of_the_decision(statuses: tuple[Status, ...], lead: int) -> None:
    made = parts(*statuses)
    assert made.lead.id == lead
    assert made.id == made.lead.proposal_id == made.as_one.id == 7


def test_as_one_it_counts_all() -> None:
    first = replace(request(request_id=7, items=[item(1), item(2)]), sent=2, set_aside=1)
    second = replace(request(request_id=8, items=[item(3)], list_name=ListName.URL), part_of=7, sent=1, set_aside=4)
    whole = Parts(requests=(first, second)).as_one
    assert (whole.total, whole.sent, whole.set_aside) == (3, 3, 5)
    assert [each.id for each in whole.items] == [1, 2, 3]
    assert whole.counts == {ItemState.PROPOSED: 3}


@pytest.mark.parametrize(("more", "named"), [(8, 2), (9, 0)])
def test_what_was_set_aside_is_named_while_all_of_it_can_be(more: int, named: int) -> None:
    line = SetAside(line=2, typed="?", code="unreadable", reason="Nothing to list.")
    first = replace(request(request_id=7), set_aside=2, named_aside=(line, replace(line, line=3)))
    second = replace(request(request_id=8), part_of=7, set_aside=more)
    assert len(Parts(requests=(first, second)).as_one.named_aside) == named


def test_requests_are_told_by_their_proposals() -> None:
    alone, first, second = request(request_id=1), request(request_id=2), replace(request(request_id=3), part_of=2)
    found = by_proposal([alone, first, second, alone])
    assert [[each.id for each in proposal.requests] for proposal in found] == [[1], [2, 3], [1]]
