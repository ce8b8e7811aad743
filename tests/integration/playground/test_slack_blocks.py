"""Which blocks and views Slack takes: one case for every rule that breaks it."""

from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks as sdk

from bot.playground.slack.block_rules import message_problems, total_characters, with_ids
from bot.playground.slack.views import problems_of
from tests.integration.playground.slack_stage import button, modal, plain, section, text_input

Block = dict[str, Any]


def mrkdwn(text: str = "x") -> Block:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "1d", **more: object) -> Block:
    return {"text": plain(value[:75]), "value": value, **more}


def actions(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def menu(kind: str = "static_select", **more: object) -> Block:
    return {"type": kind, "action_id": "menu", **more}


def field(element: Block, **more: object) -> Block:
    return {"type": "input", "label": plain("Label"), "element": element, **more}


CONFIRM = {"title": plain("Sure?"), "text": mrkdwn(), "confirm": plain("Yes"), "deny": plain("No")}


@pytest.mark.parametrize(
    "block",
    [
        section(accessory=button(confirm=CONFIRM, style="danger", value="17")),
        {"type": "section", "fields": [mrkdwn("y" * 2000)] * 10, "expand": True},
        section("x" * 3000),
        {"type": "header", "text": plain("x" * 150)},
        {"type": "divider"},
        {"type": "context", "elements": [mrkdwn()] * 10},
        actions(*[button(f"b{number}", text=plain("x" * 75), value="v" * 2000) for number in range(25)]),
        actions(menu(options=[option(str(number)) for number in range(100)], initial_option=option("7"))),
        actions(menu(option_groups=[{"label": plain("Days"), "options": [option()]}])),
        actions(menu("overflow", options=[option(str(number)) for number in range(5)])),
        actions(menu("datepicker", initial_date="2026-02-28", placeholder=plain("When"))),
        actions(menu("checkboxes", options=[{"text": mrkdwn("*I know*"), "value": "yes"}])),
        field(menu("radio_buttons", options=[option()]), optional=True, hint=plain("Hint")),
        field(menu("plain_text_input", multiline=True, max_length=3000, initial_value="x")),
        field(menu("multi_users_select", max_selected_items=2)),
        {"type": "image", "image_url": "https://pictures.example/x.png", "alt_text": "A picture"},
        {"type": "markdown", "text": "**x**"},
        {"type": "alert", "text": mrkdwn("x" * 200), "level": "warning"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
        },
    ],
    ids=lambda block: str(block["type"]),
)
def test_blocks_that_slack_takes(block: Block) -> None:
    assert message_problems([block]) == []


def test_what_the_sdk_builds_is_taken() -> None:
    built = [
        sdk.HeaderBlock(text="Block a sender", block_id="head"),
        sdk.SectionBlock(text=sdk.MarkdownTextObject(text="*evil.example*"), block_id="what"),
        sdk.ContextBlock(elements=[sdk.MarkdownTextObject(text="small print")]),
        sdk.DividerBlock(),
        sdk.ActionsBlock(
            elements=[
                sdk.ButtonElement(text="Approve", action_id="approve", value="17", style="primary"),
                sdk.ButtonElement(
                    text="Deny",
                    action_id="deny",
                    confirm=sdk.ConfirmObject(title="Deny", text="Sure?", confirm="Deny", deny="Back"),
                ),
            ]
        ),
        sdk.InputBlock(label="Reason", element=sdk.PlainTextInputElement(action_id="reason", multiline=True)),
    ]
    assert message_problems([block.to_dict() for block in built]) == []


@pytest.mark.parametrize(
    ("block", "at"),
    [
        ({"type": "poster"}, ""),
        ({}, ""),
        (section(colour="red"), "/colour"),
        (section(""), "/text/text"),
        (section("x" * 3001), "/text"),
        ({"type": "section"}, ""),
        ({"type": "section", "fields": [mrkdwn()] * 11}, "/fields"),
        ({"type": "section", "fields": [mrkdwn("x" * 2001)]}, "/fields/0"),
        (section(block_id="x" * 256), "/block_id"),
        ({"type": "header", "text": mrkdwn()}, "/text/type"),
        ({"type": "header", "text": plain("x" * 151)}, "/text"),
        ({"type": "divider", "text": plain("x")}, "/text"),
        ({"type": "context", "elements": []}, "/elements"),
        ({"type": "context", "elements": [mrkdwn()] * 11}, "/elements"),
        ({"type": "context", "elements": [button()]}, "/elements/0"),
        (actions(), "/elements"),
        (actions(*[button(f"b{number}") for number in range(26)]), "/elements"),
        (actions(button(text=mrkdwn())), "/elements/0/text/type"),
        (actions(button(text=plain("x" * 76))), "/elements/0/text"),
        (actions(button(value="x" * 2001)), "/elements/0/value"),
        (actions(button(action_id="x" * 256)), "/elements/0/action_id"),
        (actions(button(style="green")), "/elements/0/style"),
        (actions(button(confirm={**CONFIRM, "title": plain("x" * 101)})), "/elements/0/confirm/title"),
        (actions(button(confirm={**CONFIRM, "text": mrkdwn("x" * 301)})), "/elements/0/confirm/text"),
        (actions(button(confirm={**CONFIRM, "deny": plain("x" * 31)})), "/elements/0/confirm/deny"),
        (actions(button(confirm={**CONFIRM, "text": None})), "/elements/0/confirm/text"),
        (actions(menu()), "/elements/0"),
        (actions(menu(options=[])), "/elements/0/options"),
        (actions(menu(options=[option(str(number)) for number in range(101)])), "/elements/0/options"),
        (actions(menu(options=[option(), option()])), "/elements/0/options"),
        (actions(menu(options=[option("x" * 151)])), "/elements/0/options/0/value"),
        (actions(menu(options=[option(text=plain("x" * 76))])), "/elements/0/options/0/text"),
        (actions(menu(options=[option(text=mrkdwn())])), "/elements/0/options/0/text/type"),
        (actions(menu(options=[option()], initial_option=option("2d"))), "/elements/0"),
        (actions(menu(options=[option()], placeholder=plain("x" * 151))), "/elements/0/placeholder"),
        (actions(menu("overflow", options=[option(str(number)) for number in range(6)])), "/elements/0/options"),
        (actions(menu("checkboxes", options=[option(str(number)) for number in range(11)])), "/elements/0/options"),
        (actions(menu("datepicker", initial_date="2026-02-30")), "/elements/0/initial_date"),
        (actions(menu("plain_text_input")), "/elements/0"),
        (field(button()), "/element"),
        ({"type": "input", "element": menu("plain_text_input")}, "/label"),
        (field(menu("plain_text_input", max_length=3001)), "/element/max_length"),
        (field(menu("plain_text_input", max_length=2, initial_value="long")), "/element"),
        ({"type": "image", "image_url": "https://pictures.example/x.png"}, "/alt_text"),
        ({"type": "markdown", "text": "x" * 12_001}, "/text"),
        ({"type": "alert", "text": plain("x" * 201)}, "/text"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]}, "/rows/0"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}, "/rows"),
    ],
)
def test_blocks_that_slack_refuses(block: Block, at: str) -> None:
    [problem] = message_problems([section(), block])
    assert f"[json-pointer:/blocks/1{at}]" in problem


