"""The thread, the requester's messages and the alerts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.request import Decision, ItemState, Request, Review, Status
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages import story
from tests.support import samples
from tests.support.samples import HOSTILE, ip_allow, item, request, review
from tests.unit.slack.rendered import buttons, texts

STEPS: list[Callable[[Request], Message]] = [
    story.withdrawn,
    story.lapsed,
    story.applying,
    story.settled,
    story.confirmed,
    story.for_requester,
    story.ip_allow_alert,
    story.request_failed_alert,
    lambda made: story.gone_again(made, made.items),
    lambda made: story.ended(made, made.items),
]


def test_an_approval_that_is_not_enough_says_what_is_missing() -> None:
    first = review()
    message = story.reviewed(ip_allow(reviews=[first]), first)
    assert texts(message) == "*Approved* by <@U0APPROVER>. 1 of 2 approvals: one more person must agree."


def test_the_last_approval_does_not_claim_a_change() -> None:
    last = review(comment="Seen it <too>")
    message = story.reviewed(request(status=Status.APPROVED, reviews=[last]), last)
    assert "“Seen it &lt;too&gt;”" in texts(message)
    assert "nothing has been changed yet" in texts(message)
    assert "*" not in message.text


def test_a_denial_says_who_and_that_nothing_was_changed() -> None:
    denial = review(decision=Decision.DENY)
    message = story.reviewed(request(status=Status.DENIED, reviews=[denial]), denial)
    assert texts(message) == "*Denied* by <@U0APPROVER>. Nothing was changed."


def test_the_outcome_lists_what_is_not_as_asked() -> None:
    items = [
        item(1, state=ItemState.APPLIED),
        item(2, state=ItemState.REFUSED, outcome="Duplicate value."),
        item(3, state=ItemState.ALREADY_SO, outcome="Listed since March."),
    ]
    seen = texts(story.settled(request(status=Status.PARTLY_APPLIED, items=items, reviews=[review()])))
    assert "sender1" not in seen
    assert ":x: `sender2[.]example` refused: Duplicate value." in seen
    assert "`sender3[.]example` was so already: Listed since March." in seen


def test_a_confirmation_names_the_one_or_counts_those_that_were_confirmed() -> None:
    items = [item(1, state=ItemState.CONFIRMED), item(2, state=ItemState.REMOVED)]
    assert "`sender1[.]example` as asked" in texts(story.confirmed(request(status=Status.APPLIED, items=items)))
    items = [item(number, state=ItemState.CONFIRMED) for number in (1, 2)]
    assert "2 senders as asked" in texts(story.confirmed(request(status=Status.APPLIED, items=items)))


def test_what_ended_is_told_in_good_grammar() -> None:
    ended = [item(number, state=ItemState.EXPIRED) for number in (1, 2)]
    assert "1 sender of request 42 is no longer" in texts(story.ended(request(status=Status.APPLIED), ended[:1]))
    assert "2 senders of request 42 are no longer" in texts(story.ended(request(status=Status.APPLIED), ended))


def test_what_is_gone_again_is_named_with_a_way_to_look() -> None:
    gone = item(2, state=ItemState.REMOVED)
    message = story.gone_again(request(status=Status.APPLIED), [gone])
    assert "*Gone again*: 1 sender of request 42" in texts(message)
    assert "`sender2[.]example` gone again" in texts(message)
    assert buttons(message) == {ActionId.DETAILS: "42"}


def test_the_requester_reads_where_the_request_stands() -> None:
    seen = texts(story.for_requester(request(status=Status.FAILED, failure="The list is full.")))
    assert ":x: Your request 42, Block 2 senders. *Failed*" in seen
    assert "The list is full." in seen
    assert "Your request 42, Block `sender1[.]example`." in story.for_requester(request(items=1)).text


def test_an_ip_allow_alert_says_who_what_why_and_that_nothing_was_changed() -> None:
    message = story.ip_allow_alert(ip_allow(reason="Scanner"))
    seen = texts(message)
    for part in (
        "*IP ALLOW proposed* by <@U0REQUESTER>",
        "`203.0.113[.]7`",
        "```Scanner```",
        "0 of 2 approvals",
        "nothing",
    ):
        assert part in seen
    assert "IP ALLOW proposed" in message.text
    assert "Why: Scanner" in message.text
    assert buttons(message) == {ActionId.DETAILS: "42"}
    several = ip_allow(items=[item(1, value="203.0.113.7"), item(2, value="203.0.113.8")])
    assert "2 IPs" in texts(story.ip_allow_alert(several))
    assert "`203.0.113[.]8`" in texts(story.ip_allow_alert(several))


def test_an_alert_of_an_ipv6_allow_says_so_as_well() -> None:
    message = story.ip_allow_alert(ip_allow(list_name=ListName.IP, items=[item(1, value="2001:db8::7", kind="ipv6")]))
    assert "*IP ALLOW proposed* by <@U0REQUESTER>: `2001:db8::7`" in texts(message)


def test_a_job_that_was_given_up_says_what_to_do_and_where_to_look() -> None:
    message = story.dead_job_alert(
        kind="request.apply", what="The tenant refused the token.", remedy="Renew it.", reference="job-7", request_id=42
    )
    for part in ("request.apply for request 42", "The tenant refused the token.", "Renew it.", "job-7"):
        assert part in texts(message)
        assert part in message.text
    assert buttons(message) == {ActionId.DETAILS: "42"}
    without = story.dead_job_alert(kind="", what="", remedy="", reference="")
    assert buttons(without) == {}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("count", [1, 25, 1000])
def test_every_step_fits_at_every_size(step: Callable[[Request], Message], status: Status, count: int) -> None:
    items = [item(n, state=ItemState.REFUSED, outcome="No.") for n in range(count)]
    assert step(request(status=status, items=items, action=Action.ALLOW)).text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    items = [item(n, value=hostile, state=ItemState.REFUSED, outcome=hostile) for n in range(30)]
    made = request(
        status=Status.FAILED, reason=hostile, failure=hostile, requester=hostile, items=items, reviews=[review(hostile)]
    )
    messages = [step(made) for step in STEPS]
    messages.append(story.reviewed(made, review(hostile, comment=hostile)))
    messages.append(story.dead_job_alert(kind=hostile, what=hostile, remedy=hostile, reference=hostile))
    for message in messages:
        assert "<!channel>" not in texts(message) + message.text
        assert "\u202e" not in texts(message) + message.text


@given(samples.any_request, samples.any_review, st.sampled_from(STEPS))
@settings(max_examples=80, deadline=None)
def test_no_request_makes_a_message_that_slack_refuses(
    made: Request, decision: Review, step: Callable[[Request], Message]
) -> None:
    assert step(made).text
    assert story.reviewed(made, decision).text
