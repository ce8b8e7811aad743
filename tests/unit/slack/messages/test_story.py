"""The messages in the card's thread, and those to the requester."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.traits import Action
from bot.domain.requests.request import Decision, ItemState, Request, Status
from bot.domain.telling import decision_steps, outcome_steps
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.story import step_message, together
from tests.support import samples
from tests.support.samples import HOSTILE, ip_allow, item, request, review, step
from tests.unit.slack.rendered import Tells, buttons, texts, told

STEPS: list[Tells] = [
    decision_steps.reviewed,
    decision_steps.withdrawn,
    decision_steps.lapsed,
    outcome_steps.concluded,
    outcome_steps.gone_again,
    outcome_steps.ended,
    outcome_steps.heard,
    outcome_steps.reminder,
    outcome_steps.yours,
]


def test_an_approval_that_is_not_enough_says_what_is_missing() -> None:
    first = review()
    message = told(decision_steps.reviewed, ip_allow(reviews=[first]))
    assert texts(message) == "*Approved* by <@U0APPROVER>. 1 of 2 approvals: one more person must agree."


def test_an_approval_is_told_with_its_comment() -> None:
    first = review(comment="Seen it <too>")
    message = told(decision_steps.reviewed, ip_allow(reviews=[first]))
    assert "“Seen it &lt;too&gt;”" in texts(message)
    assert "*" not in message.text


def test_a_denial_says_who_and_that_nothing_was_changed() -> None:
    denial = review(decision=Decision.DENY)
    message = told(decision_steps.reviewed, request(status=Status.DENIED, reviews=[denial]))
    assert texts(message) == "*Denied* by <@U0APPROVER>. Nothing was changed."


def test_the_outcome_lists_what_is_not_as_asked() -> None:
    items = [
        item(1, state=ItemState.APPLIED),
        item(2, state=ItemState.REFUSED, outcome="Duplicate value."),
        item(3, state=ItemState.ALREADY_SO, outcome="Listed since March."),
    ]
    seen = texts(told(outcome_steps.yours, request(status=Status.PARTLY_APPLIED, items=items, reviews=[review()])))
    assert seen.count("sender1") == 1, "what it is about, and not among what needs a look"
    assert ":x: `sender2[.]example` refused: Duplicate value." in seen
    assert "`sender3[.]example` already in effect: Listed since March." in seen


def test_what_ended_is_told_in_good_grammar() -> None:
    ended = [item(number, state=ItemState.EXPIRED) for number in (1, 2)]
    made = request(status=Status.APPLIED, items=ended)
    assert "1 sender of #42 was removed" in texts(told(outcome_steps.ended, made, ended[:1]))
    assert "2 senders of #42 were removed" in texts(told(outcome_steps.ended, made, ended))


def test_what_is_gone_again_is_named_with_a_way_to_look() -> None:
    gone = item(2, state=ItemState.REMOVED)
    message = told(outcome_steps.gone_again, request(status=Status.APPLIED, items=[item(1), gone]), [gone])
    assert "*No longer in effect*: 1 sender of #42" in texts(message)
    assert "• `sender2[.]example`" in texts(message)
    assert (texts(message) + message.text).lower().count("no longer in effect") == 2, "once seen, and once read aloud"
    assert buttons(message) == {ActionId.DETAILS: "42.57"}


def test_the_requester_reads_where_the_request_stands() -> None:
    seen = texts(told(outcome_steps.yours, request(status=Status.FAILED, failure="The list is full.")))
    assert ":x: Your request #42: Block `sender1[.]example` and 1 more. *Failed*" in seen
    assert "The list is full." in seen
    assert "Your request #42: Block `sender1[.]example`." in told(outcome_steps.yours, request(items=1)).text


@pytest.mark.parametrize("tell", STEPS)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("count", [1, 25, 1000])
def test_every_step_fits_at_every_size(tell: Tells, status: Status, count: int) -> None:
    items = [item(n, state=ItemState.REFUSED, outcome="No.") for n in range(count)]
    made = request(status=status, items=items, action=Action.ALLOW, reviews=[review()])
    facts = tell(made, step(count=count, actor="U0APPROVER", targets=[shown.value for shown in items]))
    assert facts is None or step_message(facts).text
    assert facts is not None or tell in {decision_steps.reviewed, outcome_steps.yours}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("tell", STEPS)
def test_what_people_typed_can_do_nothing(tell: Tells, hostile: str) -> None:
    items = [item(n, value=hostile, state=ItemState.REFUSED, outcome=hostile) for n in range(30)]
    made = request(
        status=Status.PENDING if tell is decision_steps.reviewed else Status.FAILED,
        reason=hostile,
        failure=hostile,
        requester=hostile,
        items=items,
        reviews=[review(hostile, comment=hostile)],
    )
    message = told(tell, made, made.items, actor=hostile)
    assert "<!channel>" not in texts(message) + message.text
    assert "\u202e" not in texts(message) + message.text


@given(samples.any_request, samples.any_step, st.sampled_from(STEPS))
@settings(max_examples=80, deadline=None)
def test_no_request_makes_a_message_that_slack_refuses(made: Request, happened: StoryStep, tell: Tells) -> None:
    if (facts := tell(made, happened)) is not None:
        assert step_message(facts).text


@given(samples.any_request, st.lists(st.tuples(samples.any_step, st.sampled_from(STEPS)), max_size=20))
@settings(max_examples=40, deadline=None)
def test_steps_that_wait_together_are_told_in_order_in_messages_that_slack_takes(
    made: Request, happened: list[tuple[StoryStep, Tells]]
) -> None:
    steps = [facts for step, tell in happened if (facts := tell(made, step)) is not None]
    stretches = together(steps)
    assert [step for stretch in stretches for step in stretch] == steps
    for stretch in stretches:
        message = step_message(*stretch)
        assert message.text == "\n".join(step_message(step).text for step in stretch)
        assert len(stretch) == 1 or len(message.text) <= 2_600


def test_a_few_short_steps_are_one_message() -> None:
    made = request(status=Status.APPLIED, reviews=[review()])
    tells: list[Tells] = [decision_steps.withdrawn, decision_steps.lapsed, outcome_steps.concluded]
    steps = [tell(made, samples.step(actor="U0APPROVER")) for tell in tells]
    [stretch] = together([step for step in steps if step is not None])
    assert stretch == steps


def test_a_button_that_several_steps_call_for_stands_once() -> None:
    made = request(status=Status.APPLIED, items=2, reviews=[review()])
    tells: list[Tells] = [outcome_steps.reminder, outcome_steps.yours, outcome_steps.gone_again]
    steps = [tell(made, samples.step(actor="U0APPROVER")) for tell in tells]
    message = step_message(*(step for step in steps if step is not None))
    assert [element["action_id"] for element in message.to_dict()["blocks"][-1]["elements"]] == [
        ActionId.EXTEND,
        ActionId.DETAILS,
    ]
