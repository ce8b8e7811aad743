"""A sentence of facts in a terminal: values defanged, people by their ids, times in UTC, and nothing to act on."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.indicators.defanging import defanged
from bot.domain.telling.sentence import CommandLine, Day, Moment, Part, Quoted, Sentence, Strong, Value, Who


def in_words(sentence: Sentence) -> str:
    """The sentence as plain text on one line."""
    return printable("".join(map(_words, sentence)))


def printable(text: str) -> str:
    """The text without what a terminal would act on: entries and notes are other people's."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def moment(at: datetime) -> str:
    """A time, to the minute."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _words(part: Part) -> str:
    match part:
        case Strong(text) | CommandLine(text) | Quoted(text) | Who(text) | str(text):
            return text
        case Value(value):
            return defanged(value)
        case Moment(at):
            return moment(at)
        case Day(at):
            return f"{at.astimezone(UTC):%Y-%m-%d}"
