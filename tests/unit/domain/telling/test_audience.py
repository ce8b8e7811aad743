"""Who is told of which step: once for each, and with portions of one round taken together."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.requests.approval import Approval, ApprovedBy
from bot.domain.requests.parts import Parts
from bot.domain.requests.question import Question
from bot.domain.requests.request import Decision, Item, ItemState, Status
from bot.domain.telling.audience import (
    in_rounds,
    steps_below_the_card,
    steps_for_the_requester,
    told_below_the_card,
)
from bot.domain.telling.sentence import Quoted, Who
from bot.domain.telling.step_facts import StepFacts, StepKind
from tests.support.samples import NOW, request, review, step
from tests.unit.domain.telling.plain_text import in_words


def items(count: int, state: ItemState) -> list[Item]:
    return [Item(id=n, kind=Kind.DOMAIN, value=f"h{n}.example", state=state) for n in range(1, count + 1)]


def missing(first: int, *values: str, count: int = 0) -> StoryStep:
    return step(first, kind=EventKind.ITEM_MISSING, count=count or len(values), targets=values)


#: What those who follow the card are told of an event, and what the requester is told.
TOLD: dict[EventKind, tuple[StepKind | None, StepKind | None]] = {
    EventKind.REQUEST_PROPOSED: (None, None),  # the card says it
    EventKind.REQUEST_REFUSED: (None, None),
    EventKind.REQUEST_REVIEWED: (None, None),  # what came of the deciding one says it
    EventKind.REQUEST_APPROVED: (None, None),  # the deciding review says it
    EventKind.REQUEST_EMERGENCY: (None, None),  # the card says it
    EventKind.REQUEST_KEPT: (None, None),  # of an emergency block alone: see below
    EventKind.REQUEST_TAKEN_OUT: (None, None),
    EventKind.REQUEST_DENIED: (None, None),
    EventKind.REQUEST_TRIED_AGAIN: (StepKind.TRIED_AGAIN, None),
    EventKind.REQUEST_ASKED: (None, None),  # nobody needs the answer once it is decided
    EventKind.REQUEST_ANSWERED: (None, None),
    EventKind.REQUEST_REASSESSED: (StepKind.REASSESSED, None),
    EventKind.REQUEST_LEFT_OUT: (StepKind.LEFT_OUT, StepKind.LEFT_OUT),
    EventKind.REQUEST_APPROVAL_VOIDED: (StepKind.VOIDED, None),
    EventKind.REQUEST_WITHDRAWN: (StepKind.WITHDRAWN, None),
    EventKind.REQUEST_LAPSED: (StepKind.LAPSED, None),
    EventKind.REQUEST_APPLYING: (None, None),  # the card shows it
    EventKind.REQUEST_APPLIED: (StepKind.CONCLUDED, None),  # the copy shows that all is well
    EventKind.REQUEST_PARTLY_APPLIED: (StepKind.CONCLUDED, None),  # it is applied by now
    EventKind.REQUEST_FAILED: (StepKind.CONCLUDED, None),
    EventKind.REQUEST_CONTRADICTED: (None, None),  # the failure says it, and the alert
    EventKind.ITEM_APPLIED: (None, None),  # what came of the request as a whole says it
    EventKind.ITEM_REFUSED: (None, None),
    EventKind.ITEM_ALREADY_SO: (None, None),
    EventKind.ITEM_CONFIRMED: (None, None),
    EventKind.ITEM_MISSING: (StepKind.GONE, StepKind.GONE),
    EventKind.ITEM_EXPIRED: (StepKind.ENDED, StepKind.ENDED),
    EventKind.ITEM_REMOVED: (None, None),
    EventKind.REQUEST_REMINDED: (None, StepKind.REMINDER),
    EventKind.SUBMISSION_FILED: (None, None),
    EventKind.SUBMISSION_RESULT: (StepKind.HEARD, StepKind.HEARD),
    EventKind.SUBMISSION_UNNAMED: (StepKind.UNNAMED, StepKind.UNNAMED),
    EventKind.IMPORT_READ: (None, None),
    EventKind.CHECK_ASKED: (None, None),
    EventKind.MAILBOX_ASKED: (None, None),
    EventKind.AUDIT_READ: (None, None),
    EventKind.AUDIT_EXPORTED: (None, None),
    EventKind.REQUESTS_READ: (None, None),
    EventKind.LISTS_READ: (None, None),
    EventKind.POSTURE_READ: (None, None),
    EventKind.POSTURE_SCANNED: (None, None),  # what got worse has an alert of its own
    EventKind.RESULT_SHARED: (None, None),
    EventKind.AUDIT_ANCHORED: (None, None),
    EventKind.OPERATOR_ACTED: (None, None),
    EventKind.FIGURES_SHOWN: (None, None),  # the card shows them
    EventKind.OWNERS_SHOWN: (None, None),  # likewise
    EventKind.PORTAL_ADDED: (None, None),  # an alert says it
    EventKind.PORTAL_REMOVED: (None, None),  # an alert; and of an entry of a request's, what is missing of it
    EventKind.PORTAL_CHANGED: (None, None),
    EventKind.PORTAL_SWITCHED: (None, None),
    EventKind.PORTAL_ENDED: (None, None),
    EventKind.PORTAL_UNWATCHED: (None, None),  # an alert says it
    EventKind.PORTAL_WATCHED: (None, None),
    EventKind.PORTAL_ATTRIBUTED: (None, None),
    EventKind.PORTAL_UNATTRIBUTED: (None, None),
    EventKind.ACCESS_REFUSED: (None, None),
    EventKind.CARD_REFUSED: (None, None),  # nobody waits for the card of a request that is decided
    EventKind.CARD_POSTED: (None, None),
    EventKind.CARD_ASKED: (None, None),  # they see the card
    EventKind.CLICK_REFUSED: (None, None),
    EventKind.APPROVERS_CALLED: (None, None),  # the card mentions them
    EventKind.APPROVER_REMINDED: (None, None),  # their direct message
    EventKind.APPROVERS_CALLED_LATE: (None, None),  # nobody decides on what is decided
    EventKind.APPROVERS_TOLD_LATE: (None, None),  # the line itself
    EventKind.IP_ALLOW_WARNED: (None, None),
    EventKind.SPOOF_ALLOW_WARNED: (None, None),
    EventKind.RENEWAL_DUE: (None, None),  # whoever is to answer has a message about all of theirs
    EventKind.RENEWAL_ASKED: (None, None),
    EventKind.RENEWAL_REMINDED: (None, None),
    EventKind.RENEWAL_ANSWERED: (None, None),  # the card of the request that answers
    EventKind.RENEWAL_REOPENED: (None, None),
    EventKind.RENEWAL_PASSED_ON: (None, None),
    EventKind.RENEWAL_TOLD: (None, None),
    EventKind.RENEWAL_CLOSED: (None, None),
    EventKind.JOB_DEAD: (None, None),
}


def only(told: list[StepFacts]) -> StepKind | None:
    assert len(told) <= 1
    return told[0].kind if told else None


@pytest.mark.parametrize("kind", EventKind)
def test_each_event_has_its_audience(kind: EventKind) -> None:
    made = request(status=Status.APPLIED, reviews=[review()])
    happened = [step(7, kind=kind, actor="U0APPROVER")]
    below_the_card, to_the_requester = TOLD[kind]
    assert only(steps_below_the_card(made, happened)) == below_the_card
    assert only(steps_for_the_requester(made, happened)) == to_the_requester


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (EventKind.REQUEST_DENIED, Status.DENIED),
        (EventKind.REQUEST_LAPSED, Status.LAPSED),
        (EventKind.REQUEST_PARTLY_APPLIED, Status.PARTLY_APPLIED),
        (EventKind.REQUEST_FAILED, Status.FAILED),
    ],
)
def test_the_requester_is_told_what_is_not_as_they_asked(kind: EventKind, status: Status) -> None:
    told = steps_for_the_requester(request(status=status), [step(7, kind=kind)])
    assert only(told) is StepKind.YOURS


@pytest.mark.parametrize(
    ("kind", "status", "told"),
    [
        (EventKind.REQUEST_APPLIED, Status.APPLIED, None),
        (EventKind.REQUEST_PARTLY_APPLIED, Status.PARTLY_APPLIED, StepKind.CONCLUDED),
        (EventKind.REQUEST_FAILED, Status.FAILED, StepKind.CONCLUDED),
    ],
)
def test_that_an_emergency_block_was_taken_out_is_told_once(
    kind: EventKind, status: Status, told: StepKind | None
) -> None:
    """Below the block's card: below that of the removal only where it did not go well."""
    approval = Approval(by=ApprovedBy.EMERGENCY_REVIEW, at=NOW, name="7")
    removal = replace(request(operation=Operation.REMOVE, status=status), approval=approval)
    assert only(steps_below_the_card(removal, [step(9, kind=kind)])) is told


