"""/portcullis: every other command behind one, and alone what waits and what there is to do."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_words import asks_for_help
from bot.domain.reading.typed_marks import first_word
from bot.domain.telling.overview_facts import overview_facts
from bot.errors import InvalidInput
from bot.slack.block_kit.blocks import Message, Modal
from bot.slack.card_links import overview_linked
from bot.slack.command_table import PORTCULLIS, Command, command_named
from bot.slack.listeners import checking, commands, entries, imports, posture
from bot.slack.listeners.delivered import Typed
from bot.slack.listeners.deliveries import Handler, on_command
from bot.slack.messages.help import help_message
from bot.slack.messages.overview import no_role_message, overview_message
from bot.workflow.asking.overview import overview

#: What each of the other commands does.
HANDLERS: Mapping[Command, Handler] = {
    **commands.HANDLERS,
    **imports.HANDLERS,
    **checking.HANDLERS,
    **entries.HANDLERS,
    **posture.HANDLERS,
}


async def _portcullis(typed: Typed) -> Message | Modal | None:
    word, rest = first_word(typed.text)
    if not word:
        return await _overview(typed)
    if asks_for_help(word):
        asked = first_word(rest)[0]
        return help_message(_command(asked) if asked else PORTCULLIS, rules=typed.context.rules)
    command = _command(word)
    if asks_for_help(rest):
        return help_message(command, rules=typed.context.rules)
    return await HANDLERS[command](typed.saying(rest))


async def _overview(typed: Typed) -> Message:
    found = await overview(typed.context, actor=typed.person)
    if found is None:
        return no_role_message(typed.person.user_id, contact=typed.context.contact)
    told = overview_facts(
        found.for_me,
        found.mine,
        more_for_me=found.more_for_me,
        more_mine=found.more_mine,
        due=found.due,
        passed_on=found.passed_on,
    )
    return overview_message(await overview_linked(typed.context, told), rights=typed.person.rights)


def _command(word: str) -> Command:
    """The command that a word names, with or without its slash. Raises InvalidInput, with the nearest one."""
    name = word.removeprefix("/")
    if (command := command_named(f"/{name}")) in HANDLERS and command is not None:
        return command
    names = [command.name.removeprefix("/") for command in HANDLERS]
    what = f"There is no command {quoted(name)}."
    if near := get_close_matches(name[:40], names, n=1):
        raise InvalidInput(what, f"Did you mean `/portcullis {near[0]}`? `/portcullis help` lists all of them.")
    raise InvalidInput(what, f"These there are: {', '.join(names)}. /portcullis alone shows what waits.")


ROUTES = (on_command(PORTCULLIS, _portcullis),)
