"""Marks around what people type that say nothing of it: characters nobody sees, code marks, quotation marks.

Slack's clients, web pages and spreadsheets put them there: a list between code fences, an address between back-ticks,
a zero-width space in front of a word. They are taken off before a text is read, where nothing depends on them: what is
inside of a value stays for whoever reads values, who tells people what was left out.
"""

from __future__ import annotations

import re

from bot.domain.indicators.typed_text import DASHES

#: Zero-width characters, marks of direction that reverse nothing, the byte order mark, and the soft hyphen.
_UNSEEN = "\u00ad\u200b-\u200f\u2060\ufeff"
_UNSEEN_AT_ENDS = re.compile(rf"(?<![{_UNSEEN}])[{_UNSEEN}]++(?!\S)|(?<!\S)[{_UNSEEN}]++")
#: A word in which they can't be part of the spelling: other scripts have words that need them.
_PLAIN_WORD = re.compile(rf"(?<!\S)[A-Za-z0-9{_UNSEEN}-]++(?![^\s,;:])")
_UNSEEN_ANYWHERE = re.compile(f"[{_UNSEEN}]")
_FENCE = re.compile("`{3,}")
#: A line that is code as a whole: nothing in it is another piece of code.
_CODE_LINE = re.compile(r"^[ \t]*`([^`\n]+)`[ \t]*$", re.MULTILINE)

#: What stands around a word, and is none of it.
QUOTES = "`\"“”„‟«»'‘’‚‛"
#: As options of programs begin, or what stands between two words. In front of a figure it may be a minus.
_DASHES_ALONE = re.compile(rf"\A[{re.escape(DASHES)}]{{1,3}}(?=[^\W\d_]|\Z)")


def without_marks(text: str) -> str:
    """The text without code fences, without the code marks of whole lines, and without what nobody sees around words.

    Lines stay where they are. What is left is to be read as if it had been typed so.
    """
    if not text.isascii():
        text = _PLAIN_WORD.sub(lambda word: _UNSEEN_ANYWHERE.sub("", word[0]), _UNSEEN_AT_ENDS.sub("", text))
    if "`" in text:
        text = _CODE_LINE.sub(r"\1", _FENCE.sub(" ", text))
    return text


def bare(word: str) -> str:
    """A word that says what to do, without any marks around it: `` `mine` ``, “42”, `—all`, `open,`."""
    return _DASHES_ALONE.sub("", _UNSEEN_ANYWHERE.sub("", word).strip(f"{QUOTES}:,; \t\r\n"))


def first_word(text: str) -> tuple[str, str]:
    """The first word of a text as `bare` has it, in small letters, and what stands behind it."""
    parts = without_marks(text).split(maxsplit=1)
    if not parts:
        return "", ""
    word, colon, glued = parts[0].partition(":")
    behind = parts[1] if len(parts) > 1 else ""
    if colon and glued.strip(QUOTES):
        return bare(parts[0]).lower(), behind.lstrip(f" {DASHES}")
    return bare(word).lower(), behind.lstrip(f" {DASHES}:")
