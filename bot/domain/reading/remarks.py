"""What a remark beside an indicator says to do with it: `do not block`, `whitelisted`, `benign (AWS)`, `Action: Allow`.

For every place where people write beside what they want blocked: a command's reason, a form's field and reason, a
line or a cell of an import. One rule for all of them: an import sets aside what a command asks about.

It would rather ask once too often. What it knows to be an ordinary reason passes: `not a false positive`, `imitates a
legitimate shop`, `allowed by mistake`, `asks users to allow macros`, `do not reply mails`. Whoever means a block though
the words speak against it begins them with `block:`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import islice

from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import UNBLOCKS, first_action, said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.remark_words import (
    ANSWERED_NO,
    ASKED_FOR,
    EXCUSED_BEFORE,
    EXCUSED_BEHIND,
    HARMLESS,
    MEANT,
    NAMED,
    NEGATED,
    NEGATED_STEMS,
    NEGATION,
    NOT_BEFORE,
    OPPOSITE,
    STEMS,
    WHOLE,
)

#: The code of what is set aside because its remark says that it is harmless, or isn't to be blocked.
AGAINST = "row_false_positive"

#: So much of a remark is looked at.
_LOOKED_AT = 3_000
#: So much before a verdict is looked at for what excuses it.
_LOOKED_BEHIND = 80
#: So many of the names that can stand in front of an action are looked behind.
_MOST_NAMED = 16
#: A full stop ends a part where a space follows it: inside of a name it doesn't.
_PARTS = re.compile(r"(?:[^,;|\t\n()\[\]{}.!]|\.(?=\S))+")
_CELLS = re.compile(r"[,;|\t()\[\]]")
_DASH = re.compile(r"\s[-–—]+\s|:\s")
_AROUND = " \t\"'“”„‘’`#/*-–—:=<>"
_APOSTROPHES = str.maketrans("’‘`´", "''''")


def said_in(remark: str) -> Action | Aside | None:
    """What a remark says to do with what it stands beside.

    A list's action where a part of the remark is nothing but the word for it (`phish, block`); an `Aside` where the
    remark says that it isn't to be blocked, was found harmless, or is only watched: its text quotes the words. None
    for an ordinary reason. Never raises.
    """
    if MEANT.match(_folded(remark[:_LOOKED_AT]).strip(_AROUND)):
        return Action.BLOCK
    parts = [part.strip(_AROUND) for part in _CELLS.split(remark[:_LOOKED_AT])]
    if (said := first_action(filter(None, parts))) is not None:
        return said
    words = against_blocking(remark)
    return (
        None if words is None else Aside(AGAINST, f"It says {quoted(words)}, so that it may not be meant for a block.")
    )


def against_blocking(remark: str) -> str | None:
    """The words of a remark that say that what it stands beside isn't to be blocked, or may well say it; else None.

    `do not block`, `bitte nicht sperren`, `benign (AWS)`, `Ausnahme`, `FP`, `Action: Allow`, `Block: no`, also within
    a sentence. Never raises.
    """
    text = remark[:_LOOKED_AT]
    folded = _folded(text)
    if not _may_speak(folded) or MEANT.match(folded.strip(_AROUND)):
        return None
    for pattern in (NEGATED, ANSWERED_NO, ASKED_FOR):
        if match := pattern.search(folded):
            return text[match.start() : match.end()]
    for match in islice(NAMED.finditer(folded), _MOST_NAMED):
        if _is_no_block(match[1].strip()):
            return text[match.start() : match.end()].strip()
    for start, end in _parts(folded):
        if found := _against(folded[start:end]):
            return text[start + found[0] : start + found[1]].strip()
    return None


def may_speak_against(remark: str) -> bool:
    """Whether it is worth asking what a remark says against a block: a quick look, which most remarks don't pass."""
    return _may_speak(_folded(remark[:_LOOKED_AT]))


def _may_speak(folded: str) -> bool:
    for stem in STEMS:
        if stem in folded:
            return True
    return NEGATION.search(folded) is not None and any(stem in folded for stem in NEGATED_STEMS)


def _against(part: str) -> tuple[int, int] | None:
    """Where a part of a remark speaks against a block."""
    bare = part.strip(_AROUND)
    if WHOLE.fullmatch(bare) or OPPOSITE.match(bare) or _is_no_block(bare):
        return 0, len(part)
    for match in HARMLESS.finditer(part):
        before = part[max(0, match.start() - _LOOKED_BEHIND) : match.start()]
        if NOT_BEFORE.search(before) or EXCUSED_BEFORE.search(before) or EXCUSED_BEHIND.match(part, match.end()):
            continue
        return match.span()
    return None


def _is_no_block(word: str) -> bool:
    """Whether words are those of an action, and it is an allow or an unblock."""
    said = said_action(word)
    return said is Action.ALLOW or (isinstance(said, Aside) and said.code == UNBLOCKS)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    for match in _PARTS.finditer(text):
        start = match.start()
        for dash in _DASH.finditer(text, match.start(), match.end()):
            yield start, dash.start()
            start = dash.end()
        yield start, match.end()


def _folded(text: str) -> str:
    """A text in small letters and without accents, each character at its place."""
    if text.isascii():
        return text.lower()
    return "".join(map(_plain, text.translate(_APOSTROPHES)))


def _plain(character: str) -> str:
    if character.isascii():
        return character.lower()
    first = unicodedata.normalize("NFKD", character)[:1].lower()
    return first if len(first) == 1 else character
