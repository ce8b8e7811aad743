"""A sentence of facts in Slack: values defanged and in code, people mentioned, times for each reader, all escaped."""

from __future__ import annotations

import html

from bot.domain.indicators.defanging import defanged
from bot.domain.telling.sentence import CommandLine, Day, Moment, Part, Quoted, Sentence, Strong, Value, Who
from bot.slack.block_kit.text import (
    code,
    escaped,
    indicator,
    mention,
    plain,
    spoken,
    when,
    when_plain,
    which_day,
    which_day_plain,
)

#: A value in a header has this much room: the words and the request's number around it fit in 150 as well.
_VALUE = 80
#: One value among several has a little less.
NAMED_VALUE = 70


def seen(sentence: Sentence, *, value: int = _VALUE, quoted: int = 500) -> str:
    """A sentence in mrkdwn. `value` and `quoted` are how long a value, and what others wrote, may be."""
    return "".join(_mrkdwn(part, value=value, quoted=quoted, strong="*") for part in sentence)


def read_aloud(sentence: Sentence, *, value: int = _VALUE, quoted: int = 500) -> str:
    """The same for a message's top-level `text`, which screen readers read: without the marks of strong words."""
    return "".join(_mrkdwn(part, value=value, quoted=quoted, strong="") for part in sentence)


def in_plain_text(sentence: Sentence) -> str:
    """A sentence for a header or a dialog, which know no markup."""
    return "".join(_plain(part) for part in sentence)


def _mrkdwn(part: Part, *, value: int, quoted: int, strong: str) -> str:
    match part:
        case Strong(words):
            shown = f"{strong}{html.escape(words, quote=False)}{strong}"
        case Value(given):
            shown = indicator(given, limit=value)
        case Who(user):
            shown = mention(user)
        case Moment(at):
            shown = when(at)
        case Day(at):
            shown = which_day(at)
        case Quoted(text):
            # Code is for the eye: aloud a text is read without marks.
            shown = escaped(text, limit=quoted) if strong else spoken(text, limit=quoted)
        case CommandLine(words):
            shown = code(words)
        case str():
            shown = html.escape(part, quote=False)
    return shown


def _plain(part: Part) -> str:
    match part:
        case Strong(words) | CommandLine(words):
            shown = words
        case Value(given):
            shown = plain(defanged(given[: _VALUE * 8]), limit=_VALUE) or "(empty)"
        case Who(user):
            shown = plain(user, limit=_VALUE)
        case Moment(at):
            shown = when_plain(at)
        case Day(at):
            shown = which_day_plain(at)
        case Quoted(text):
            shown = plain(text)
        case str():
            shown = part
    return shown
