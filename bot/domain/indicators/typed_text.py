"""Making typed text plain before it is read: characters nobody sees, and look-alike punctuation.

Also `shown`, the safe echo of a typed text for error messages.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from bot.domain.indicators.indicator import Note, NoteCode
from bot.errors import InvalidIndicator

#: Longer than any indicator that a list takes (a URL has at most 250 characters), with room for a link's tail.
MAX_TYPED = 2048
SHOWN_LENGTH = 80

#: Every character that people or their programs write for a dash. Only IP ranges read them as `-`.
DASHES = "-‐‑‒–—―−﹘﹣－"

#: Characters that reverse the direction of text, so that people see something else than what is there.
BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_STRAIGHT: dict[int, str] = {
    **dict.fromkeys(map(ord, "“”„‟«»＂"), '"'),
    **dict.fromkeys(map(ord, "‘’‚‛′＇"), "'"),
}
_PLAIN: dict[int, str] = {
    **_STRAIGHT,
    **dict.fromkeys(map(ord, "\u2028\u2029"), " "),
    **dict.fromkeys(map(ord, "\t\r\n"), " "),
}
# Full-width digits are left out on purpose: a host with them goes through IDNA, which shows that it is an odd
# spelling of an IPv4 address, and that is refused rather than guessed.
_FULL_WIDTH: dict[int, str] = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if not 0xFF10 <= code <= 0xFF19},
    ord("。"): ".",
    ord("｡"): ".",
}
_ENTITIES = re.compile(r"&(?:amp;)*(lt|gt);|&(?:amp;)+")


@dataclass(frozen=True, slots=True)
class Plain:
    """A typed text with nothing odd left in it, and notes on what was changed."""

    text: str
    notes: tuple[Note, ...] = ()


def shown(text: str, *, limit: int = SHOWN_LENGTH) -> str:
    """The text as an error may repeat it: one line, at most `limit` characters, nothing that acts on a screen."""
    if len(text) <= limit and text.isprintable():
        return " ".join(text.split())  # most texts: in what is printable, the only white space is the plain space
    safe = []
    for character in text[: limit * 4]:
        category = unicodedata.category(character)
        if category in {"Cc", "Zl", "Zp", "Zs"}:
            safe.append(" " if character.isspace() else "�")
        elif category in {"Cf", "Cs", "Co", "Cn"}:
            safe.append(f"<U+{ord(character):04X}>")
        else:
            safe.append(character)
    line = " ".join("".join(safe).split())
    if len(line) <= limit and len(text) <= limit * 4:
        return line
    return line[: limit - 1].rstrip() + "…"


def quoted(text: str) -> str:
    """The safe echo of a text between quotation marks, for use inside a sentence."""
    return f"‘{shown(text)}’"


def make_plain(text: str) -> Plain:
    """Take out what can't be seen and turn typographic quotes and full-width characters into plain ones.

    Raises InvalidIndicator for empty and over-long text, control characters, lone surrogates, and characters that
    reverse the direction of text: what people see would not be what is read.
    """
    if len(text) > MAX_TYPED:
        raise InvalidIndicator(
            f"{quoted(text)} is {len(text):,} characters long; no indicator is longer than {MAX_TYPED:,}.",
            "Type one indicator at a time.",
        )
    if text.isascii() and text.isprintable():
        return Plain(text.strip())
    kept: list[str] = []
    unseen: list[str] = []
    folded = False
    for character in text:
        code = ord(character)
        if (plain := _PLAIN.get(code)) is not None:
            kept.append(plain)
        elif (half := _FULL_WIDTH.get(code)) is not None:
            kept.append(half)
            folded = True
        elif character.isascii() and character.isprintable():
            kept.append(character)
        elif _is_unseen(character, within=text):
            unseen.append(f"U+{code:04X}")
        else:
            kept.append(" " if unicodedata.category(character) == "Zs" else character)
    notes = []
    if unseen:
        found = ", ".join(dict.fromkeys(unseen[:20]))
        notes.append(
            Note(code=NoteCode.INVISIBLE_STRIPPED, text=f"Characters that can't be seen were left out ({found}).")
        )
    if folded:
        notes.append(folded_note())
    return Plain("".join(kept).strip(), tuple(notes))


def folded_note() -> Note:
    return Note(
        code=NoteCode.CHARACTERS_FOLDED,
        text="Full-width or other decorated characters were read as the plain ones: check the value.",
    )


def _is_unseen(character: str, *, within: str) -> bool:
    """Whether the character is to be left out. Raises InvalidIndicator when the whole text is to be refused."""
    category = unicodedata.category(character)
    name = f"U+{ord(character):04X}"
    if character in BIDI_CONTROLS:
        raise InvalidIndicator(
            f"{quoted(within)} has a character that changes the direction of text ({name}), "
            "so what one sees isn't what one gets.",
            "Type the indicator by hand instead of pasting it.",
        )
    if category == "Cc":
        raise InvalidIndicator(
            f"{quoted(within)} has a control character in it ({name}).",
            "Type the indicator by hand instead of pasting it.",
        )
    if category == "Cs":
        raise InvalidIndicator(
            f"{quoted(within)} is broken text: half of a character is missing ({name}).",
            "Copy it again from where it came from, or type it by hand.",
        )
    return category == "Cf" or 0xFE00 <= ord(character) <= 0xFE0F or name == "U+034F"


def plain_quotes(text: str) -> str:
    """The text with straight quotation marks where typing programs have put curly ones."""
    return text.translate(_STRAIGHT)


def unescape(text: str) -> str:
    """`&amp;`, `&lt;` and `&gt;` as characters, however often they were escaped. Slack escapes these three only."""
    if "&" not in text:
        return text
    return _ENTITIES.sub(lambda match: {"lt": "<", "gt": ">"}.get(match[1] or "", "&"), text)
