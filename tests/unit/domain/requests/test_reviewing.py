"""How a pending request is decided. The rules have their numbers in the module's docstring."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Decision, Request, Review, Status
from bot.domain.requests.reviewing import decided_event, require_withdrawable, review_step
from bot.errors import Conflict, NotPermitted, PortcullisError
from tests.unit.domain.requests.cases import DAY, NOW, SECOND, request

APPROVE, DENY = Decision.APPROVE, Decision.DENY
FIRST, ANOTHER, REQUESTER = "U0FIRST", "U0ANOTHER", "U0REQUESTER"

OVER = [status for status in Status if status is not Status.PENDING]
SPELLED = {Status.PARTLY_APPLIED: "partly applied"}


def said(caught: pytest.ExceptionInfo[PortcullisError]) -> tuple[str, str]:
    """What people are told: what happened, and what to do."""
    return caught.value.what, caught.value.remedy


def reviewed(*decisions: tuple[str, Decision], needed: int = 1) -> Request:
    """A pending request that these people have reviewed."""
    reviews = tuple(Review(reviewer=who, decision=decision, at=NOW) for who, decision in decisions)
    return request(7, requester=REQUESTER, approvals_needed=needed, reviews=reviews)


@pytest.mark.parametrize(
    ("before", "decision", "status"),
    [
        (reviewed(), APPROVE, Status.APPROVED),
        (reviewed(needed=2), APPROVE, Status.PENDING),
        (reviewed((ANOTHER, APPROVE), needed=2), APPROVE, Status.APPROVED),
        (reviewed((ANOTHER, APPROVE), needed=3), APPROVE, Status.PENDING),
        (reviewed((ANOTHER, APPROVE), needed=1), APPROVE, Status.APPROVED),  # more than enough
        (reviewed((ANOTHER, DENY), needed=2), APPROVE, Status.PENDING),  # a denial is no approval
        (reviewed(), DENY, Status.DENIED),
        (reviewed(needed=2), DENY, Status.DENIED),
        (reviewed((ANOTHER, APPROVE), needed=2), DENY, Status.DENIED),
    ],
)
def test_where_a_request_stands_after_a_review(before: Request, decision: Decision, status: Status) -> None:
    """Rule 4."""
    assert review_step(before, FIRST, decision, at=NOW).status is status


def test_a_review_is_recorded_and_logged_as_it_was() -> None:
    step = review_step(reviewed(needed=2), FIRST, APPROVE, at=NOW + SECOND)
    assert step.review == Review(reviewer=FIRST, decision=APPROVE, at=NOW + SECOND)
    event = step.event
    assert (event.kind, event.actor, event.at) == (EventKind.REQUEST_REVIEWED, FIRST, NOW + SECOND)
    assert (event.target, event.request_id) == ("request 7", 7)
    assert event.payload == {"decision": APPROVE, "approvals_needed": 2}


def test_what_is_said_with_a_review_is_recorded_and_logged_as_any_database_takes_it() -> None:
    step = review_step(reviewed(), FIRST, DENY, at=NOW, comment="Too wide\0.")
    assert step.review.comment == step.event.payload["comment"] == "Too wide\ufffd."


@pytest.mark.parametrize("status", OVER)
@pytest.mark.parametrize("decision", Decision)
@pytest.mark.parametrize("who", [FIRST, REQUESTER])
def test_what_is_decided_stays_so(status: Status, decision: Decision, who: str) -> None:
    """Rule 1: before any other."""
    with pytest.raises(Conflict) as caught:
        review_step(replace(reviewed(), status=status), who, decision, at=NOW)
    assert said(caught) == (
        f"#7 is {SPELLED.get(status, status)} already.",
        "Nothing has been changed by your click; the card shows who decided.",
    )


@pytest.mark.parametrize("decision", Decision)
def test_nobody_reviews_their_own_request(decision: Decision) -> None:
    """Rule 2."""
    with pytest.raises(NotPermitted) as caught:
        review_step(reviewed(), REQUESTER, decision, at=NOW)
    assert said(caught) == (
        "#7 is your own, and nobody reviews their own request.",
        "Another approver has to decide; you can withdraw it.",
    )


@pytest.mark.parametrize("before", Decision)
@pytest.mark.parametrize("decision", Decision)
def test_each_person_reviews_once(before: Decision, decision: Decision) -> None:
    """Rule 3."""
    with pytest.raises(Conflict) as caught:
        review_step(reviewed((ANOTHER, APPROVE), (FIRST, before), needed=3), FIRST, decision, at=NOW)
    assert said(caught) == (
        f"You {'approved' if before is APPROVE else 'denied'} #7 already.",
        "It takes 3 different approvers: somebody else has to approve it too." if before is APPROVE else "",
    )


ENDED = ("The end date of #7 has passed.", "Deny it, or have it proposed again with a later one.")
LAPSED = ("#7 has expired: nobody decided in time.", "Have it proposed again.")


@pytest.mark.parametrize(
    ("expires", "lapses_at", "why"),
    [
        (NOW + SECOND, NOW + SECOND, None),
        (None, NOW + SECOND, None),
        (NOW, NOW + SECOND, ENDED),
        (NOW - SECOND, NOW + SECOND, ENDED),
        (NOW + SECOND, NOW, LAPSED),
        (NOW + SECOND, NOW - SECOND, LAPSED),
        (None, NOW, LAPSED),
        (NOW, NOW, ENDED),
    ],
)
def test_what_comes_too_late_can_only_be_denied(
    expires: datetime | None, lapses_at: datetime, why: tuple[str, str] | None
) -> None:
    """Rule 5."""
    late = replace(reviewed(), expires=expires, lapses_at=lapses_at)
    assert review_step(late, FIRST, DENY, at=NOW).status is Status.DENIED
    if why is None:
        assert review_step(late, FIRST, APPROVE, at=NOW).status is Status.APPROVED
        return
    with pytest.raises(Conflict) as caught:
        review_step(late, FIRST, APPROVE, at=NOW)
    assert said(caught) == why


def test_its_requester_takes_a_pending_request_back() -> None:
    require_withdrawable(replace(reviewed((ANOTHER, APPROVE), needed=2), lapses_at=NOW - DAY), REQUESTER)


@pytest.mark.parametrize("status", Status)
def test_nobody_else_does(status: Status) -> None:
    """Rule 2."""
    with pytest.raises(NotPermitted) as caught:
        require_withdrawable(replace(reviewed(), status=status), FIRST)
    assert said(caught) == ("#7 is not yours to withdraw.", "An approver can deny it.")


@pytest.mark.parametrize("status", OVER)
def test_what_is_decided_is_not_taken_back(status: Status) -> None:
    with pytest.raises(Conflict) as caught:
        require_withdrawable(replace(reviewed(), status=status), REQUESTER)
    assert said(caught) == (
        f"#7 is {SPELLED.get(status, status)} already and can't be withdrawn.",
        "To undo a change, propose the opposite.",
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (Status.APPROVED, "request.approved"),
        (Status.DENIED, "request.denied"),
        (Status.WITHDRAWN, "request.withdrawn"),
        (Status.LAPSED, "request.lapsed"),
    ],
)
def test_every_way_to_decide_has_its_event(status: Status, kind: str) -> None:
    event = decided_event(reviewed(), status, actor=FIRST, at=NOW)
    assert (event.kind, event.actor, event.target, event.request_id) == (kind, FIRST, "request 7", 7)
    assert (event.at, event.payload) == (NOW, {})
