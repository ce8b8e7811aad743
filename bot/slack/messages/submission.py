"""A submission: the steps by hand for who has no message at hand, and the news of what came of one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import Block

from bot.domain.lists.traits import ListName
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.submissions.texts import steps_by_hand
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import escaped, indicator, lines_that_fit
from bot.slack.messages.card import details_button

_ITEMS_SHOWN = 10
#: What an item says: its reference, Microsoft's verdict, and each entry that came of it.
_OUTCOME = 900

_ABOUT: dict[ListName, str] = {
    ListName.SENDER: "a message (for domains and addresses)",
    ListName.URL: "a URL",
    ListName.FILE: "a file",
}


def steps_by_hand_blocks(lists: Iterable[ListName]) -> list[Block]:
    """The steps for each of these lists that has some, in order; all of them when none has."""
    named = [name for name in dict.fromkeys(lists) if steps_by_hand(name)] or list(_ABOUT)
    return [elements.section(elements.labelled(f"By hand: submit {_ABOUT[name]}", _numbered(name))) for name in named]


def _numbered(name: ListName) -> str:
    return "\n".join(f"{number}. {escaped(step)}" for number, step in enumerate(steps_by_hand(name), start=1))


def heard(request: Request, items: Sequence[Item], *, total: int | None = None) -> Message:
    """News of what was submitted: what Microsoft made of it, and which entries came of it, in the items' own words.

    `total` is how many items of the request there are when these are only some. Without items, all are told of.
    """
    told = [item for item in (items or request.items) if item.outcome.strip()][:_ITEMS_SHOWN]
    mark = ":white_check_mark:" if any(item.state is ItemState.CONFIRMED for item in told) else ":mailbox_with_mail:"
    sentence = f"*Heard from Microsoft* about what was submitted with request {request.id}."
    count = max(total or 0, len(told)) if items else len(request.items)
    lines = [lines_that_fit(map(_line, told), total=max(count, len(told)), limit=2_700)] if told else []
    blocks: list[Block] = [
        elements.section("\n".join([f"{mark} {sentence}", *lines])),
        elements.buttons([details_button(request.id)]),
    ]
    return Message.build(name=f"heard-{request.id}", text="\n".join([sentence.replace("*", ""), *lines]), blocks=blocks)


def _line(item: Item) -> str:
    return f"• {indicator(item.value)}: {escaped(item.outcome, limit=_OUTCOME)}"
