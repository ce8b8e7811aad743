"""The words of a command that say what to do, in front of what it is about: `block`, `--until`; and `help` alone."""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import DASHES
from bot.domain.lists.traits import Action
from bot.domain.reading.typed_marks import QUOTES, without_marks

_HELP = re.compile(rf"help|\?|[{re.escape(DASHES)}]{{1,2}}h(?:elp)?", re.IGNORECASE)
_TARGET = re.compile(
    rf"\s*[{re.escape(DASHES)}]{{0,2}}(?:([*{QUOTES}])(block|allow)(?:ed)?:?[*{QUOTES}]|(block|allow)(?:ed)?)"
    rf"(?=[\s:,]|$)[\s:,{re.escape(DASHES)}]*",
    re.IGNORECASE,
)
#: `--until 2026-12-31` in front, as an option of a program; behind the indicators the reason's reader knows it.
_OPTION = re.compile(rf"\A\s*[{re.escape(DASHES)}]{{1,2}}(?=(?:until|till|for|bis|für)\s)", re.IGNORECASE)


def read_target(text: str) -> tuple[Action | None, str]:
    """The `block` or `allow` that a text starts with, and what follows it; without one, None and the whole text.

    For the commands that change entries, where one and the same value can be in either list.
    """
    # As it stands first: what follows may be a table between code fences.
    for said in (text, without_marks(text)):
        if match := _TARGET.match(said):
            return Action((match[2] or match[3]).lower()), said[match.end() :].rstrip()
    return None, text


def asks_for_help(text: str) -> bool:
    """Whether a command's text is nothing but the question how it is used: `help`, `?`, `--help`."""
    return _HELP.fullmatch(without_marks(text).strip().strip(QUOTES)) is not None


def without_option(text: str) -> str:
    """The text without the dashes of an option that it begins with, so that `until` is read as a word."""
    return _OPTION.sub("", text)
