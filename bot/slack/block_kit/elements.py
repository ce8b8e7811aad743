"""The pieces that cards, answers and forms are made of, with the choices that hold for all of them.

mrkdwn is always verbatim, so that Slack makes no link of anything. `text` arguments are mrkdwn that is already escaped
(see `bot.slack.block_kit.text`); headers and labels are plain text.
"""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import (
    ActionsBlock,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    InputBlock,
    InputInteractiveElement,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    SectionBlock,
    StaticSelectElement,
)

from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import plain, set_apart

#: What a button carries that opens an empty form.
NOTHING = "-"


def mrkdwn(text: str) -> MarkdownTextObject:
    return MarkdownTextObject(text=text, verbatim=True)


def plain_text(text: str, *, emoji: bool = True) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=emoji)


def header(text: str, *, emoji: bool = True) -> HeaderBlock:
    """A large line in plain text. Without `emoji`, `:100:` stays what it is: for what other people wrote."""
    return HeaderBlock(text=plain_text(plain(text, limit=150), emoji=emoji))


def section(
    text: str, *, accessory: ButtonElement | OverflowMenuElement | None = None, block_id: str | None = None
) -> SectionBlock:
    return SectionBlock(text=mrkdwn(text), accessory=accessory, block_id=block_id)


def plain_section(text: str, *, block_id: str | None = None) -> SectionBlock:
    """A text in which nothing has a meaning but its letters: no formatting, no signs, no mentions."""
    return SectionBlock(text=plain_text(text, emoji=False), block_id=block_id)


def fields(*texts: str) -> SectionBlock:
    """Short texts, two beside each other."""
    return SectionBlock(fields=[mrkdwn(text) for text in texts])


def context(*texts: str, block_id: str | None = None) -> ContextBlock:
    """Small print."""
    return ContextBlock(elements=[mrkdwn(text) for text in texts], block_id=block_id)


def labelled(label: str, text: str) -> str:
    """A text under its label."""
    return f"*{label}*\n{text}"


def reason(text: str, *, limit: int, label: str = "Why") -> SectionBlock:
    """Why somebody wants something, set apart as it was typed: no formatting, no signs, no links of theirs."""
    return section(labelled(label, set_apart(text, limit=limit)))


def button(
    text: str,
    *,
    action_id: ActionId,
    value: str,
    style: str | None = None,
    spoken: str | None = None,
) -> ButtonElement:
    """A button. `value` is a request's id and version, a place in a list, or what was asked about: never a right.

    `spoken` is for screen readers.
    """
    return ButtonElement(
        text=plain_text(text),
        action_id=action_id,
        value=value,
        style=style,
        accessibility_label=spoken,
    )


def select(placeholder: str, *, action_id: ActionId, options: Sequence[tuple[str, str]]) -> StaticSelectElement:
    """A choice that counts as soon as it is made. `options` are pairs of the value that travels and a plain text."""
    return StaticSelectElement(
        action_id=action_id,
        placeholder=plain_text(placeholder),
        options=[Option(value=value, text=plain_text(text, emoji=False)) for value, text in options],
    )


def menu(*, action_id: ActionId, options: Sequence[tuple[str, str]]) -> OverflowMenuElement:
    """Two to five choices behind three dots. `options` are pairs of the value that travels and a plain text."""
    return OverflowMenuElement(
        action_id=action_id, options=[Option(value=value, text=plain_text(text)) for value, text in options]
    )


def buttons(elements: Sequence[ButtonElement]) -> ActionsBlock:
    return ActionsBlock(elements=list(elements))


def actions(elements: Sequence[InteractiveElement]) -> ActionsBlock:
    """Buttons and choices beside each other."""
    return ActionsBlock(elements=list(elements))


def field_input(
    *,
    block_id: str,
    label: str,
    element: InputInteractiveElement,
    hint: str | None = None,
    optional: bool = False,
) -> InputBlock:
    """A field of a form. Its `block_id` is where the answer and its errors stand."""
    return InputBlock(
        block_id=block_id,
        label=plain_text(label),
        element=element,
        hint=plain_text(hint) if hint else None,
        optional=optional,
    )
