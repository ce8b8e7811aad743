"""Which entries come back to their owners, when, and what becomes of each renewal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.renewal import Answer, Closing, PassedOn, Renewal, RenewalState
from bot.domain.requests.renewing import (
    Close,
    PassOn,
    ProposeRemoval,
    Renewing,
    Reopen,
    Step,
    Unanswered,
    is_due,
    is_reminder_due,
    next_step,
    renewal_event,
)
from bot.domain.requests.request import Status
from tests.support.samples import NOW

DAY = timedelta(days=1)
RULES = Renewing()
BLOCKS_TOO = Renewing(blocks=True)
OFF = Renewing(every=None)
REMOVES = Renewing(unanswered=Unanswered.REMOVE)


def entry(
    *, action: Action = Action.ALLOW, age: timedelta = 100 * DAY, left: timedelta | None = None, request_id: int = 7
) -> KnownEntry:
    return KnownEntry(
        list=ListName.SPOOF,
        action=action,
        value="news@fabrikam.example, 203.0.113.0/24",
        requester="U0REQUESTER",
        request_id=request_id,
        reason="Partner",
        since=NOW - age,
        expires=None if left is None else NOW + left,
    )


def renewal(state: RenewalState = RenewalState.ASKED, **otherwise: object) -> Renewal:
    asked = Renewal(
        id=1,
        list=ListName.SPOOF,
        action=Action.ALLOW,
        value="news@fabrikam.example, 203.0.113.0/24",
        request_id=7,
        owner="U0REQUESTER",
        state=state,
        asked_at=NOW - DAY,
        answer_by=NOW + 13 * DAY,
    )
    return replace(asked, **otherwise)  # type: ignore[arg-type]  # any of its fields


@pytest.mark.parametrize(
    ("due", "rules", "held"),
    [
        (True, RULES, entry()),
        (True, RULES, entry(age=90 * DAY)),
        (False, RULES, entry(age=90 * DAY - timedelta(seconds=1))),
        (False, OFF, entry(age=4000 * DAY)),
        # What ends within the next period isn't asked about.
        (False, RULES, entry(left=90 * DAY)),
        (True, RULES, entry(left=91 * DAY)),
        (False, RULES, entry(left=-DAY)),
        # Blocks where the operator wants that, and without an end only.
        (False, RULES, entry(action=Action.BLOCK)),
        (True, BLOCKS_TOO, entry(action=Action.BLOCK)),
        (False, BLOCKS_TOO, entry(action=Action.BLOCK, left=400 * DAY)),
        (True, BLOCKS_TOO, entry()),
    ],
)
def test_when_an_entry_comes_back(due: bool, rules: Renewing, held: KnownEntry) -> None:
    assert is_due(held, rules, now=NOW) is due


def test_what_is_due_within_days_is_asked_along() -> None:
    soon, later = entry(age=83 * DAY), entry(age=83 * DAY - timedelta(seconds=1))
    assert not is_due(soon, RULES, now=NOW)
    assert is_due(soon, RULES, now=NOW, ahead=True)
    assert not is_due(later, RULES, now=NOW, ahead=True)


def test_a_removal_that_was_denied_keeps_an_entry_for_another_period() -> None:
    old = entry(age=900 * DAY)
    assert not is_due(old, RULES, now=NOW, stays_since=NOW - 89 * DAY)
    assert is_due(old, RULES, now=NOW, stays_since=NOW - 90 * DAY)


@pytest.mark.parametrize(
    ("every", "ahead"), [(90 * DAY, 7 * DAY), (30 * DAY, 3 * DAY), (timedelta(minutes=10), timedelta(minutes=1))]
)
def test_how_far_ahead_goes_with_the_period(every: timedelta, ahead: timedelta) -> None:
    assert Renewing(every=every).together == ahead


ASKED, PASSED_ON, ANSWERED = RenewalState.ASKED, RenewalState.PASSED_ON, RenewalState.ANSWERED
OVER = NOW - timedelta(seconds=1)


@pytest.mark.parametrize(
    ("step", "asked", "held", "answered", "rules"),
    [
        # Whatever became of the entry by another way counts.
        (Close(how=Closing.ENDED), renewal(), None, None, RULES),
        (Close(how=Closing.ENDED), renewal(PASSED_ON), None, None, OFF),
        (Close(how=Closing.ENDED), renewal(ANSWERED, answer=Answer.END), None, Status.APPLIED, RULES),
        (Close(how=Closing.KEPT), renewal(), entry(request_id=9), None, RULES),
        (
            Close(how=Closing.KEPT),
            renewal(ANSWERED, answer=Answer.KEEP),
            entry(request_id=9),
            Status.APPLIED,
            RULES,
        ),
        # Nobody asks any more.
        (Close(how=Closing.CALLED_OFF), renewal(), entry(), None, OFF),
        (Close(how=Closing.CALLED_OFF), renewal(PASSED_ON), entry(action=Action.BLOCK), None, RULES),
        # The owner has their time, and then it is the approvers'.
        (None, renewal(), entry(), None, RULES),
        (PassOn(why=PassedOn.UNANSWERED), renewal(answer_by=NOW), entry(), None, RULES),
        (None, renewal(PASSED_ON, why=PassedOn.UNANSWERED, answer_by=OVER), entry(), None, RULES),
        (ProposeRemoval(), renewal(PASSED_ON, why=PassedOn.UNANSWERED, answer_by=OVER), entry(), None, REMOVES),
        (None, renewal(PASSED_ON, why=PassedOn.OWNER_GONE), entry(), None, REMOVES),
        (ProposeRemoval(), renewal(PASSED_ON, why=PassedOn.OWNER_GONE, answer_by=OVER), entry(), None, REMOVES),
        (None, renewal(PASSED_ON, why=PassedOn.CAME_TO_NOTHING, answer_by=OVER), entry(), None, REMOVES),
        # What was answered waits for its request.
        (None, renewal(ANSWERED, answer=Answer.KEEP, answer_by=OVER), entry(), Status.PENDING, REMOVES),
        (None, renewal(ANSWERED, answer=Answer.END, answer_by=OVER), entry(), Status.APPLYING, OFF),
        (
            PassOn(why=PassedOn.KEEP_DENIED),
            renewal(ANSWERED, answer=Answer.KEEP),
            entry(),
            Status.DENIED,
            RULES,
        ),
        (Close(how=Closing.STAYS), renewal(ANSWERED, answer=Answer.END), entry(), Status.DENIED, REMOVES),
        (Reopen(), renewal(ANSWERED, answer=Answer.KEEP), entry(), Status.WITHDRAWN, RULES),
        (Reopen(), renewal(ANSWERED, answer=Answer.END), entry(), Status.FAILED, RULES),
        (
            PassOn(why=PassedOn.CAME_TO_NOTHING),
            renewal(ANSWERED, answer=Answer.KEEP, answer_by=OVER),
            entry(),
            Status.LAPSED,
            RULES,
        ),
        (
            PassOn(why=PassedOn.CAME_TO_NOTHING),
            renewal(ANSWERED, answer=Answer.END, why=PassedOn.UNANSWERED),
            entry(),
            Status.LAPSED,
            REMOVES,
        ),
        (None, renewal(RenewalState.CLOSED, closing=Closing.STAYS), entry(), None, REMOVES),
    ],
)
def test_what_becomes_of_a_renewal(
    step: Step | None, asked: Renewal, held: KnownEntry | None, answered: Status | None, rules: Renewing
) -> None:
    assert next_step(asked, held, answered, rules, now=NOW) == step


@pytest.mark.parametrize(
    ("due", "asked"),
    [
        (False, renewal()),  # not told yet
        (False, renewal(told_at=NOW - DAY)),
        (True, renewal(told_at=NOW - 13 * DAY)),
        (False, renewal(told_at=NOW - 13 * DAY, reminded_at=NOW - DAY)),
        (False, renewal(told_at=NOW - 13 * DAY, answer_by=NOW)),
        (False, renewal(PASSED_ON, told_at=NOW - 13 * DAY)),
    ],
)
def test_an_owner_is_reminded_once_when_half_of_their_time_is_over(due: bool, asked: Renewal) -> None:
    assert is_reminder_due(asked, now=NOW) is due


def test_an_event_names_the_entry_its_owner_and_the_request_that_keeps_it() -> None:
    event = renewal_event(EventKind.RENEWAL_DUE, renewal(), at=NOW, why="unanswered")
    assert (event.actor, event.target, event.request_id) == (PORTCULLIS, renewal().value, 7)
    assert event.payload == {
        "renewal": 1,
        "list": ListName.SPOOF,
        "action": Action.ALLOW,
        "owner": "U0REQUESTER",
        "why": "unanswered",
    }


@given(
    age=st.timedeltas(timedelta(), 2000 * DAY),
    every=st.timedeltas(timedelta(minutes=1), 800 * DAY),
    left=st.none() | st.timedeltas(-DAY, 2000 * DAY),
)
def test_what_is_due_now_is_due_with_the_others_too(age: timedelta, every: timedelta, left: timedelta | None) -> None:
    rules, held = Renewing(every=every, blocks=True), entry(age=age, left=left)
    if is_due(held, rules, now=NOW):
        assert is_due(held, rules, now=NOW, ahead=True)


class Rounds(RuleBasedStateMachine):
    """A renewal from its beginning, with whatever people, approvers and time do to it."""

    @initialize(remove=st.booleans())
    def begin(self, remove: bool) -> None:
        self.renewing = Renewing(unanswered=Unanswered.REMOVE if remove else Unanswered.TELL)
        self.now = NOW
        self.renewal = renewal(asked_at=NOW, answer_by=NOW + self.renewing.answer_within)
        self.entry: KnownEntry | None = entry()
        self.answered: Status | None = None
        self.proposed = 0  #: by Portcullis, since somebody last answered

    @rule(hours=st.integers(1, 24 * 20))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @precondition(lambda self: self.renewal.state.waits)
    @rule(answer=st.sampled_from(Answer))
    def somebody_answers(self, answer: Answer) -> None:
        self.renewal = replace(self.renewal, state=ANSWERED, answer=answer)
        self.answered, self.proposed = Status.PENDING, 0

    @precondition(lambda self: self.answered is Status.PENDING)
    @rule(status=st.sampled_from([Status.DENIED, Status.WITHDRAWN, Status.LAPSED, Status.FAILED, Status.APPLIED]))
    def the_request_is_over(self, status: Status) -> None:
        self.answered = status
        if status is Status.APPLIED and self.entry is not None:
            kept = self.renewal.answer is Answer.KEEP
            self.entry = replace(self.entry, request_id=99) if kept else None

    @rule()
    def the_entry_goes(self) -> None:
        self.entry = None

    @rule()
    def it_is_looked_at(self) -> None:
        before, step = self.renewal, next_step(self.renewal, self.entry, self.answered, self.renewing, now=self.now)
        match step:
            case Close(how=how):
                assert before.state is not RenewalState.CLOSED
                self.renewal = replace(before, state=RenewalState.CLOSED, closing=how)
            case PassOn(why=why):
                assert before.state in {ASKED, ANSWERED}
                self.renewal = replace(before, state=PASSED_ON, why=why, answer=None)
            case Reopen():
                assert before.state is ANSWERED
                self.renewal = replace(before, state=ASKED, answer=None)
            case ProposeRemoval():
                assert self.renewing.unanswered is Unanswered.REMOVE
                self.proposed += 1
                self.renewal = replace(before, state=ANSWERED, answer=Answer.END)
                self.answered = Status.PENDING
            case None:
                return
        # What was done is not done again by the next look.
        again = next_step(self.renewal, self.entry, self.answered, self.renewing, now=self.now)
        assert again is None or again != step

    @invariant()
    def what_is_gone_is_closed_by_the_next_look(self) -> None:
        asked = getattr(self, "renewal", None)
        if asked is None or asked.state is RenewalState.CLOSED or self.entry is not None:
            return
        step = next_step(self.renewal, None, self.answered, self.renewing, now=self.now)
        assert step == Close(how=Closing.ENDED)

    @invariant()
    def portcullis_proposes_a_removal_once(self) -> None:
        assert getattr(self, "proposed", 0) <= 2  # once unanswered, and once where keeping was denied

    @invariant()
    def what_is_kept_was_approved(self) -> None:
        if (asked := getattr(self, "renewal", None)) is not None and asked.closing is Closing.KEPT:
            assert self.answered is Status.APPLIED


TestRounds = Rounds.TestCase
