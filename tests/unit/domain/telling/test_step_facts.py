"""What each step says, and of which items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName
from bot.domain.requests.request import Decision, Item, ItemState, Request, Review, Status
from bot.domain.telling import decision_steps, outcome_steps
from bot.domain.telling.decision_steps import reviewed
from bot.domain.telling.step_facts import StepFacts
from tests.support.samples import NOW, ip_allow, item, request, review, step
from tests.unit.domain.telling.plain_text import in_words


def told(
    tell: Callable[[Request, StoryStep], StepFacts | None],
    made: Request,
    items: Sequence[Item] = (),
    *,
    count: int = 0,
) -> StepFacts:
    """What is told of a step that is about these items of the request, `count` in all."""
    facts = tell(made, step(7, count=count or max(1, len(items)), targets=[item.value for item in items]))
    assert facts is not None
    return facts


@pytest.mark.parametrize(
    ("made", "given", "says"),
    [
        (
            ip_allow(reviews=[review()]),
            review(),
            "Approved by U0APPROVER. 1 of 2 approvals: one more person must agree.",
        ),
        (
            ip_allow(reviews=[review(comment="Seen it")]),
            review(comment="Seen it"),
            "Approved by U0APPROVER: “Seen it”. 1 of 2 approvals: one more person must agree.",
        ),
        (
            request(status=Status.DENIED, reviews=[review(decision=Decision.DENY, comment="No.")]),
            review(decision=Decision.DENY, comment="No."),
            "Denied by U0APPROVER: “No.”. Nothing was changed.",
        ),
    ],
)
def test_a_review_says_who_and_what_it_leads_to(made: Request, given: Review, says: str) -> None:
    facts = reviewed(made, step(7, actor=given.reviewer))
    assert facts is not None
    assert in_words(facts.sentence) == says


@pytest.mark.parametrize(
    ("needed", "given", "says"),
    [
        (2, 1, "1 of 2 approvals: one more person must agree."),
        (3, 1, "1 of 3 approvals: 2 more people must agree."),
        (3, 2, "2 of 3 approvals: one more person must agree."),
        (5, 1, "1 of 5 approvals: 4 more people must agree."),
        (1, 1, "1 of 1 approval."),
    ],
)
def test_an_approval_that_is_not_enough_says_how_many_are_missing(needed: int, given: int, says: str) -> None:
    reviews = [review(f"U0APPROVER{number}") for number in range(1, given + 1)]
    facts = reviewed(ip_allow(approvals_needed=needed, reviews=reviews), step(7, actor=reviews[-1].reviewer))
    assert facts is not None
    assert in_words(facts.sentence) == f"Approved by U0APPROVER{given}. {says}"


@pytest.mark.parametrize(
    ("tell", "made", "says"),
    [
        (decision_steps.withdrawn, request(status=Status.WITHDRAWN), "Withdrawn by U0REQUESTER. Nothing was changed."),
        (decision_steps.lapsed, request(status=Status.LAPSED), "Expired undecided. Nothing was changed."),
        (
            outcome_steps.yours,
            request(status=Status.FAILED, items=1, failure="No room."),
            "Your request #42: Block sender1.example. Failed: none of 1 sender applied. Approved by nobody. No room.",
        ),
    ],
)
def test_a_step_of_the_request_as_a_whole(
    tell: Callable[[Request, StoryStep], StepFacts | None], made: Request, says: str
) -> None:
    facts = told(tell, made)
    assert in_words(facts.sentence) == says
    if tell is not outcome_steps.yours:
        assert (facts.items, facts.total) == ((), 0)


def test_an_outcome_tells_of_what_is_not_as_asked_or_has_words_of_the_service() -> None:
    items = [
        item(1, state=ItemState.APPLIED),
        item(2, state=ItemState.REFUSED, outcome="Duplicate value."),
        item(3, state=ItemState.ALREADY_SO, outcome="Listed since March."),
    ]
    made = request(status=Status.PARTLY_APPLIED, items=items, reviews=[review()], failure="One was refused.")
    says = "Partly applied: 2 of 3. Approved by U0APPROVER."
    facts = told(outcome_steps.yours, made)
    assert in_words(facts.sentence) == f"Your request #42: Block sender1.example and 2 more. {says} One was refused."
    assert [(shown.value, shown.word) for shown in facts.items] == [
        ("sender2.example", "refused"),
        ("sender3.example", "already in effect"),
    ]
    assert facts.total == 2
    assert in_words(told(outcome_steps.concluded, made).sentence) == says, "the card says the rest"


@pytest.mark.parametrize("status", [Status.PENDING, Status.APPROVED, Status.APPLYING, Status.DENIED])
def test_before_the_tenant_has_answered_no_item_has_an_outcome(status: Status) -> None:
    facts = told(outcome_steps.yours, request(status=status, items=[item(state=ItemState.REFUSED)]))
    assert (facts.items, facts.total) == ((), 0)


def test_an_outcome_of_a_large_request_counts_what_is_not_at_hand() -> None:
    states = {ItemState.APPLIED: 9_000, ItemState.REFUSED: 990, ItemState.INTENDED: 10}
    refused = [item(number, state=ItemState.REFUSED) for number in range(1, 21)]
    facts = told(outcome_steps.yours, request(status=Status.PARTLY_APPLIED, items=refused, tally=states))
    assert (len(facts.items), facts.total) == (20, 1_000)


@pytest.mark.parametrize(("count", "words"), [(1, "1 sender of #42 was"), (700, "700 senders of #42 were")])
def test_what_ended_or_is_gone_is_counted_in_good_grammar(count: int, words: str) -> None:
    made = request(status=Status.APPLIED, items=[item(1, state=ItemState.EXPIRED), item(2)])
    ended = told(outcome_steps.ended, made, made.items[:1], count=count)
    says = f"Ended: the end date has come, and {words} removed by Microsoft."
    assert in_words(ended.sentence) == says
    gone = told(outcome_steps.gone_again, made, made.items[:1], count=count)
    assert in_words(gone.sentence).startswith(f"No longer in effect: {words} changed or removed outside of Portcullis.")
    for facts in (ended, gone):
        assert [shown.value for shown in facts.items] == ["sender1.example"]
        assert facts.total == count


@pytest.mark.parametrize(
    ("name", "days", "who"),
    [
        (ListName.SENDER, 30, "by Microsoft."),
        (ListName.SENDER, 120, "by Portcullis."),
        (ListName.SPOOF, 7, "by Portcullis."),
    ],
)
def test_what_ended_says_who_saw_to_it(name: ListName, days: int, who: str) -> None:
    made = request(status=Status.APPLIED, list_name=name, expires=NOW + timedelta(days=days))
    assert in_words(told(outcome_steps.ended, made, made.items).sentence).endswith(who)


@pytest.mark.parametrize(
    ("count", "says"),
    [
        (
            1,
            "sender1.example of #42, blocked in Tenant Allow/Block List, senders, ends 2026-03-31 12:00. If it",
        ),
        (
            10_000,
            "10,000 senders of #42, blocked in Tenant Allow/Block List, senders, end 2026-03-31 12:00. If they",
        ),
    ],
)
def test_a_reminder_says_what_ends_and_when(count: int, says: str) -> None:
    states = {ItemState.CONFIRMED: count, ItemState.REMOVED: 5}
    made = request(items=[item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.REMOVED)], tally=states)
    facts = told(outcome_steps.reminder, made)
    asks = "still needed, ask for a new expiry date; otherwise there is nothing to do."
    assert in_words(facts.sentence) == f"Ends soon: {says} {'is' if count == 1 else 'are'} {asks}"
    assert [shown.value for shown in facts.items] == ([] if count == 1 else ["sender1.example"])
    assert facts.total == count


def test_a_reminder_says_where() -> None:
    made = ip_allow(items=[item(1, value="203.0.113.7", state=ItemState.CONFIRMED)])
    words = in_words(told(outcome_steps.reminder, made).sentence)
    assert words.startswith("Ends soon: 203.0.113.7 of #42, allowed in IP Allow List (connection filter), ends")


def test_news_of_a_submission_tell_of_items_that_have_words() -> None:
    items = [
        item(1, outcome="reference 1. Allowed now.", state=ItemState.APPLIED),
        item(2),
        item(3, outcome="reference 2."),
    ]
    made = request(operation=Operation.SUBMIT, items=items, status=Status.APPLIED)
    some = told(outcome_steps.heard, made, items[:2])
    assert in_words(some.sentence) == "Heard from Microsoft about what was submitted with #42."
    assert [(shown.value, shown.word) for shown in some.items] == [("sender1.example", "filed")]
    assert some.total == 2
    whole = told(outcome_steps.heard, made)
    assert [shown.value for shown in whole.items] == ["sender1.example", "sender3.example"]
    assert whole.total == 3
