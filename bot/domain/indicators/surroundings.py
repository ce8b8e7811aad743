"""What stands around a value without belonging to it: quotation marks, brackets, bullets, sentence punctuation."""

from __future__ import annotations

import re
from collections import Counter

_SPACES = re.compile(r" {2,}")
_CLOSERS = {")": "(", "]": "[", "}": "{", ">": "<"}
_OPENERS = {opener: closer for closer, opener in _CLOSERS.items()}
_QUOTES = "\"'`"
_OTHER_END = {**_OPENERS, **{quote: quote for quote in _QUOTES}}
#: One pair of brackets or quotation marks around a text that has no other marks at its ends, and no others inside.
_ONE_PAIR = re.compile(r"""[\[({<"'`]([^\W_](?:[\w.:/@?=&%~+-]*+(?<=[^\W_]))?)[\])}>"'`]""")
_BULLETS = ("- ", "* ", "• ", "– ", "— ")


def unwrap(text: str) -> str:
    """The text without the quotation marks, brackets, bullets and sentence punctuation that stand around it.

    Brackets that belong to the text stay: `https://a.example/b_(c)`, `[2001:db8::1]/64`, `evil[.]example`.
    """
    if _needs_nothing(text):
        return text
    if (pair := _ONE_PAIR.fullmatch(text)) and _OTHER_END.get(text[0]) == text[-1]:
        return pair[1]
    around = _Around(_SPACES.sub(" ", text))
    around.unwrap()
    return around.inside


def trim_end(text: str) -> str:
    """The text without sentence punctuation and unmatched brackets or quotation marks at its end."""
    around = _Around(text)
    around.trim_end()
    return around.inside


def _needs_nothing(text: str) -> bool:
    return text[:1].isalnum() and text[-1:].isalnum() and "  " not in text


class _Around:
    """A text that is narrowed from both ends. Each character is looked at once, however deep the brackets are."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start, self._end = 0, len(text)
        self._left = Counter(character for character in text if character in _MARKS)  #: marks between the two ends
        self._closed_at = _pairs(text)

    @property
    def inside(self) -> str:
        return self._text[self._start : self._end]

    def unwrap(self) -> None:
        """Take off layer after layer."""
        before = (-1, -1)
        while before != (self._start, self._end):
            self._strip()
            before = (self._start, self._end)
            if self._text.startswith(_BULLETS, self._start, self._end):
                self._drop_first()
                self._drop_first()
            elif self._is_wrapped():
                self._drop_first()
                self._drop_last()
            else:
                self._trim_start()
                self.trim_end()
            self._strip()

    def trim_end(self) -> None:
        while self._start < self._end:
            last = self._text[self._end - 1]
            punctuation = last in ".,;!?… " or (last == ":" and not self._text.endswith("::", self._start, self._end))
            unmatched_closer = last in _CLOSERS and self._left[last] > self._left[_CLOSERS[last]]
            unmatched_quote = last in _QUOTES and self._left[last] % 2 == 1
            if not (punctuation or unmatched_closer or unmatched_quote or last in _OPENERS):
                return
            self._drop_last()

    def _trim_start(self) -> None:
        while self._start < self._end:
            first = self._text[self._start]
            punctuation = first in ",;!?" or (first == ":" and not self._text.startswith("::", self._start, self._end))
            unmatched_opener = first in _OPENERS and self._left[first] > self._left[_OPENERS[first]]
            unmatched_quote = first in _QUOTES and self._left[first] % 2 == 1
            if not (punctuation or unmatched_opener or unmatched_quote or first in _CLOSERS):
                return
            self._drop_first()

    def _is_wrapped(self) -> bool:
        """Whether the first and the last character are a pair around all the rest."""
        if self._end - self._start < 2:
            return False
        first, last = self._text[self._start], self._text[self._end - 1]
        if first in _QUOTES:
            return last == first
        # A bracket that is closed before the end is around a part only: `(a) and (b)`.
        return self._closed_at.get(self._start) == self._end - 1

    def _strip(self) -> None:
        while self._start < self._end and self._text[self._start].isspace():
            self._start += 1
        while self._start < self._end and self._text[self._end - 1].isspace():
            self._end -= 1

    def _drop_first(self) -> None:
        self._left[self._text[self._start]] -= 1
        self._start += 1

    def _drop_last(self) -> None:
        self._end -= 1
        self._left[self._text[self._end]] -= 1


_MARKS = frozenset(_QUOTES) | _CLOSERS.keys() | _OPENERS.keys()


def _pairs(text: str) -> dict[int, int]:
    """Where each bracket that is closed is closed, by where it is opened; each kind of bracket by itself."""
    opened: dict[str, list[int]] = {opener: [] for opener in _OPENERS}
    closed_at: dict[int, int] = {}
    for position, character in enumerate(text):
        if character in _OPENERS:
            opened[character].append(position)
        elif character in _CLOSERS and (unclosed := opened[_CLOSERS[character]]):
            closed_at[unclosed.pop()] = position
    return closed_at
