"""From the bytes of an uploaded file to text that can be read as an import.

Spreadsheet programs write UTF-8 with a byte order mark, UTF-16, or the Western code page of Windows; editors UTF-8.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from bot.domain.indicators.typed_text import MAX_TYPED
from bot.domain.reading.line_ends import lines_of
from bot.errors import InvalidInput

#: How many indicators one import takes.
MOST_IMPORTED = 10_000

#: More bytes than 10,000 of the longest indicators that people import, with some columns beside them.
MOST_BYTES = 2 * 1024 * 1024

#: More words than a line of indicators usually has.
_MOST_WORDS = 64

#: Where a link begins within another one.
_LAYER = re.compile(r"://|%(?:25){0,9}3a%(?:25){0,9}2f", re.IGNORECASE)
_MOST_LAYERS = 3

#: A number with its sign, in a row's first cell or in front of an item, which makes no comment: `#12,evil.example`.
NUMBERED = r"#[0-9]{1,9}(?:[,;|\t]|\s{1,3}(?=\S*[.@:]))"
_NUMBERED = re.compile(NUMBERED)

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LAYOUT = frozenset("\t\n\r\f\v")
_SAVE_AS = "Save it as plain text or CSV, in UTF-8."


def decode(content: bytes) -> str:
    """The text of an uploaded file. Raises InvalidInput when it is no text, or has more bytes than one import takes.

    How many lines there may be is for who knows what they are: a record of JSON goes over many.
    """
    if len(content) > MOST_BYTES:
        raise InvalidInput(
            f"The file has {len(content):,} bytes; at most {MOST_BYTES:,} are read.",
            "Take out the columns that are no indicators, or split the file.",
        )
    text = _text(content)
    if any(unicodedata.category(character) == "Cc" and character not in _LAYOUT for character in _distinct(text)):
        raise InvalidInput("The file isn't text.", _SAVE_AS)
    return text


def demand_fits(text: str) -> str:
    """The text as it is. Raises InvalidInput when it has more lines than one import takes.

    Blank lines and comments don't count, and one line more than there may be indicators is left for a header.
    """
    lines = sum(not is_skipped(line) for line in lines_of(text))
    if lines > MOST_IMPORTED + 1:
        raise InvalidInput(
            f"There are {lines:,} lines; at most {MOST_IMPORTED:,} indicators are imported at a time.",
            "Split them, and import one part after the other.",
        )
    return text


def storable(text: str) -> str:
    """The text as it is kept: at most MAX_TYPED characters, without what no database takes."""
    return _UNSTORABLE.sub("\ufffd", text.strip()[:MAX_TYPED])


def is_too_long(text: str) -> bool:
    """Whether a line, or a table's cell, is longer than people write them."""
    return len(text) > MAX_TYPED or words_in(text) > _MOST_WORDS


def words_in(text: str) -> int:
    """How many words a line has, however they are set apart."""
    return len(re.split(r"[\s,;]+", text))


def has_many_layers(text: str) -> bool:
    """Whether the links in a text stand within each other more deeply than programs write them: each takes its time."""
    layers = len(_LAYER.findall(text))
    return layers > _MOST_LAYERS and layers > _MOST_LAYERS * words_in(text)


def is_skipped(line: str) -> bool:
    """Whether a line says nothing: it is blank, or a comment."""
    stripped = line.strip()
    return not stripped or (stripped.startswith("#") and _NUMBERED.match(stripped) is None)


def _text(content: bytes) -> str:
    encodings = next(([encoding] for mark, encoding in _MARKS if content.startswith(mark)), ["utf-8", "cp1252"])
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidInput("The file isn't text in an encoding that can be told.", _SAVE_AS)


def _distinct(text: str) -> set[str]:
    return set(text)