def test_an_event_of_another_version_is_told_to_nobody() -> None:
    happened = [step(7, kind="request.reopened")]
    assert steps_below_the_card(request(), happened) == []
    assert steps_for_the_requester(request(), happened) == []


@pytest.mark.parametrize(
    ("status", "decision", "kind"),
    [
        (Status.PENDING, Decision.APPROVE, StepKind.REVIEWED),
        (Status.APPROVED, Decision.APPROVE, None),
        (Status.APPLIED, Decision.APPROVE, None),
        (Status.DENIED, Decision.DENY, StepKind.DENIED),
    ],
)
def test_a_review_is_told_by_what_it_leads_to(status: Status, decision: Decision, kind: StepKind | None) -> None:
    made = request(status=status, reviews=[review(decision=decision)])
    happened = [step(7, kind=EventKind.REQUEST_REVIEWED, actor="U0APPROVER")]
    assert only(steps_below_the_card(made, happened)) == kind


def test_a_question_and_its_answer_are_told_while_it_waits_to_those_who_need_them() -> None:
    question = Question(number=1, by="U0APPROVER", text="Which mail?", at=NOW)
    waiting = replace(request(), asked_back=question)
    asked = replace(step(7, kind=EventKind.REQUEST_ASKED, actor="U0APPROVER"), said="Which mail?")
    answered = replace(step(8, kind=EventKind.REQUEST_ANSWERED, actor="U0REQUESTER"), said="The one of Monday")
    below = steps_below_the_card(waiting, [asked, answered])
    assert [facts.kind for facts in below] == [StepKind.ASKED, StepKind.ANSWERED]
    assert Quoted("The one of Monday") in below[1].sentence
    assert Who("U0APPROVER") in below[1].sentence, "whoever asked hears of the answer"
    [told] = steps_for_the_requester(waiting, [asked, answered])
    assert (told.kind, Quoted("Which mail?") in told.sentence) == (StepKind.QUESTION, True)


