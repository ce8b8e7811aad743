"""What slack_sdk's models come to is what slack_sdk itself makes of them, with their parts in the same order."""

from __future__ import annotations

import json

import pytest
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    CheckboxesElement,
    ConfirmObject,
    ContextBlock,
    DatePickerElement,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextInputElement,
    PlainTextObject,
    RadioButtonsElement,
    SectionBlock,
    StaticSelectElement,
)
from slack_sdk.models.blocks.block_elements import ButtonElement, FileInputElement, InputInteractiveElement

from bot.slack.block_kit import elements
from bot.slack.block_kit.as_dicts import as_dict
from bot.slack.block_kit.ids import ActionId

PLAIN = PlainTextObject(text="Text", emoji=False)
OPTIONS = [Option(value=value, text=PLAIN, description=PLAIN) for value in ("1", "2")]
CONFIRM = ConfirmObject(title="Sure?", text=PLAIN, confirm="Yes", deny="No", style="danger")


def button(**more: object) -> ButtonElement:
    return ButtonElement(text=PLAIN, action_id="act", value="1", **more)  # type: ignore[arg-type]


def field(element: InputInteractiveElement, **more: object) -> InputBlock:
    return InputBlock(label=PLAIN, element=element, block_id="field", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "block",
    [
        DividerBlock(),
        HeaderBlock(text=PLAIN, block_id="head"),
        SectionBlock(text=MarkdownTextObject(text="*x*", verbatim=True), accessory=button(style="primary")),
        SectionBlock(fields=[MarkdownTextObject(text="x", verbatim=False)] * 2),
        SectionBlock(text=PLAIN, accessory=OverflowMenuElement(action_id="menu", options=OPTIONS)),
        ContextBlock(elements=[PLAIN, MarkdownTextObject(text="x")]),
        ActionsBlock(elements=[button(accessibility_label="Aloud"), button(confirm=CONFIRM)]),
        field(PlainTextInputElement(action_id="value", multiline=True, min_length=0, max_length=3)),
        field(PlainTextInputElement(action_id="value", initial_value="", placeholder="Write"), hint="Hint"),
        field(StaticSelectElement(action_id="value", options=OPTIONS, initial_option=OPTIONS[1]), optional=True),
        field(CheckboxesElement(action_id="value", options=OPTIONS, initial_options=[])),
        field(RadioButtonsElement(action_id="value", options=OPTIONS, initial_option=OPTIONS[0]), optional=False),
        field(DatePickerElement(action_id="value", initial_date="2026-03-01", placeholder=PLAIN)),
        field(FileInputElement(action_id="value", filetypes=["eml"], max_files=1)),
        elements.select("Choose", action_id=ActionId.DETAILS, options=[("1", "one")]),
    ],
    ids=lambda block: type(block).__name__,
)
def test_it_is_what_slack_sdk_makes(block: DividerBlock) -> None:
    assert json.dumps(as_dict(block)) == json.dumps(block.to_dict())


def test_what_is_made_is_nobody_elses() -> None:
    """Whoever changes it changes nothing that is made of the same model later."""
    block = SectionBlock(fields=[PLAIN])
    as_dict(block)["fields"].clear()
    assert as_dict(block)["fields"] == [PLAIN.to_dict()]


def test_a_model_with_its_own_way_checks_itself() -> None:
    with pytest.raises(SlackObjectFormationError, match="75"):
        as_dict(OverflowMenuElement(action_id="menu", options=[Option(value="1", text="x" * 76)]))
