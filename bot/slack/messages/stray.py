"""What a message says that isn't on record, once somebody has clicked on it."""

from __future__ import annotations

from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message


def stray_message(request_id: int) -> Message:
    """In place of whatever it said, and without buttons."""
    said = (
        f"This message isn't the one that Portcullis has on record for request {request_id}. What it said may be out "
        f"of date or false, and nothing is decided here. `/requests {request_id}` shows the request."
    )
    return Message.build(name=f"stray-{request_id}", text=said.replace("`", ""), blocks=[elements.section(said)])
