"""The help of each command, drawn from the one table of commands."""

from __future__ import annotations

from slack_sdk.models.blocks import Block

from bot.domain.policies.case import Rules
from bot.domain.telling.counting import plural
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import code, escaped
from bot.slack.command_table import COMMANDS, HELP_WORD, IP_ALLOW_DAYS, PORTCULLIS, Command

_HINT = f"Add {code(HELP_WORD)} to any of them to see how it is used."


def help_message(command: Command | None = None, *, rules: Rules | None = None) -> Message:
    """How to use a command, or, with None, which commands there are. `rules` have the limits that it names."""
    return _one(command, rules or Rules()) if command is not None else _all()


def _one(command: Command, rules: Rules) -> Message:
    lines = [line.replace(IP_ALLOW_DAYS, plural(rules.ip_allow_max_days, "day")) for line in command.grammar]
    usage = f"{command.name} {command.usage_hint}"
    examples = "\n".join(f"• {code(typed)} – {escaped(meaning)}" for typed, meaning in command.examples)
    # The grammar is this program's own mrkdwn: it has code in it.
    grammar = "\n".join(f"• {line}" for line in lines)
    blocks: list[Block] = [
        elements.section(f"*{escaped(command.description)}*\n{code(usage)}"),
        elements.section(grammar),
        elements.section(elements.labelled("Examples", examples)),
    ]
    text = f"{escaped(command.description)}: {escaped(usage)}. " + " ".join(lines)
    if command is PORTCULLIS:
        text, blocks = f"{text}\n{_all().text}", [*blocks, *_every_command()]
    return Message.build(name=f"help-{command.name.removeprefix('/')}", text=text, blocks=blocks)


def _all() -> Message:
    return Message.build(name="help", text="\n".join(["Commands:", *_lines(), _HINT]), blocks=_every_command())


def _every_command() -> list[Block]:
    return [elements.section(elements.labelled("Commands", "\n".join(_lines()))), elements.context(_HINT)]


def _lines() -> list[str]:
    return [f"• {code(command.name)} – {escaped(command.description)}" for command in COMMANDS]
