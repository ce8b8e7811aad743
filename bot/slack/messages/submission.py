"""How something is submitted to Microsoft by hand, for who has no message to upload; and that its file is fetched."""

from __future__ import annotations

from collections.abc import Iterable

from slack_sdk.models.blocks import Block

from bot.domain.lists.traits import ListName
from bot.domain.submissions.texts import steps_by_hand
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import escaped

_ABOUT: dict[ListName, str] = {
    ListName.SENDER: "a message (for domains and addresses)",
    ListName.URL: "a URL",
    ListName.FILE: "a file",
}


def submission_begun() -> Message:
    """What somebody is told where they typed the command, while the file of its form is fetched."""
    text = "Your file is being fetched. A direct message soon shows what was requested."
    return Message.build(name="submission-begun", text=text, blocks=[elements.section(f":mailbox_with_mail: {text}")])


def steps_by_hand_blocks(lists: Iterable[ListName]) -> list[Block]:
    """The steps for each of these lists that has some, in order; all of them when none has."""
    named = [name for name in dict.fromkeys(lists) if steps_by_hand(name)] or list(_ABOUT)
    return [elements.section(elements.labelled(f"By hand: submit {_ABOUT[name]}", _numbered(name))) for name in named]


def _numbered(name: ListName) -> str:
    return "\n".join(f"{number}. {escaped(step)}" for number, step in enumerate(steps_by_hand(name), start=1))
