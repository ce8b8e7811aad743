"""The help of each command, drawn from the one table of commands."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped
from bot.slack.command_table import COMMANDS, HELP_WORD, Command


def help_message(command: Command | None = None) -> Message:
    """How to use a command, or, with None, which commands there are."""
    return _one(command) if command is not None else _all()


def _one(command: Command) -> Message:
    usage = f"{command.name} {command.usage_hint}"
    examples = "\n".join(f"• {code(typed)} – {escaped(meaning)}" for typed, meaning in command.examples)
    # The grammar is this program's own mrkdwn: it has code in it.
    grammar = "\n".join(f"• {line}" for line in command.grammar)
    blocks: list[Block] = [
        elements.section(f"*{escaped(command.description)}*\n{code(usage)}"),
        elements.section(grammar),
        elements.section(elements.labelled("Examples", examples)),
    ]
    text = f"{escaped(command.description)}: {escaped(usage)}. " + " ".join(command.grammar)
    return Message.build(name=f"help-{command.name.removeprefix('/')}", text=text, blocks=blocks)


def _all() -> Message:
    lines = [f"• {code(command.name)} – {escaped(command.description)}" for command in COMMANDS]
    hint = f"Add {code(HELP_WORD)} to any of them to see how it is used."
    blocks: list[Block] = [elements.section(elements.labelled("Commands", "\n".join(lines))), elements.context(hint)]
    return Message.build(name="help", text="\n".join(["Commands:", *lines, hint]), blocks=blocks)
