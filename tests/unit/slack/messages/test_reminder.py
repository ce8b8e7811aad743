"""What an approver is reminded of: named, with a link and the details, and the rest counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.messages.reminder import MOST_NAMED, Reminder, newer_reminder, reminder
from tests.support.samples import HOSTILE, facts, item
from tests.unit.slack.rendered import buttons, texts

URL = "https://example.slack.com/archives/C0APPROVALS/p1"


def named(count: int, *, url: str = URL) -> list[Reminder]:
    return [Reminder(facts=replace(facts(), id=number, number=number), card_url=url) for number in range(1, count + 1)]


def test_one_that_waits() -> None:
    message = reminder(named(1), total=1)
    assert message.text == "1 request waits for your decision: #1 Block `sender1[.]example` and 1 more"
    assert f"<{URL}|The card of #1>" in texts(message)
    assert "<@" in texts(message), "who asked"
    assert set(buttons(message)) == {ActionId.DETAILS}, "it is decided on its card"


def test_many_that_wait() -> None:
    message = reminder(named(MOST_NAMED), total=MOST_NAMED + 3)
    assert message.text.startswith(f"{MOST_NAMED + 3} requests wait for your decision: #1 ")
    assert "…and 3 more: `/requests open`" in texts(message)
    assert texts(message).count("|The card of #") == MOST_NAMED


def test_without_a_link_the_number_is_there() -> None:
    message = reminder(named(1, url=""), total=1)
    assert "The card of" not in texts(message)
    assert "#1" in texts(message)


@pytest.mark.parametrize("message", [reminder([], total=0), newer_reminder()])
def test_what_is_over_asks_for_nothing(message: Message) -> None:
    assert buttons(message) == {}
    assert message.text == texts(message)


@pytest.mark.parametrize("value", HOSTILE)
def test_any_value_can_be_shown(value: str) -> None:
    made = facts(items=[item(value=value)])
    reminder([Reminder(facts=made)], total=1)
