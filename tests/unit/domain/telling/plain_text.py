"""Facts as plain text: all that it takes to tell them where there is neither markup nor buttons."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.domain.telling.sentence import CommandLine, Moment, Part, Quoted, Sentence, Strong, Value, Who


def in_words(sentence: Sentence) -> str:
    """A sentence in plain text: ids as they are, times in UTC."""
    return "".join(_part(part) for part in sentence)


def at(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _part(part: Part) -> str:
    match part:
        case Strong(words) | CommandLine(words):
            return words
        case Value(value):
            return value
        case Who(user):
            return user
        case Moment(moment):
            return at(moment)
        case Quoted(text):
            return text
        case str():
            return part
