"""What went wrong, where a form stands open."""

from __future__ import annotations

from collections.abc import Sequence

from bot.slack.block_kit.blocks import Modal
from bot.slack.messages.error import error_blocks


def error_modal(what: str, remedy: str, reference: str, *, contact: str = "", others: Sequence[str] = ()) -> Modal:
    """What happened and what to do: as an answer to a form's submission, or in place of what was being loaded.

    `contact` and `others` are as for `error_message`.
    """
    blocks = error_blocks(what, remedy, reference, contact=contact, others=others)
    return Modal.build(title="That did not work", blocks=blocks)
