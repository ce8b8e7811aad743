"""As much of the Kusto Query Language as a count of mail takes: conditions on rows, and ids of one table in another.

It is no engine: what it doesn't know it refuses, as a query with a mistake in it is refused.
Source: Kusto Query Language, "Query statements", "The where operator", "String operators".
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Row = Mapping[str, str]
Test = Callable[[Row], bool]

_TOKEN = re.compile(r'\s*("(?:[^"\\\n]|\\.)*"|\w+|=~|==|[|();,=.])')
_RANGES = frozenset({"ipv4_is_in_range", "ipv6_is_in_range"})


class QueryRefused(Exception):
    """The query can't be run, and why."""


@dataclass(slots=True)
class Query:
    """A query while it is read: its words, and the place in them."""

    words: list[str]
    tables: Mapping[str, Iterable[Row]]
    place: int = 0

    @classmethod
    def of(cls, text: str, tables: Mapping[str, Iterable[Row]]) -> Query:
        words, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise QueryRefused(f"Syntax error near {text[at : at + 20]!r}")
            words.append(found[1])
            at = found.end()
        return cls(words=words, tables=tables)

    def rows(self) -> list[Row]:
        """The rows of a table, after each `where` and `distinct` that follow; any other operator ends it."""
        name = self._next()
        if name not in self.tables:
            raise QueryRefused(f"Failed to resolve table expression named {name!r}")
        rows = list(self.tables[name])
        while self._peek(1) in {"where", "distinct"} and self._take("|"):
            if self._next() == "where":
                test = self._either()
                rows = [row for row in rows if test(row)]
            else:
                column = self._next()
                rows = [{column: value} for value in dict.fromkeys(row[column] for row in rows)]
        return rows

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda row: any(test(row) for test in tests)

    def _both(self) -> Test:
        tests = [self._test()]
        while self._take("and"):
            tests.append(self._test())
        return lambda row: all(test(row) for test in tests)

    def _test(self) -> Test:
        if self._take("("):
            inner = self._either()
            self._demand(")")
            return inner
        word = self._next()
        if word in _RANGES:
            return self._in_range()
        operator = self._next()
        if operator == "in":
            self._demand("(")
            ids = {value for row in self.rows() for value in row.values()}
            self._demand(")")
            return lambda row: row[word] in ids
        value = self._literal().lower()
        match operator:
            case "=~":
                return lambda row: row[word].lower() == value
            case "endswith":
                return lambda row: row[word].lower().endswith(value)
            case "contains":
                return lambda row: value in row[word].lower()
            case _:
                raise QueryRefused(f"Syntax error near {operator!r}")

    def _in_range(self) -> Test:
        self._demand("(")
        column = self._next()
        self._demand(",")
        network = ipaddress.ip_network(self._literal())
        self._demand(")")
        return lambda row: bool(row[column]) and ipaddress.ip_address(row[column]) in network

    def _literal(self) -> str:
        word = self._next()
        if not word.startswith('"'):
            raise QueryRefused(f"A text is expected instead of {word!r}")
        return str(json.loads(word))

    def _peek(self, ahead: int = 0) -> str:
        place = self.place + ahead
        return self.words[place] if place < len(self.words) else ""

    def _take(self, word: str) -> bool:
        taken = self._peek() == word
        self.place += taken
        return taken

    def _next(self) -> str:
        word = self._peek()
        if not word:
            raise QueryRefused("The query ends too early")
        self.place += 1
        return word

    def _demand(self, word: str) -> None:
        if not self._take(word):
            raise QueryRefused(f"{word!r} is expected instead of {self._peek()!r}")
