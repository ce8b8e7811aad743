"""What a person sees when something did not work: what happened, to what, what to do next, and a reference."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import escaped


def error_message(what: str, remedy: str, reference: str) -> Message:
    """For a command or a click. `reference` also stands in the log; empty when there is nothing to look up."""
    said = _said(what, remedy)
    spoken = f"{said} Reference {escaped(reference, limit=100)}." if reference.strip() else said
    return Message.build(name="error", text=spoken.replace("\n", " "), blocks=error_blocks(what, remedy, reference))


def error_blocks(what: str, remedy: str, reference: str) -> list[Block]:
    """The same as blocks, for a modal too."""
    blocks: list[Block] = [elements.section(f":warning: {_said(what, remedy)}")]
    if reference.strip():
        blocks.append(elements.context(f"Reference {escaped(reference, limit=100)}: the operator finds it in the log."))
    return blocks


def _said(what: str, remedy: str) -> str:
    happened = escaped(what, limit=1_600) or "Something went wrong."
    return "\n".join(filter(None, [happened, escaped(remedy, limit=1_000)]))
