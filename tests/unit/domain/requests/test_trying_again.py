"""What can be applied once more under the approval that it has. The rules have their numbers in the module."""

from __future__ import annotations

import pytest

from bot.domain.lists.change import Operation
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.request import Decision, ItemState, Request, Review, Status
from bot.domain.requests.trying_again import can_be_tried_again, require_triable
from bot.errors import Conflict
from tests.unit.domain.requests.cases import DAY, NOW, SECOND, in_days, item, request

EMERGENCY = Approval(by=ApprovedBy.EMERGENCY, at=NOW)
DENIED = (Review(reviewer="U0APPROVER", decision=Decision.DENY, at=NOW),)
APPROVED = (Review(reviewer="U0APPROVER", decision=Decision.APPROVE, at=NOW),)


def failed(state: ItemState = ItemState.REFUSED, **changes: object) -> Request:
    given = {"status": Status.FAILED, "reviews": APPROVED, **changes}
    return request(7, item(state=state), **given)


@pytest.mark.parametrize(
    ("of", "can"),
    [
        *((failed(status=status), status in {Status.FAILED, Status.PARTLY_APPLIED}) for status in Status),
        *((failed(state), state in {ItemState.REFUSED, ItemState.INTENDED, ItemState.PROPOSED}) for state in ItemState),
        (failed(operation=Operation.SUBMIT), False),
        (failed(operation=Operation.REMOVE), True),
        (failed(approval=EMERGENCY, reviews=()), True),
        (failed(approval=EMERGENCY, reviews=APPROVED), True),
        (failed(approval=EMERGENCY, reviews=DENIED), False),
    ],
)
def test_what_failed_can_be_tried_again_where_something_is_left_to_send(of: Request, can: bool) -> None:
    """Rules 1, 2, 4 and 5."""
    assert can_be_tried_again(of) is can


def test_for_a_day_after_the_last_approval_and_until_it_ends() -> None:
    late = Review(reviewer="U0SECOND", decision=Decision.APPROVE, at=NOW + DAY)
    require_triable(failed(), at=NOW + DAY)
    require_triable(failed(reviews=(*APPROVED, late)), at=NOW + 2 * DAY)
    by_rule = Approval(by=ApprovedBy.RULE, at=NOW, name="Phishing")
    require_triable(failed(reviews=(), approval=by_rule), at=NOW + DAY)
    for of, at in (
        (failed(), NOW + DAY + SECOND),
        (failed(reviews=(), approval=by_rule), NOW + DAY + SECOND),
        (failed(reviews=()), NOW),
        (failed(expires=in_days(0.5)), NOW + DAY / 2),
        (failed(status=Status.APPROVED), NOW),
        (failed(approval=EMERGENCY, reviews=DENIED), NOW),
    ):
        with pytest.raises(Conflict):
            require_triable(of, at=at)
