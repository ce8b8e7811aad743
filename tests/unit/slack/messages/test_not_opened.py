"""What was typed is kept, word for word, and the way back to a card is shown."""

from __future__ import annotations

import json

import pytest

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.slack.block_kit.ids import ActionId
from bot.slack.command_table import BLOCK
from bot.slack.messages.not_opened import TYPE_AGAIN, approval_not_opened, command_not_opened
from bot.slack.modals import proposal_form
from bot.slack.modals.form_input import FormInput
from tests.unit.slack.rendered import buttons


def shown(typed: str) -> list[str]:
    message = command_not_opened("It took too long.", "", "abcd", typed=typed).to_dict()
    texts = [block["text"]["text"] for block in message["blocks"] if block["type"] == "section"]
    return [text for text in texts if text.startswith("```")]


@pytest.mark.parametrize("typed", ["/block evil.example 30d why", "/block a.example\nb.example\n30d two  spaces"])
def test_what_was_typed_can_be_copied(typed: str) -> None:
    assert shown(typed) == [f"```\n{typed}\n```"]


def test_what_was_typed_is_harmless() -> None:
    [text] = shown("/block <!channel> <https://evil.example|x> ``` @here &")
    assert "<!" not in text
    assert "<https" not in text
    assert text.count("```") == 2


def test_what_is_too_long_is_told() -> None:
    message = command_not_opened("It took too long.", "", "", typed="/block " + "evil.example " * 5_000).to_dict()
    assert "more characters aren't shown" in json.dumps(message)
    assert TYPE_AGAIN in message["text"]


@pytest.mark.parametrize(
    ("lines", "value"),
    [("evil.example\nworse.example", "evil.example\nworse.example"), ("", "-"), ("evil.example\n" * 200, None)],
)
def test_the_form_opens_by_a_button_with_the_lines_in_it_where_they_fit(lines: str, value: str | None) -> None:
    given = FormInput(operation=Operation.ADD, action=Action.BLOCK, indicators=lines)
    form = proposal_form.build(Operation.ADD, Action.BLOCK, prefill=given)
    message = command_not_opened("It took too long.", "", "", typed="/block …", command=BLOCK, form=form)
    assert buttons(message) == ({} if value is None else {ActionId.OPEN_BLOCK: value})


@pytest.mark.parametrize(
    ("url", "linked"), [("https://example.com/archives/C1/p1", True), ("", False), ("javascript:x", False)]
)
def test_the_way_back_to_the_card(url: str, linked: bool) -> None:
    message = approval_not_opened(7, card_url=url).to_dict()
    assert ("The card of #7" in json.dumps(message)) is linked
    assert "once more" in message["text"]
