"""How much of an import is read, so that a file of the worst lines takes no longer than one of ordinary ones.

What looks like an indicator is read up to a little more than one import takes. What looks like none takes longest to
read, since it has to be said what is wrong with it: of such text some thousand lines are read,
and what is beyond is set aside for that reason.
"""

from __future__ import annotations

from bot.domain.reading.aside import Aside
from bot.domain.reading.import_text import MOST_IMPORTED, words_in

#: So many values are read: more than one import takes, with some that stand there twice or are none.
_MOST_VALUES = MOST_IMPORTED + 5_000

#: So many words are read that look like no indicators; a long word counts for several.
_MOST_ODD_WORDS = 40_000
_LONG_WORD = 16

#: So many characters are read of remarks that may say something against a block.
_MOST_REMARKS = 400_000

TOO_MANY = Aside(
    "too_many",
    f"At most {MOST_IMPORTED:,} indicators are imported at a time. Import this one with the next ones.",
)
TOO_MUCH_TEXT = Aside(
    "too_long",
    "There is too much other text to read all of it: write one indicator a line, and nothing else that needs reading.",
)


class Allowance:
    """What is left to be read of one import."""

    def __init__(self) -> None:
        self._values = _MOST_VALUES
        self._odd_words = _MOST_ODD_WORDS
        self._remarks = _MOST_REMARKS

    def take(self, values: int = 1) -> bool:
        """Take so many values that look like indicators. False when that is more than is left."""
        self._values -= values
        return self._values >= 0

    def take_odd(self, text: str) -> bool:
        """Take a text that doesn't look like an indicator. False when that is more than is left."""
        self._odd_words -= words_in(text) + len(text) // _LONG_WORD
        return self._odd_words >= 0

    def take_remark(self, text: str) -> bool:
        """Take a remark that may say something against a block. False when that is more than is left."""
        self._remarks -= len(text)
        return self._remarks >= 0
