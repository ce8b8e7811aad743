"""That entries which somebody wants to change aren't on the lists, how old that knowledge is, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from slack_sdk.models.blocks import Block

from bot.domain.lists.traits import Action
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import BUTTON_VALUE
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import ago, indicator, lines_that_fit, size, when, when_plain

_NAMED = 10
_FORMS = {Action.BLOCK: ("Block…", ActionId.OPEN_BLOCK), Action.ALLOW: ("Allow…", ActionId.OPEN_ALLOW)}


def not_listed_message(values: Sequence[str], lines: Sequence[str], *, as_of: datetime, now: datetime) -> Message:
    """The answer where nothing of what somebody named is listed.

    `values` are what they named, `lines` the same as a form reads it, and `as_of` is when the lists were read.
    """
    shown = lines_that_fit([indicator(value) for value in values[:_NAMED]], total=len(values), limit=1_500)
    names = shown.replace("\n", ", ")
    said = f"{names} isn't listed" if len(values) == 1 else f"None of these {len(values)} is listed: {names}"
    said = f"{said}, so there is no entry to change."
    blocks = [elements.section(said), *not_listed_blocks(lines, as_of=as_of, now=now)]
    return Message.build(
        name="not-listed", text=f"{said} Lists as of {when_plain(as_of)}, {ago(as_of, now=now)}.", blocks=blocks
    )


def not_listed_blocks(
    lines: Sequence[str], *, as_of: datetime, now: datetime, action: Action = Action.BLOCK
) -> list[Block]:
    """How old the lists are by which something isn't listed, and the buttons that open a form with it: to ask for an
    entry with the `action` that it should have, and to check it.
    """
    blocks: list[Block] = [elements.context(f"Lists as of {when(as_of)} ({ago(as_of, now=now)}).")]
    value = "\n".join(lines)
    if lines and size(value) <= BUTTON_VALUE and all(line.strip() and line.isprintable() for line in lines):
        forms = [_FORMS[action], ("Check…", ActionId.OPEN_CHECK)]
        blocks.append(
            elements.buttons(
                [
                    elements.button(text, action_id=action_id, value=value, spoken=f"{text} by a form that opens")
                    for text, action_id in forms
                ]
            )
        )
    return blocks
