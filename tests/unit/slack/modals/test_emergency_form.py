"""The form that reviews an emergency block: whatever was blocked, Slack takes it, and what comes back is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings

from bot.domain.requests.binding import ShownCard
from bot.domain.requests.request import ItemState, Status
from bot.domain.telling.request_facts import RequestFacts
from bot.slack.modals.emergency_form import DECISION, REASON, build
from tests.support.samples import HOSTILE, LONGEST_CARD_LINK, any_request_facts, facts, item

#: A card whose place is as long as Slack's are, and longer.
CARD = ShownCard(channel="C" * 40, ts="1700000000.000001", version=10**9)
NOWHERE = ShownCard(channel="", ts="", version=1)


@given(any_request_facts)
@settings(max_examples=30, deadline=None)
def test_whatever_was_blocked_slack_takes_the_form(blocked: RequestFacts) -> None:
    for shown in (CARD, NOWHERE):
        build(replace(blocked, card_url=LONGEST_CARD_LINK), shown=shown)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_was_typed_is_harmless(hostile: str) -> None:
    blocked = facts(request_id=10**15, reason=hostile, items=[item(value=hostile)] * 3)
    shown = str(build(blocked, shown=CARD).to_dict()["blocks"])
    assert "<!channel>" not in shown
    assert "\u202e" not in shown


def test_from_the_card_taking_it_out_is_chosen_beforehand_and_elsewhere_nothing() -> None:
    def chosen(shown: ShownCard) -> object:
        [decision] = [
            block for block in build(facts(), shown=shown).to_dict()["blocks"] if block.get("block_id") == DECISION
        ]
        return decision["element"].get("initial_option", {}).get("value")

    assert (chosen(CARD), chosen(NOWHERE)) == ("deny", None)
    names = [block.get("block_id") for block in build(facts(), shown=CARD).to_dict()["blocks"]]
    assert names[-2:] == [DECISION, REASON]


def test_its_label_says_when_a_reason_is_needed_because_slack_adds_that_it_is_optional() -> None:
    [why] = [block for block in build(facts(), shown=CARD).to_dict()["blocks"] if block.get("block_id") == REASON]
    assert why["optional"]
    assert why["label"]["text"] == "Why you decide so"
    assert why["hint"]["text"].startswith("Needed if you take it out, such as")


def said(*values: str) -> list[str]:
    items = [item(place, value=value, state=ItemState.CONFIRMED) for place, value in enumerate(values, start=1)]
    form = build(facts(request_id=7, status=Status.APPLIED, items=items), shown=NOWHERE).to_dict()
    return [block["text"]["text"] for block in form["blocks"] if block["type"] == "section"]


def test_it_names_the_block_by_its_number_as_people_know_it_and_one_value_once() -> None:
    first, *rest = said("evil.example")
    assert first.startswith("*#7* · ")
    assert len(rest) == 1


def test_of_several_each_value_stands_there() -> None:
    values = [f"h{number}.example" for number in range(20)]
    _, listed, _ = said(*values)
    assert all(f"`{value.replace('.', '[.]')}`" in listed for value in values)
