"""What somebody is told whose form couldn't be opened: Slack takes three seconds for that, and once for each command
or click."""

from __future__ import annotations

import re

from slack_sdk.models.blocks import Block, ButtonElement

from bot.slack.block_kit import elements
from bot.slack.block_kit.block_rules import BUTTON_VALUE
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.block_kit.ids import ActionId
from bot.slack.block_kit.text import code_blocks, size
from bot.slack.command_table import ALLOW, BLOCK, CHECK, EXTEND, IMPORT, UNALLOW, UNBLOCK, Command
from bot.slack.messages.error import error_blocks, error_message

TYPE_AGAIN = "Nothing was requested. Type it again; this is what you typed:"
ONCE_MORE = (
    "Nothing is decided yet. What this request lets in has to be read in a form, and Slack opens one only right after "
    "a click. Click *Approve* on its card once more: it can be told by now who may approve."
)

#: So many blocks of what was typed are shown, of 2,900 characters each: a message holds 12,000.
_MOST_BLOCKS = 3
_INDICATORS = "indicators"  #: the field for lines, in every form that has one
#: What opens a command's form.
_OPENS = {
    BLOCK: ActionId.OPEN_BLOCK,
    UNBLOCK: ActionId.OPEN_UNBLOCK,
    ALLOW: ActionId.OPEN_ALLOW,
    UNALLOW: ActionId.OPEN_UNALLOW,
    EXTEND: ActionId.OPEN_EXTEND,
    CHECK: ActionId.OPEN_CHECK,
    IMPORT: ActionId.OPEN_IMPORT,
}
_LINK = re.compile(r"https?://[^\s<>|]+")


def command_not_opened(
    what: str, remedy: str, reference: str, *, typed: str, command: Command | None = None, form: Modal | None = None
) -> Message:
    """For a command: what happened, and all that was typed, to be copied; and a button that opens its `form` with the
    lines that stand in it, where there is such a button."""
    said = error_message(what, remedy, reference)
    shown, left = code_blocks(typed, at_most=_MOST_BLOCKS)
    blocks: list[Block] = [*error_blocks(what, remedy, reference), elements.section(TYPE_AGAIN)]
    blocks += [elements.section(block) for block in shown]
    if left:
        blocks.append(elements.context(f"{left:,} more characters aren't shown."))
    if form is not None and command in _OPENS and (button := _open_button(_OPENS[command], form)) is not None:
        blocks.append(elements.buttons([button]))
    return Message.build(name="not-opened", text=f"{said.text} {TYPE_AGAIN}", blocks=blocks)


def _open_button(action_id: ActionId, form: Modal) -> ButtonElement | None:
    """The button that opens a form with its lines; None where they are too long for one."""
    fields = (block.get("element", {}) for block in form.payload["blocks"] if block.get("block_id") == _INDICATORS)
    lines = next((str(field.get("initial_value") or "") for field in fields), "")
    if size(lines) > BUTTON_VALUE:
        return None
    spoken = "Open the form with the lines that you typed"
    return elements.button("Open the form", action_id=action_id, value=lines or elements.NOTHING, spoken=spoken)


def approval_not_opened(request_id: int, *, card_url: str = "") -> Message:
    """For an approval that had to wait until it could be told who may approve, of what has to be read in a form."""
    blocks: list[Block] = [elements.section(ONCE_MORE)]
    if _LINK.fullmatch(card_url):
        blocks.append(elements.context(f"<{card_url}|The card of #{request_id}>"))
    text = f"#{request_id}: {ONCE_MORE.replace('*', '')}"
    return Message.build(name="approval-not-opened", text=text, blocks=blocks)