def test_a_review_that_the_request_does_not_have_is_told_to_nobody() -> None:
    happened = [step(7, kind=EventKind.REQUEST_REVIEWED, actor="U0STRANGER")]
    assert steps_below_the_card(request(reviews=[review()]), happened) == []


def test_a_step_says_who_did_it_and_when_and_for_which_event_it_is_told() -> None:
    later = NOW + timedelta(minutes=5)
    [told] = steps_below_the_card(request(), [step(7, kind=EventKind.REQUEST_LAPSED, actor="portcullis", at=later)])
    assert (told.seq, told.actor, told.at, told.request.id) == (7, "portcullis", later, 42)


def test_what_is_written_down_in_portions_is_told_once() -> None:
    """10,000 items are confirmed in tens of transactions, each with some that are missing."""
    large = replace(
        request(status=Status.APPLIED, items=items(20, ItemState.REMOVED)),
        tally={ItemState.CONFIRMED: 9_980, ItemState.REMOVED: 20},
    )
    portions = [
        portion
        for first in range(1, 1_001, 100)
        for portion in (
            step(first, kind=EventKind.ITEM_CONFIRMED, count=98),
            missing(first + 98, f"h{first}.example", f"h{first + 1}.example"),
        )
    ]
    told = steps_below_the_card(large, portions)
    assert [(facts.seq, facts.total) for facts in told] == [(99, 20)]
    [direct] = steps_for_the_requester(large, portions)
    assert direct.seq == 99


def test_what_happens_another_day_is_told_again() -> None:
    gone = request(status=Status.APPLIED, items=items(2, ItemState.REMOVED))
    days = [
        missing(1, "h1.example"),
        step(2, kind=EventKind.ITEM_EXPIRED, target="h1.example"),
        replace(missing(3, "h2.example"), at=NOW + timedelta(days=1)),
    ]
    assert [facts.seq for facts in steps_below_the_card(gone, days)] == [1, 2, 3]


