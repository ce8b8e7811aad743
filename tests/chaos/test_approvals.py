"""The invariants of approvals notice what should not be: each of these has one thing that is wrong, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.request import Decision, Item, ItemState, Request, Status
from tests.chaos.approvals import approvals
from tests.chaos.place import AT_ONCE, AT_ONCE_PER_HOUR, BY_RULE, BY_RULE_PER_HOUR
from tests.chaos.test_invariants import ENTRY, NOTHING
from tests.support.installation import APPROVER, REQUESTER, SECOND, VISITOR
from tests.support.samples import NOW, event, review
from tests.support.samples import request as requested

RULE, EMERGENCY, REVIEW = (Approval(by=by, at=NOW) for by in ApprovedBy)
DENIED = review(APPROVER, decision=Decision.DENY)
_MADE: Mapping[str, Any] = {"status": Status.APPLIED, "requester": REQUESTER}


def made(number: int = 1, value: str = "evil.example", **changes: object) -> Request:
    """A block that was applied."""
    items = (Item(id=number, kind=Kind.DOMAIN, value=value, state=ItemState.CONFIRMED),)
    return replace(requested(), **{**_MADE, "id": number, "items": items, **changes})


def kinds(*requests: Request, **changes: object) -> list[str]:
    found = replace(NOTHING, requests=requests, **changes)  # type: ignore[arg-type]
    return [breach.kind for breach in approvals(found)]


@pytest.mark.parametrize(
    ("changes", "is_approved"),
    [
        ({}, False),
        ({"status": Status.PENDING}, True),
        ({"reviews": (review(APPROVER),)}, True),
        ({"reviews": (DENIED,)}, False),
        ({"reviews": (review(APPROVER),), "approvals_needed": 2}, False),
        ({"approval": RULE}, False),
        ({"approval": RULE, "requester": BY_RULE}, True),
        ({"approval": RULE, "requester": BY_RULE, "operation": Operation.REMOVE}, False),
        ({"approval": EMERGENCY}, True),
        ({"approval": EMERGENCY, "requester": BY_RULE}, False),
        ({"approval": REVIEW, "requester": APPROVER, "operation": Operation.REMOVE}, False),
    ],
)
def test_what_is_sent_was_approved(changes: Mapping[str, Any], is_approved: bool) -> None:
    assert kinds(made(**changes)) == ([] if is_approved else ["a request was sent that nobody approved"])


def test_a_removal_is_approved_by_the_review_that_took_the_block_out() -> None:
    removal = made(approval=REVIEW, requester=APPROVER, operation=Operation.REMOVE)
    taken_out = event(kind=EventKind.REQUEST_TAKEN_OUT, payload={"removal": removal.id})
    assert kinds(removal, events=[taken_out]) == []


@pytest.mark.parametrize("reviewers", [(VISITOR,), (SECOND,), (APPROVER, APPROVER)])
def test_who_may_not_review_is_noticed(reviewers: tuple[str, ...]) -> None:
    reviews = tuple(map(review, reviewers))
    assert kinds(made(requester=SECOND, reviews=reviews)) == ["somebody reviewed who may not"]


@pytest.mark.parametrize(
    ("approval", "requester", "limit", "kind"),
    [
        (RULE, BY_RULE, BY_RULE_PER_HOUR, "more blocks by a rule than its limit"),
        (EMERGENCY, AT_ONCE[0], AT_ONCE_PER_HOUR, "more emergency blocks than the limit"),
    ],
)
def test_a_limit_that_was_exceeded_is_noticed(approval: Approval, requester: str, limit: int, kind: str) -> None:
    several = [made(number, f"evil{number}.example", approval=approval, requester=requester) for number in range(limit)]
    more = made(limit, "more.example", approval=approval, requester=requester)
    assert (kinds(*several), kinds(*several, more)) == ([], [kind])


def test_an_emergency_block_that_was_taken_out_is_out_unless_another_keeps_it() -> None:
    taken_out = made(1, approval=EMERGENCY, reviews=(DENIED,))
    other = made(2, reviews=(review(APPROVER),))
    stands = Counter([ENTRY])
    assert kinds(taken_out) == []
    assert kinds(taken_out, listed=stands) == ["an emergency block that was taken out stands"]
    assert kinds(taken_out, other, listed=stands) == []
    assert kinds(taken_out, replace(other, status=Status.DENIED), listed=stands) != []


def test_what_was_requested_twice_is_noticed_but_at_once_it_may_be() -> None:
    once = made(1, reviews=(review(APPROVER),))
    again = made(2, reviews=(review(APPROVER),))
    assert kinds(once, again) == ["a block was requested twice"]
    assert kinds(once, made(2, approval=EMERGENCY)) == []
