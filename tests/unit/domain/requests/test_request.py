"""A request's life: which step may follow which, however the people involved go about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.requests.request import TRANSITIONS, Decision, Status, may_follow
from bot.domain.requests.reviewing import require_withdrawable, review_step
from bot.errors import Conflict, NotPermitted
from tests.unit.domain.requests.cases import DAY, NOW, request

ARCHITECTURE = Path(__file__).parents[4] / "docs" / "architecture.md"

#: Every step that there is.
STEPS = {
    (Status.PENDING, Status.APPROVED),
    (Status.PENDING, Status.DENIED),
    (Status.PENDING, Status.WITHDRAWN),
    (Status.PENDING, Status.LAPSED),
    (Status.APPROVED, Status.APPLYING),
    (Status.APPLYING, Status.APPLIED),
    (Status.APPLYING, Status.PARTLY_APPLIED),
    (Status.APPLYING, Status.FAILED),
    (Status.FAILED, Status.APPLIED),
    (Status.FAILED, Status.PARTLY_APPLIED),
    (Status.PARTLY_APPLIED, Status.APPLIED),
    # Tried again, within a day of the approval.
    (Status.FAILED, Status.APPROVED),
    (Status.PARTLY_APPLIED, Status.APPROVED),
}

ENDS = {Status.APPLIED, Status.DENIED, Status.WITHDRAWN, Status.LAPSED}


@pytest.mark.parametrize("now", Status)
@pytest.mark.parametrize("then", Status)
def test_a_step_may_be_taken_if_it_is_one_of_those_that_there_are(now: Status, then: Status) -> None:
    assert may_follow(now, then) is ((now, then) in STEPS)


def test_the_diagram_of_the_architecture_shows_every_step_and_no_other() -> None:
    drawn = re.findall(r"^  (\w+) --> (\w+):", ARCHITECTURE.read_text(encoding="utf-8"), re.MULTILINE)
    assert {(Status(now), Status(then)) for now, then in drawn} == STEPS


def test_every_status_is_reached_from_the_first() -> None:
    reached = {Status.PENDING}
    while more := {then for now in reached for then in TRANSITIONS[now]} - reached:
        reached |= more
    assert reached == set(Status)


def test_no_way_leads_back_but_to_try_again_so_that_every_request_comes_to_an_end() -> None:
    def ways_from(status: Status, been: tuple[Status, ...]) -> None:
        assert status not in been, f"{been} leads back to {status}"
        for then in TRANSITIONS[status] - ({Status.APPROVED} if status.may_improve else set()):
            ways_from(then, (*been, status))

    ways_from(Status.PENDING, ())
    assert {status for status in Status if not TRANSITIONS[status]} == ENDS


def test_what_has_come_to_its_end_is_over() -> None:
    assert all(status.is_over for status in ENDS)


REQUESTER = "U0REQUESTER"
PEOPLE = st.sampled_from([REQUESTER, "U0APPROVE1", "U0APPROVE2", "U0APPROVE3"])


class RequestMachine(RuleBasedStateMachine):
    """People who review, withdraw and wait in any order, and a worker that goes on with what they have approved."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.request = request(requester=REQUESTER, approvals_needed=2)
        self.path = [Status.PENDING]

    def move(self, status: Status) -> None:
        self.request = replace(self.request, status=status)
        if status is not self.path[-1]:
            self.path.append(status)

    @rule(days=st.integers(1, 4))
    def wait(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(person=PEOPLE, decision=st.sampled_from(Decision))
    def review(self, person: str, decision: Decision) -> None:
        has_reviewed = person in {review.reviewer for review in self.request.reviews}
        too_late = decision is Decision.APPROVE and self.now >= NOW + 7 * DAY
        try:
            step = review_step(self.request, person, decision, at=self.now)
        except NotPermitted:
            assert person == REQUESTER
        except Conflict:
            assert self.request.status is not Status.PENDING or has_reviewed or too_late
        else:
            assert person != REQUESTER
            assert not has_reviewed
            assert not too_late
            self.request = replace(self.request, reviews=(*self.request.reviews, step.review))
            self.move(step.status)

    @rule(person=PEOPLE)
    def withdraw(self, person: str) -> None:
        try:
            require_withdrawable(self.request, person)
        except NotPermitted:
            assert person != REQUESTER
        except Conflict:
            assert self.request.status is not Status.PENDING
        else:
            self.move(Status.WITHDRAWN)

    @precondition(lambda self: self.now >= self.request.lapses_at and self.request.is_open)
    @rule()
    def lapse(self) -> None:
        self.move(Status.LAPSED)

    @precondition(lambda self: not self.request.is_open)
    @rule(then=st.sampled_from(Status))
    def go_on(self, then: Status) -> None:
        if may_follow(self.request.status, then):
            self.move(then)

    @invariant()
    def every_step_is_one_of_those_that_there_are(self) -> None:
        assert set(zip(self.path, self.path[1:], strict=False)) <= STEPS

    @invariant()
    def nothing_follows_an_end(self) -> None:
        assert ENDS.isdisjoint(self.path[:-1])

    @invariant()
    def it_is_approved_by_two_people_who_did_not_ask_for_it(self) -> None:
        approvers = {review.reviewer for review in self.request.approvals}
        assert (Status.APPROVED in self.path) is (len(approvers) >= 2)
        assert REQUESTER not in approvers

    @invariant()
    def it_is_denied_by_one(self) -> None:
        denials = [review for review in self.request.reviews if review.decision is Decision.DENY]
        assert len(denials) == (Status.DENIED in self.path)


TestRequestMachine = RequestMachine.TestCase