@pytest.mark.parametrize(
    ("blocks", "why"),
    [
        ("x", "list"),
        ([{"type": "divider"}] * 51, "50"),
        ([section(block_id="a"), section(block_id="a")], "block_id already exists: a"),
        ([actions(button("go"), button("go"))], "action_id already exists"),
        (
            [field(menu("plain_text_input", focus_on_load=True)), field(menu("datepicker", focus_on_load=True))],
            "focus_on_load",
        ),
        ([{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2, "only one table"),
    ],
)
def test_what_holds_across_blocks(blocks: object, why: str) -> None:
    assert any(why in problem for problem in message_problems(blocks))


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert message_problems([actions(button("go")), actions(button("go"))]) == []


def test_missing_ids_are_made_up_and_given_ones_kept() -> None:
    sent = [section(accessory={"type": "button", "text": plain("Go")}), section(block_id="mine")]
    filled = with_ids(sent)
    assert filled[0]["block_id"]
    assert filled[0]["accessory"]["action_id"]
    assert filled[1]["block_id"] == "mine"
    assert "block_id" not in sent[0]


def test_characters_are_counted_wherever_they_stand() -> None:
    assert total_characters([section("1234", accessory=button(value="not counted"))]) == 4 + len("Approve")


def test_a_view_that_slack_takes() -> None:
    full = modal(
        text_input("reason"),
        title=plain("x" * 24),
        close=plain("x" * 24),
        private_metadata="x" * 3000,
        callback_id="x" * 255,
        notify_on_close=True,
    )
    assert problems_of(full, kind="modal") == []
    assert problems_of({"type": "home", "blocks": [section()] * 100}, kind="home") == []


@pytest.mark.parametrize(
    ("change", "at"),
    [
        ({"title": plain("x" * 25)}, "/view/title"),
        ({"title": {"type": "mrkdwn", "text": "x"}}, "/view/title"),
        ({"submit": plain("x" * 25)}, "/view/submit"),
        ({"close": plain("x" * 25)}, "/view/close"),
        ({"private_metadata": "x" * 3001}, "/view/private_metadata"),
        ({"callback_id": "x" * 256}, "/view/callback_id"),
        ({"channel": "C0GENERAL"}, "/view/channel"),
        ({"blocks": [section()] * 101}, "/view/blocks"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "/view/blocks/0"),
        ({"blocks": [section(""), section()]}, "/view/blocks/0/text/text"),
        ({"submit": None, "blocks": [text_input("reason")]}, "/view/submit"),
        ({"type": "home"}, "/view/type"),
    ],
)
def test_views_that_slack_refuses(change: Block, at: str) -> None:
    problems = problems_of({**modal(), **change}, kind="modal")
    assert any(f"[json-pointer:{at}" in problem for problem in problems), problems


def test_a_view_can_be_too_heavy() -> None:
    heavy = modal(*[section("x" * 3000) for _ in range(90)])
    assert "250000 bytes" in problems_of(heavy, kind="modal")[0]
