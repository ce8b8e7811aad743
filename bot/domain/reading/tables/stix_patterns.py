"""Patterns of STIX 2 indicators: the values that a simple one names.

Simple is: values that are equal to something, or in a set or a network, with OR between them. Everything else (several
things at once, a time, a likeness) is more than an entry of a list can say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<text>'(?:[^'\\]|\\.)*+')
      | (?P<path>[a-z0-9-]+:[A-Za-z0-9_]+(?:\.(?:[A-Za-z0-9_-]+|'[^']{1,40}'|"[^"]{1,40}")|\[[0-9*]{1,6}\])*)
      | (?P<mark>!=|[<>]=?|[=\[\](),])
      | (?P<word>[A-Za-z]+)
      | (?P<other>\S)
    )""",
    re.VERBOSE,
)
_TYPES = {
    "ipv4-addr:value": "ipv4-addr",
    "ipv6-addr:value": "ipv6-addr",
    "domain-name:value": "domain-name",
    "url:value": "url",
    "email-addr:value": "email-addr",
    "email-message:from_ref.value": "email-addr",
    "email-message:sender_ref.value": "email-addr",
}
_HASH = re.compile(r"file:hashes\.['\"]?([A-Za-z0-9-]+)['\"]?")
_LONGEST = 20_000
_MOST_VALUES = 500


def read_pattern(pattern: str) -> list[tuple[str, str]] | Aside:
    """The values that a pattern names, each with the type that says what it is; or why it can't be taken."""
    if len(pattern) > _LONGEST:
        return Aside("pattern", "The pattern is too long to be read.")
    try:
        values = list(_Pattern(pattern).values())
    except _TooMuch as error:
        return Aside(
            "pattern",
            f"The pattern {quoted(pattern)} says more than an entry can: {error}. Give what is meant by itself.",
        )
    if len(values) > _MOST_VALUES:
        return Aside("pattern", f"The pattern names {len(values):,} values; at most {_MOST_VALUES} are read of one.")
    return values


class _TooMuch(Exception):
    """A pattern that isn't simple: the text says why."""


class _Pattern:
    """Reads a pattern token by token, from left to right."""

    def __init__(self, pattern: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        for match in _TOKEN.finditer(pattern.rstrip()):
            self._tokens.append((str(match.lastgroup), match[0].strip()))
            if match.lastgroup == "other":
                break  # no simple pattern has it, and what follows a text that never ends takes long to look at
        self._at = 0

    def values(self) -> Iterator[tuple[str, str]]:
        """Observations with OR between them."""
        while True:
            self._skip("(")
            self._take("[")
            yield from self._comparisons()
            self._take("]")
            self._skip(")")
            if self._at == len(self._tokens):
                return
            self._take_or()

    def _comparisons(self) -> Iterator[tuple[str, str]]:
        while True:
            self._skip("(")
            yield from self._comparison()
            self._skip(")")
            if self._peek()[1] == "]":
                return
            self._take_or()

    def _comparison(self) -> Iterator[tuple[str, str]]:
        kind, path = self._next()
        if kind != "path":
            raise _TooMuch(f"it has {quoted(path)} where a value's name should stand")
        kind, operator = self._next()
        if operator == "=" or operator.upper() == "ISSUBSET":
            yield _typed(path, self._text())
        elif operator.upper() == "IN":
            self._take("(")
            yield _typed(path, self._text())
            while self._peek()[1] == ",":
                self._next()
                yield _typed(path, self._text())
            self._take(")")
        else:
            raise _TooMuch(f"it compares with {quoted(operator)}")

    def _text(self) -> str:
        kind, text = self._next()
        if kind != "text":
            raise _TooMuch(f"it has {quoted(text)} where a text should stand")
        return re.sub(r"\\(.)", r"\1", text[1:-1])

    def _take_or(self) -> None:
        _, word = self._next()
        if word.upper() != "OR":
            raise _TooMuch(f"it has {quoted(word)} in it, so that one value alone isn't what it is about")

    def _take(self, mark: str) -> None:
        _, found = self._next()
        if found != mark:
            raise _TooMuch(f"it has {quoted(found)} where {quoted(mark)} should stand")

    def _skip(self, mark: str) -> None:
        while self._peek()[1] == mark:
            self._at += 1

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise _TooMuch("it breaks off")
        self._at += 1
        return token


def _typed(path: str, text: str) -> tuple[str, str]:
    if named := _TYPES.get(path):
        return named, text
    if hashed := _HASH.fullmatch(path):
        return hashed[1], text
    raise _TooMuch(f"it is about {quoted(path)}, which no list holds")
