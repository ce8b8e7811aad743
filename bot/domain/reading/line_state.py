"""What has been found so far in one line, and the tokens that are still ahead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.typed_text import DASHES
from bot.domain.reading.command_tokens import (
    SEPARATORS,
    Token,
    tokens,
)
from bot.domain.reading.line_reading import CommandProblem, LineReading, Readings, words_problem
from bot.domain.reading.line_weight import most_weight
from bot.errors import InvalidIndicator

_MARKS = re.compile(rf"[{SEPARATORS}\t]|(?:^|\s)[{re.escape(DASHES)}]{{1,3}}(?=\s|$)|:\s*$")
#: What Postfix does with what stands before it in its tables: `good.example OK`, `evil.example REJECT Spam`.
_OF_POSTFIX = re.compile(r"(?:REJECT|DISCARD|HOLD|DEFER|OK|DUNNO|PERMIT|RELAY|WARN)(?!\S)")


@dataclass(slots=True)
class LineState:
    """The state of going through the tokens of one line. An indicator counts once, however often it was typed."""

    readings: Readings
    line: str
    takes_lifetime: bool
    after_others: bool
    _found: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    _problems: list[CommandProblem] = field(default_factory=list)
    _typed: list[str] = field(default_factory=list)
    _words: list[Token] = field(default_factory=list)  #: that are no indicators, one after the other
    _ahead: list[Token] = field(default_factory=list)
    _tokens: Iterator[Token] = field(default_factory=lambda: iter(()))
    _last_end: int = 0
    _weight: int = 0  #: of what has been read of the line: see `line_weight`

    def _ended(self, start: int) -> LineReading:
        self._end_words()
        gap = self.line[self._last_end : start]
        rest = self.line[start:].strip()
        is_marked = bool(_MARKS.search(gap) or _MARKS.match(rest) or rest.startswith(("#", "//", '"', "“", "(")))
        is_marked = is_marked or _OF_POSTFIX.match(rest) is not None
        return LineReading(
            indicators=tuple(self._found.values()),
            problems=tuple(self._problems),
            typed=tuple(self._typed),
            rest=rest,
            is_marked=bool(rest) and bool(self._found or self._problems) and is_marked,
        )

    def _keep(self, text: str, found: Indicator | InvalidIndicator) -> None:
        if isinstance(found, Indicator):
            self._add(found)
        else:
            self._add_problem(text, found)
        self._typed.append(" ".join(text.split()))

    def _add(self, indicator: Indicator) -> None:
        self._end_words()
        self._found.setdefault((indicator.kind, indicator.value), indicator)

    def _add_problem(self, text: str, error: InvalidIndicator) -> None:
        self._end_words()
        self._problems.append(CommandProblem(text=text, what=error.what, remedy=error.remedy))

    @property
    def _is_full(self) -> bool:
        """Whether so much stands in the line that the rest of it isn't read."""
        return self._weight > most_weight(self.line)

    def _end_words(self) -> None:
        if self._words:
            # As it was typed, with what stands between the words.
            text = " ".join(self.line[self._words[0].start : self._words[-1].end].split())
            self._words.clear()
            self._typed.append(text)
            self._problems.append(words_problem(text))

    @property
    def _has_any(self) -> bool:
        return bool(self._found or self._problems)

    def _next(self) -> Token | None:
        return self._ahead.pop(0) if self._ahead else next(self._tokens, None)

    def _peek(self, count: int) -> list[Token]:
        while len(self._ahead) < count and (token := next(self._tokens, None)) is not None:
            self._ahead.append(token)
        return self._ahead[:count]

    def _skip_to(self, end: int) -> None:
        self._ahead = [token for token in self._ahead if token.start >= end]
        if not self._ahead:
            self._tokens = tokens(self.line, end, reads=self.readings.reads)
        self._last_end = end
