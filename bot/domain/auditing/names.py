"""The names of people as they are compared: who is meant by what somebody typed behind an `@`."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.reading.typed_marks import bare, without_marks

#: A name of more words isn't looked for.
MOST_WORDS = 8


def name_key(name: str) -> str:
    """The name as it is compared: in small letters, its words a space apart, without marks around them, and without
    the `@` of a mention."""
    words = (bare(word.removeprefix("@")) for word in without_marks(name).split())
    return " ".join(filter(None, words)).casefold()


def words_of_name(words: Sequence[str], at: int, names: Collection[str]) -> int:
    """How many words from a place on are one of the names, the longest that fits; 0: none is.

    The names are as `name_key` has them.
    """
    for length in range(min(MOST_WORDS, len(words) - at), 0, -1):
        if name_key(" ".join(words[at : at + length])) in names:
            return length
    return 0