def test_a_round_is_one_step_from_its_first_event_to_its_last() -> None:
    last = NOW + timedelta(minutes=10)
    portions = [missing(1, "h1.example"), replace(missing(2, "h2.example", count=3), at=last)]
    [together] = in_rounds(portions)
    assert (together.first, together.last, together.count, together.at) == (1, 4, 4, last)
    assert together.targets == ("h1.example", "h2.example")
    late = replace(portions[1], at=last + timedelta(seconds=1))
    assert in_rounds([portions[0], late]) == [portions[0], late]


def test_another_step_between_begins_a_round_anew() -> None:
    gone = request(status=Status.APPLIED, items=items(2, ItemState.REMOVED))
    between = [
        missing(1, "h1.example"),
        step(2, kind=EventKind.REQUEST_APPLIED),
        missing(3, "h2.example"),
    ]
    assert [facts.seq for facts in steps_below_the_card(gone, between)] == [1, 2, 3]


def test_news_of_a_submission_is_owed_whenever_there_is_more() -> None:
    filed = request(status=Status.APPLIED, items=items(1, ItemState.APPLIED))
    for tells in (steps_for_the_requester, steps_below_the_card):
        first = tells(filed, [step(5, kind=EventKind.SUBMISSION_RESULT)])
        then = tells(filed, [step(5, kind=EventKind.SUBMISSION_RESULT, count=2)])
        assert [facts.seq for facts in first] == [5]
        assert [facts.seq for facts in then] == [6]
        assert [then[0].is_told_with(number) for number in (4, 5, 6)] == [False, True, True], (
            "what was called for before"
        )


def test_each_allow_that_nobody_asked_for_is_owed_and_named() -> None:
    filed = request(status=Status.APPLIED, items=items(1, ItemState.APPLIED))
    happened = step(5, kind=EventKind.SUBMISSION_UNNAMED, count=2, targets=["evil.example", "b.example"])
    for tells in (steps_for_the_requester, steps_below_the_card):
        [told] = tells(filed, [happened])
        assert told.seq == 6
        assert in_words(told.sentence).startswith(
            "Allowed, and nobody asked for it: evil.example, b.example. It came of the submission of #42, which "
            "names h1.example."
        )


def test_what_was_left_out_is_named_without_the_number_of_the_card_above() -> None:
    left = request(items=[*items(1, ItemState.LEFT_OUT), *items(1, ItemState.PROPOSED)])
    happened = [step(5, kind=EventKind.REQUEST_LEFT_OUT, actor="U0APPROVER")]
    [below], [theirs] = steps_below_the_card(left, happened), steps_for_the_requester(left, happened)
    assert in_words(below.sentence) == "Left out by U0APPROVER: h1.example."
    assert in_words(theirs.sentence) == "Left out by U0APPROVER of #42: h1.example."
    other = replace(left, id=43, part_of=42, list=ListName.URL, items=items(1, ItemState.PROPOSED))
    [of_several] = told_below_the_card(Parts(requests=(left, other)), {42: happened, 43: []})
    assert of_several.sentence == below.sentence


def test_a_reminder_goes_to_the_requester_alone() -> None:
    ending = request(status=Status.APPLIED, items=items(3, ItemState.CONFIRMED))
    reminded = [step(9, kind=EventKind.REQUEST_REMINDED)]
    [told] = steps_for_the_requester(ending, reminded)
    assert told.seq == 9
    assert in_words(told.sentence).startswith("Ends soon: 3 senders of #42")
    assert steps_below_the_card(ending, reminded) == []


def test_whoever_waits_for_a_decision_hears_that_nobody_can_give_one_and_that_they_can_again() -> None:
    happened = [
        step(3, kind=EventKind.CARD_REFUSED, count=2, targets=["is_archived", "channel_not_found"]),
        step(7, kind=EventKind.CARD_POSTED),
    ]
    refused, posted = steps_for_the_requester(request(), happened)
    assert (refused.kind, refused.seq) == (StepKind.CARD_REFUSED, 3)
    assert "Slack refuses its card (is_archived)" in in_words(refused.sentence)
    assert (posted.kind, posted.seq) == (StepKind.CARD_POSTED, 7)
    assert steps_below_the_card(request(), happened) == []
