"""What Slack refuses is refused here first, each rule by itself."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from slack_sdk.models.blocks import (
    Block,
    DividerBlock,
    HeaderBlock,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    SectionBlock,
)

from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import InvalidBlocks, Message, Modal

Json = dict[str, Any]

SOURCES = Path(__file__).parents[4] / "bot" / "slack"


def mrkdwn(text: str = "text") -> Json:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain(text: str = "text") -> Json:
    return {"type": "plain_text", "text": text, "emoji": True}


def section(text: str = "text", **more: object) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(action_id: str = "act", **more: object) -> Json:
    return {"type": "button", "text": plain(), "action_id": action_id, "value": "1", **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def field(block_id: str = "field", **element: object) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(),
        "element": {"type": "plain_text_input", "action_id": "value", **element},
    }


def option(value: str = "1", text: str = "One") -> Json:
    return {"text": plain(text), "value": value}


def select(**more: object) -> Json:
    made = field()
    made["element"] = {"type": "static_select", "action_id": "value", "options": [option()], **more}
    return made


def checkboxes(**more: object) -> Json:
    made = field()
    made["element"] = {"type": "checkboxes", "action_id": "value", "options": [option()], **more}
    return made


def datepicker(**more: object) -> Json:
    made = field()
    made["element"] = {"type": "datepicker", "action_id": "value", **more}
    return made


def confirm(**more: object) -> Json:
    return {"title": plain(), "text": plain(), "confirm": plain(), "deny": plain(), **more}


def view(*blocks: Json, **more: object) -> Json:
    return {
        "type": "modal",
        "title": plain(),
        "submit": plain(),
        "close": plain(),
        "callback_id": "form",
        "blocks": list(blocks or (section(),)),
        **more,
    }


GOOD_IN_MESSAGES: list[list[Json]] = [
    [section()],
    [section("<@U1> <!subteam^S1> <#C1> <!date^1^{date}|then> > quoted")],
    [section(accessory=button())],
    [{"type": "section", "fields": [mrkdwn()] * 10}],
    [{"type": "header", "text": plain("x" * 150)}],
    [{"type": "divider"}],
    [{"type": "context", "elements": [mrkdwn(), plain()]}],
    [actions(button("a", style="primary", confirm=confirm()), button("b", style="danger"))],
    [section()] * 50,
    [section("x" * 3_000)],
]
BAD_IN_MESSAGES: dict[str, list[Json]] = {
    "no blocks": [],
    "51 blocks": [section()] * 51,
    "empty text": [section("")],
    "blank text": [section(" \n")],
    "3,001 characters": [section("x" * 3_001)],
    "12,000 characters in all": [section("x" * 2_900)] * 5,
    "a link": [section("<https://evil.example>")],
    "everybody is called": [section("<!channel>")],
    "a user group with a label": [section("<!subteam^S1|everybody>")],
    "an open bracket": [section("a < b")],
    "a bracket in a date": [section("<!date^1^{date}|<!here>>")],
    "a date with a link": [section("<!date^1^{date}^https://evil.example|then>")],
    "links are made": [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}],
    "verbatim is off": [{"type": "section", "text": {"type": "mrkdwn", "text": "x", "verbatim": False}}],
    "no text at all": [{"type": "section"}],
    "no fields in fields": [{"type": "section", "fields": []}],
    "11 fields": [{"type": "section", "fields": [mrkdwn()] * 11}],
    "a field of 2,001": [{"type": "section", "fields": [mrkdwn("x" * 2_001)]}],
    "an unknown key": [section(colour="red")],
    "an unknown key in text": [{"type": "section", "text": {**plain(), "verbatim": True}}],
    "an unknown block": [{"type": "marquee"}],
    "no type": [{"text": mrkdwn()}],
    "no object": ["section"],  # type: ignore[list-item]
    "an input in a message": [field()],
    "mrkdwn in a header": [{"type": "header", "text": mrkdwn()}],
    "a header of 151": [{"type": "header", "text": plain("x" * 151)}],
    "an empty context": [{"type": "context", "elements": []}],
    "11 in a context": [{"type": "context", "elements": [mrkdwn()] * 11}],
    "no buttons": [actions()],
    "26 buttons": [actions(*(button(f"a{number}") for number in range(26)))],
    "a button twice": [actions(button(), button())],
    "a block twice": [section(block_id="a"), section(block_id="a")],
    "a block id of 256": [section(block_id="a" * 256)],
    "mrkdwn on a button": [actions(button(text=mrkdwn()))],
    "76 characters on a button": [actions(button(text=plain("x" * 76)))],
    "a value of 2,001": [actions(button(value="x" * 2_001))],
    "an empty value": [actions(button(value=""))],
    "an action id of 256": [actions(button("a" * 256))],
    "a style": [actions(button(style="green"))],
    "76 characters aloud": [actions(button(accessibility_label="x" * 76))],
    "a link button": [actions(button(url="https://evil.example"))],
    "a date among buttons": [actions({"type": "datepicker", "action_id": "value"})],
    "a select beside a text": [section(accessory=select()["element"])],
    "a confirm without deny": [actions(button(confirm={"title": plain(), "text": plain(), "confirm": plain()}))],
    "a confirm title of 101": [actions(button(confirm=confirm(title=plain("x" * 101))))],
    "a confirm text of 301": [actions(button(confirm=confirm(text=plain("x" * 301))))],
    "a confirm in green": [actions(button(confirm=confirm(style="green")))],
    "a confirm button of 31": [actions(button(confirm=confirm(deny=plain("x" * 31))))],
}
GOOD_VIEWS: list[Json] = [
    view(),
    view(*[section()] * 100),
    view(field(initial_value="x" * 3_000, max_length=3_000, multiline=True)),
    view(select(initial_option=option())),
    view(checkboxes(initial_options=[option()])),
    view(datepicker(initial_date="2026-03-01")),
    view(private_metadata="x" * 3_000),
]
BAD_VIEWS: dict[str, Json] = {
    "101 blocks": view(*[section()] * 101),
    "a home tab": view(type="home"),
    "an unknown key": view(colour="red"),
    "no title": {key: value for key, value in view().items() if key != "title"},
    "a title of 25": view(title=plain("x" * 25)),
    "an empty title": view(title=plain("")),
    "mrkdwn in the title": view(title=mrkdwn()),
    "a submit of 25": view(submit=plain("x" * 25)),
    "a close of 25": view(close=plain("x" * 25)),
    "metadata of 3,001": view(private_metadata="x" * 3_001),
    "a callback of 256": view(callback_id="x" * 256),
    "250 kB": view(*[section("😀" * 3_000)] * 21),
    "inputs without submit": {key: value for key, value in view(field()).items() if key != "submit"},
    "a field twice": view(field("a"), field("a")),
    "a field without an id": view({key: value for key, value in field().items() if key != "block_id"}),
    "a label of 2,001": view({**field(), "label": plain("x" * 2_001)}),
    "mrkdwn in a label": view({**field(), "label": mrkdwn()}),
    "a hint of 2,001": view({**field(), "hint": plain("x" * 2_001)}),
    "a button in a field": view({**field(), "element": button()}),
    "a value longer than allowed": view(field(initial_value="xx", max_length=1)),
    "an empty initial value": view(field(initial_value="")),
    "a max_length of 3,001": view(field(max_length=3_001)),
    "a min_length below 0": view(field(min_length=-1)),
    "a placeholder of 151": view(field(placeholder=plain("x" * 151))),
    "no options": view(select(options=[])),
    "101 options": view(select(options=[option(str(number)) for number in range(101)])),
    "an option twice": view(select(options=[option(), option()])),
    "an option of 76": view(select(options=[option(text="x" * 76)])),
    "an option value of 151": view(select(options=[option("x" * 151)])),
    "a choice that is not there": view(select(initial_option=option("2"))),
    "a select's placeholder of 151": view(select(placeholder=plain("x" * 151))),
    "11 boxes": view(checkboxes(options=[option(str(number)) for number in range(11)])),
    "a tick that is not there": view(checkboxes(initial_options=[option("2")])),
    "a description of 76": view(checkboxes(options=[{**option(), "description": plain("x" * 76)}])),
    "a date that is none": view(datepicker(initial_date="tomorrow")),
}


@pytest.mark.parametrize("blocks", GOOD_IN_MESSAGES)
def test_a_good_message_is_taken(blocks: list[Json]) -> None:
    assert Message(text="text", blocks=tuple(blocks)).to_dict() == {"text": "text", "blocks": blocks}


@pytest.mark.parametrize("blocks", BAD_IN_MESSAGES.values(), ids=BAD_IN_MESSAGES.keys())
def test_a_bad_message_is_refused(blocks: list[Json]) -> None:
    with pytest.raises(InvalidBlocks):
        Message(text="text", blocks=tuple(blocks))


@pytest.mark.parametrize("text", ["", "  ", "x" * 4_001, "<!channel>", "see <https://evil.example|this>"])
def test_a_bad_top_level_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidBlocks):
        Message(text=text, blocks=(section(),))


@pytest.mark.parametrize("payload", GOOD_VIEWS)
def test_a_good_view_is_taken(payload: Json) -> None:
    assert Modal(payload=payload).to_dict() == payload


@pytest.mark.parametrize("payload", BAD_VIEWS.values(), ids=BAD_VIEWS.keys())
def test_a_bad_view_is_refused(payload: Json) -> None:
    with pytest.raises(InvalidBlocks):
        Modal(payload=payload)


def test_a_mistake_names_its_place() -> None:
    with pytest.raises(InvalidBlocks, match=r"blocks\[1\]\.text: is empty"):
        Message(text="text", blocks=(section(), section("")))


@pytest.mark.parametrize(
    ("block", "most"),
    [
        (HeaderBlock(text=PlainTextObject(text="x" * 151)), "150"),
        (SectionBlock(text="text", accessory=OverflowMenuElement(options=[Option(value="1", text="x" * 76)])), "75"),
    ],
)
def test_what_slack_sdk_refuses_is_refused_the_same_way(block: Block, most: str) -> None:
    with pytest.raises(InvalidBlocks, match=most):
        Message.build(name="a", text="text", blocks=[block])


def test_block_ids_come_from_the_name_and_the_content() -> None:
    def ids(text: str) -> list[str]:
        message = Message.build(name="card-42", text=text, blocks=[DividerBlock(), DividerBlock()])
        return [block["block_id"] for block in message.to_dict()["blocks"]]

    assert len(set(ids("one"))) == 2
    assert ids("one") == ids("one")
    assert not set(ids("one")) & set(ids("two"))
    assert all(block_id.startswith("card-42-") for block_id in ids("one"))


@pytest.mark.parametrize("change", [lambda made: made["blocks"].clear(), lambda made: made.update(text="other")])
def test_what_is_handed_out_can_be_changed_without_changing_the_message(change: Callable[[Json], object]) -> None:
    message = Message(text="text", blocks=(section(),))
    before = copy.deepcopy(message.to_dict())
    change(message.to_dict())
    assert message.to_dict() == before


def test_in_the_text_of_no_message_an_address_is_live() -> None:
    """Each message is made here, whatever stands in it: what people typed, what a service answered, a file's name."""
    made = Message.build(name="x", text="Block https://evil.example", blocks=[elements.section("x")])
    assert made.to_dict()["text"] == "Block hxxps://evil.example"


def test_nobody_makes_a_message_past_that_place() -> None:
    """But the jobs that answer, with what was made there and kept, and what makes a message plainer."""
    found = {
        path.name
        for path in sorted(SOURCES.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message"
    }
    assert found == {"answers.py", "plainest.py", "preview_teller.py"}
