"""What came of a submission, in the thread of its card and to the requester."""

from __future__ import annotations

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.domain.requests.request import Item, ItemState, Request
from bot.slack.blocks import Message
from bot.slack.text import escaped, indicator, lines_that_fit
from bot.slack.views import parts
from bot.slack.views.card import details_button

_ITEMS_SHOWN = 10
#: What an item says: its reference, Microsoft's verdict, and each entry that came of it.
_OUTCOME = 900


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
        parts.section("\n".join([f"{mark} {sentence}", *lines])),
        parts.buttons([details_button(request.id)]),
    ]
    return Message.build(name=f"heard-{request.id}", text="\n".join([sentence.replace("*", ""), *lines]), blocks=blocks)


def _line(item: Item) -> str:
    return f"• {indicator(item.value)}: {escaped(item.outcome, limit=_OUTCOME)}"
