"""The form that a message's shortcut opens: what of the message is meant, and what is to be done about it.

Nothing is ticked beforehand: which of it is the attacker's, only a person can tell. A choice carries the line that
reads as its indicator; a line that is too long for that travels with the form, and its choice says which one it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from slack_sdk.models.blocks import Block, CheckboxesElement, Option, StaticSelectElement

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action
from bot.domain.reading.free_text import FreeText
from bot.domain.reading.lines import line_of
from bot.domain.requests.people import Right
from bot.errors import InvalidInput
from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import CHECKBOXES, OPTION_TEXT, OPTION_VALUE, PRIVATE_METADATA
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import indicator, lines_that_fit, plain
from bot.slack.modals import form_fields
from bot.slack.modals.form_answer import FormAnswer

WHAT = "what"
CHECK = "check"
#: So many groups of checkboxes: Slack takes ten in each.
_GROUPS = 3
_OWN_SHOWN = 5
#: What the choice of a long line carries: nothing that reads as an indicator begins so.
_LONG = re.compile(r"#([0-9]{1,2})", re.ASCII)

#: What can be done about what is chosen: the word that travels, what it does, and how people call it.
CHOICES: Mapping[str, tuple[Operation, Action, str]] = MappingProxyType(
    {
        "block": (Operation.ADD, Action.BLOCK, "Request a block"),
        "unblock": (Operation.REMOVE, Action.BLOCK, "Request that a block be removed"),
        "allow": (Operation.ADD, Action.ALLOW, "Request an allow, or a submission to Microsoft"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChoice:
    """What was chosen: lines that read as indicators, and `check` or a word of `CHOICES`."""

    lines: tuple[str, ...]
    what: str


def build(text: FreeText, *, rights: Collection[Right]) -> Modal:
    """The form for what a message holds: at least one indicator. What doesn't fit is counted.

    Raises InvalidInput where none of it fits.
    """
    offered, long_lines, left = _offered(text.found)
    if not offered:
        raise InvalidInput(
            "What this message holds is too long to be ticked.", "Type it: /block or /check alone opens a form."
        )
    groups = [offered[start : start + CHECKBOXES] for start in range(0, len(offered), CHECKBOXES)]
    blocks: list[Block] = [
        elements.section("Tick what you mean. Nothing is requested before you have seen the next form and sent it.")
    ]
    if text.own:
        shown = lines_that_fit([indicator(value) for value in text.own[:_OWN_SHOWN]], total=len(text.own), limit=900)
        blocks.append(elements.context(f"Left out, because they are your own domains:\n{shown}"))
    blocks += [
        elements.field_input(
            block_id=f"{form_fields.OFFERS}{number}",
            label="In this message" if number == 0 else "And",
            element=CheckboxesElement(action_id=form_fields.VALUE, options=group),
            optional=True,
        )
        for number, group in enumerate(groups)
    ]
    if left or not text.is_whole:
        more = f"{left:,} more that can't be ticked here" if left else "more, as the message is very long"
        blocks.append(elements.context(f":warning: Beside these there may be {more}: type or import those."))
    options = [Option(value=CHECK, text=elements.plain_text("Check: is it allowed or blocked?"))]
    if Right.PROPOSE in rights:
        options[:0] = [Option(value=word, text=elements.plain_text(words)) for word, (_, _, words) in CHOICES.items()]
    blocks.append(
        elements.field_input(
            block_id=WHAT,
            label="What to do",
            element=StaticSelectElement(action_id=form_fields.VALUE, options=options, initial_option=options[0]),
        )
    )
    return Modal.build(
        callback_id=CallbackId.CHOOSE,
        title="From a message",
        submit="Next",
        close="Cancel",
        blocks=blocks,
        private_metadata=_metadata(long_lines),
    )


def parse(view: object) -> MessageChoice:
    """What was chosen. Raises InvalidInput when the payload has any other shape than the form's."""
    answer = FormAnswer(view)
    chosen = [value for number in range(_GROUPS) for value in answer.chosen(f"{form_fields.OFFERS}{number}")]
    long_lines = answer.long_lines()
    lines = [_line(value, long_lines) for value in chosen]
    what = answer.option(WHAT)
    if what != CHECK and what not in CHOICES:
        raise _unreadable()
    return MessageChoice(lines=tuple(dict.fromkeys(lines)), what=what)


def _offered(found: Sequence[Indicator]) -> tuple[list[Option], list[str], int]:
    """A choice for each indicator, the lines that are too long for theirs, and how many have none."""
    options: list[Option] = []
    long_lines: list[str] = []
    for each in found:
        value = line = line_of(each)
        if len(options) == _GROUPS * CHECKBOXES:
            break
        if len(line) > OPTION_VALUE:
            if len(_metadata([*long_lines, line])) > PRIVATE_METADATA:
                continue
            value = f"#{len(long_lines)}"
            long_lines.append(line)
        shown = plain(defanged(each.value), limit=OPTION_TEXT)
        options.append(Option(value=value, text=elements.plain_text(shown, emoji=False)))
    return options, long_lines, len(found) - len(options)


def _metadata(long_lines: Sequence[str]) -> str:
    return json.dumps({"lines": long_lines} if long_lines else {})


def _line(value: str, long_lines: Sequence[str]) -> str:
    """The line that a choice stands for."""
    if (place := _LONG.fullmatch(value)) is None:
        return value
    if int(place[1]) >= len(long_lines):
        raise _unreadable()
    return long_lines[int(place[1])]


def _unreadable() -> InvalidInput:
    return InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")
