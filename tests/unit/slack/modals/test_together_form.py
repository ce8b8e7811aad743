"""The form in which several proposals are approved: what it shows of each, and how ticks are read back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.telling.request_facts import RequestFacts, request_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.block_rules import VIEW_BLOCKS
from bot.slack.block_kit.ids import ActionId, Carried
from bot.slack.modals.together_form import build, parse
from bot.workflow.requesting.together import MOST_TOGETHER
from tests.support.samples import any_request_facts, ip_allow, request
from tests.unit.slack.rendered import buttons, texts

FACTS = request_facts(request())


def sent(**changes: object) -> dict[str, Any]:
    """The form as it comes back with its box ticked."""
    view = build([FACTS]).to_dict()
    [box] = [block for block in view["blocks"] if block["type"] == "input"]
    element = box["element"]
    values = {box["block_id"]: {element["action_id"]: {"selected_options": element["options"]}}}
    return {**view, "id": "V1", "state": {"values": values}, **changes}


def test_each_stands_there_as_on_its_card_with_a_box_that_nobody_has_ticked() -> None:
    view = build([FACTS], apart=[request_facts(ip_allow())], later=[FACTS])
    seen = texts(view)
    assert "Block 2 senders" in seen
    assert "Invoice fraud" in seen
    assert "Decided apart: it lets strangers in" in seen
    assert "Not shown yet: #42" in seen
    assert "initial_options" not in json.dumps(view.to_dict())
    assert ActionId.DECIDE in buttons(view)


def test_how_much_mail_each_would_touch_stands_there_as_on_its_card() -> None:
    assert "Last 10 days: 9 messages" in texts(build([replace(FACTS, figures=("Last 10 days: 9 messages",))]))


def test_a_tick_is_read_back_in_the_version_that_is_shown() -> None:
    assert parse(sent()) == ("V1", (Carried(request_id=42, version=57),))
    assert parse(sent(state={"values": {}})) == ("V1", ())
    others = {"approve42": {"value": {"selected_options": [{"value": "42.58"}]}}}
    assert parse(sent(state={"values": others})) == ("V1", ())


@pytest.mark.parametrize("metadata", ["", "{}", "[]", "[1]", '["x"]', '["42.57", "42.58"]', '["42.57"', "x" * 5_000])
def test_what_it_never_carried_is_refused(metadata: str) -> None:
    with pytest.raises(InvalidInput):
        parse(sent(private_metadata=metadata))


@pytest.mark.parametrize("view", [None, [], "x", {}, {"id": "", "private_metadata": '["42.57"]'}, {"id": 7}])
def test_any_other_shape_is_refused(view: object) -> None:
    with pytest.raises(InvalidInput):
        parse(view)


@st.composite
def several_facts(draw: st.DrawFn) -> list[RequestFacts]:
    """Proposals, each with a number of its own."""
    numbers = draw(st.lists(st.integers(1, 10**9), min_size=1, max_size=MOST_TOGETHER, unique=True))
    mail = ("Last 10 days: no mail seen",)
    return [replace(draw(any_request_facts), number=number, figures=mail) for number in numbers]


@given(several_facts())
@settings(deadline=None, max_examples=30)
def test_whatever_is_asked_for_slack_takes_the_form(waiting: list[RequestFacts]) -> None:
    view = build(waiting, apart=waiting, later=waiting)
    assert len(view.to_dict()["blocks"]) <= VIEW_BLOCKS
