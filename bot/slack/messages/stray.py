"""What a message says that isn't on record, once somebody has clicked on it."""

from __future__ import annotations

from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message


def stray_message(request_id: int | None) -> Message:
    """In place of whatever it said about a request, or where there is none about an import, and without buttons."""
    if request_id is None:
        about = "this import"
        then = "nothing is requested here. The one that counts stands in your direct messages with Portcullis."
    else:
        about = f"#{request_id}"
        then = f"nothing is decided here. `/requests {request_id}` shows the request."
    said = (
        f"This message isn't the one that Portcullis has on record for {about}. What it said may be out of date or "
        f"false, and {then}"
    )
    name = f"stray-{request_id or 'import'}"
    return Message.build(name=name, text=said.replace("`", ""), blocks=[elements.section(said)])
