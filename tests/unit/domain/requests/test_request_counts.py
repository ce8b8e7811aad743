"""What a request says of itself: the approvals that are missing, how its items stand, whether it is an IP allow."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import Decision, ItemState
from tests.support.samples import item, request, review


@pytest.mark.parametrize(
    ("needed", "approved", "denied", "missing"),
    [(2, 0, 0, 2), (2, 1, 0, 1), (2, 2, 0, 0), (1, 0, 0, 1), (1, 1, 0, 0), (3, 1, 0, 2), (2, 1, 1, 1), (1, 2, 0, 0)],
)
def test_how_many_more_have_to_approve(needed: int, approved: int, denied: int, missing: int) -> None:
    approvals = [review(f"U0APPROVER{number}") for number in range(approved)]
    denials = [review(f"U0DENIER{number}", decision=Decision.DENY) for number in range(denied)]
    assert request(approvals_needed=needed, reviews=[*approvals, *denials]).approvals_missing == missing


def test_how_many_items_hold_and_are_gone() -> None:
    of_each = request(items=[item(number, state=state) for number, state in enumerate(ItemState, start=1)])
    assert (of_each.holding, of_each.gone) == (3, 2)
    summary = request(items=1, tally={ItemState.CONFIRMED: 900, ItemState.REMOVED: 50, ItemState.INTENDED: 50})
    assert (summary.holding, summary.gone, summary.total) == (900, 50, 1000)


@pytest.mark.parametrize("name", list(ListName))
@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("operation", list(Operation))
def test_an_ip_allow_is_one_thing_for_proposals_and_requests(
    operation: Operation, action: Action, name: ListName
) -> None:
    proposal = Proposal(operation=operation, action=action, list=name, indicators=(), reason="Scanner", expires=None)
    asked = request(operation=operation, action=action, list_name=name)
    begins_or_goes_on = operation in {Operation.ADD, Operation.EXTEND}
    is_ip_allow = begins_or_goes_on and action is Action.ALLOW and name in {ListName.CONNECTION_FILTER, ListName.IP}
    assert (proposal.is_ip_allow, asked.is_ip_allow) == (is_ip_allow, is_ip_allow)
