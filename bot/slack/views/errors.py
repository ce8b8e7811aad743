"""What a person sees when something did not work: what happened, to what, what to do next, and a reference."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.slack.blocks import Message, View
from bot.slack.text import escaped
from bot.slack.views import parts


def error_message(what: str, remedy: str, reference: str) -> Message:
    """For a command or a click. `reference` also stands in the log; empty when there is nothing to look up."""
    said = _said(what, remedy)
    blocks = _blocks(said, reference)
    spoken = f"{said} Reference {escaped(reference, limit=100)}." if reference.strip() else said
    return Message.build(name="error", text=spoken.replace("\n", " "), blocks=blocks)


def error_view(what: str, remedy: str, reference: str) -> View:
    """The same where a form stands open: as an answer to its submission, or in place of what was being loaded."""
    return View.build(title="That did not work", blocks=_blocks(_said(what, remedy), reference))


def _said(what: str, remedy: str) -> str:
    happened = escaped(what, limit=1_600) or "Something went wrong."
    return "\n".join(filter(None, [happened, escaped(remedy, limit=1_000)]))


def _blocks(said: str, reference: str) -> list[Block]:
    blocks: list[Block] = [parts.section(f":warning: {said}")]
    if reference.strip():
        blocks.append(parts.context(f"Reference {escaped(reference, limit=100)}: the operator finds it in the log."))
    return blocks
