"""What went wrong, where a form stands open."""

from __future__ import annotations

from bot.slack.block_kit.blocks import Modal
from bot.slack.messages.error import error_blocks


def error_modal(what: str, remedy: str, reference: str, *, contact: str = "") -> Modal:
    """What happened and what to do: as an answer to a form's submission, or in place of what was being loaded."""
    return Modal.build(title="That did not work", blocks=error_blocks(what, remedy, reference, contact=contact))
