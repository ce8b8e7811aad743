"""A message in its plainest form says the same, of nothing but plain text and buttons."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings

from bot.domain.requests.request import Request, RequestWarning
from bot.domain.telling.request_facts import request_facts
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.plainest import plainest
from bot.slack.block_kit.text import escaped, mention, when
from bot.slack.messages.card import card, requester_message
from tests.support import samples
from tests.support.samples import HOSTILE, facts, item
from tests.unit.slack.rendered import block_ids, buttons, texts


def of(*blocks: str) -> Message:
    return Message.build(name="x", text="What is read aloud.", blocks=[elements.section(text) for text in blocks])


@pytest.mark.parametrize(
    ("mrkdwn", "said"),
    [
        (elements.labelled("Why", "```Phishing wave```"), "Why:\n```Phishing wave```"),
        (f"Asked by {mention('U0REQUESTER')}", "Asked by @U0REQUESTER"),
        (when(datetime(2030, 1, 2, 3, 4, tzinfo=UTC)), "2030-01-02 03:04 UTC"),
        (escaped("R&D <b>"), "R&D <b>"),
        (":rotating_light: Wide.\n:warning: Stops mail.", "Wide.\nStops mail."),
        (escaped("https://evil.example/x"), "hxxps://evil.example/x"),
    ],
)
def test_markup_becomes_what_it_means(mrkdwn: str, said: str) -> None:
    [block] = plainest(of(mrkdwn)).blocks
    assert block["text"] == {"type": "plain_text", "text": said, "emoji": False}


def test_a_card_says_the_same_and_decides_the_same() -> None:
    warnings = [RequestWarning(code="a", text="Wide.", serious=True), RequestWarning(code="b", text="Stops mail.")]
    whole = card(facts(warnings=warnings))
    plain = plainest(whole)
    assert buttons(plain) == buttons(whole)
    assert set(buttons(plain)) == {ActionId.APPROVE, ActionId.APPROVE_SOME, ActionId.DENY, ActionId.DETAILS}
    for part in ("#42", "Wide.", "Stops mail.", "sender1[.]example", "@U0REQUESTER", "Invoice fraud"):
        assert part in texts(plain)
    assert {block["type"] for block in plain.blocks} == {"section", "actions"}
    assert not set(block_ids(plain)) & set(block_ids(whole))


def test_what_does_not_fit_is_said_to_stand_in_the_details() -> None:
    plain = plainest(
        card(facts(reason="x " * 2_000, items=[item(n, value=f"{'h' * 50}{n}.example") for n in range(30)]))
    )
    long = plainest(of(*("x" * 2_900 for _ in range(3))))
    assert len(texts(long)) < 4_200
    assert texts(long).endswith("The rest does not fit here: see Details.")
    assert set(buttons(plain)) == {ActionId.APPROVE, ActionId.APPROVE_SOME, ActionId.DENY, ActionId.DETAILS}


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_people_typed_can_do_nothing(hostile: str) -> None:
    plain = plainest(card(facts(reason=hostile, requester=hostile, items=[item(1, value=hostile)])))
    assert "https://" not in texts(plain)
    assert all(block["text"]["type"] == "plain_text" for block in plain.blocks if block["type"] == "section")


@given(samples.any_request)
@settings(max_examples=60, deadline=None)
def test_no_request_makes_one_that_slack_refuses(made: Request) -> None:
    for message in (card(request_facts(made)), requester_message(request_facts(made))):
        assert plainest(message).blocks
