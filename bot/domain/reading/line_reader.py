"""Going through the tokens of one line: which are indicators, which belong together, where the rest begins."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.labels import stands_before
from bot.domain.indicators.link_forms import MARKDOWN_LINK
from bot.domain.indicators.plain_forms import plain_link
from bot.domain.indicators.spoof_pairs import split_pair
from bot.domain.indicators.typed_text import quoted, unescape
from bot.domain.reading.command_tokens import (
    SEPARATORS,
    Token,
    file_or_domain,
    is_comment,
    is_lone_dash,
    looks_like_prose,
    may_be_file,
    tokens,
    without_bullet,
)
from bot.domain.reading.filter_exceptions import exception_in
from bot.domain.reading.kind_words import kinds_named
from bot.domain.reading.line_reading import LineReading, Readings
from bot.domain.reading.line_weight import LINKED, ODD, PLAIN, unread_problem
from bot.domain.reading.other_lines import name_in_hosts_file, read_form
from bot.domain.reading.plain_runs import RunReader
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.spoof_words import pair_behind
from bot.errors import InvalidIndicator

_SPOOF = re.compile(r"(?:[\"'“]\s{0,3})?spoof(?:ed|ing)?\b(?![.@/])[\s:]*", re.IGNORECASE)
_JOINING = frozenset({"and", "und", "et", "&", "+", "plus", "sowie"})
#: So many words stand before an indicator at most.
_MOST_WORDS = 100
_SPOOF_REMEDY = "Type a pair such as: spoof fabrikam.com, 203.0.113.0/24"
_STAR_REMEDY = "A spoof pair begins with the word spoof, such as: spoof *, mail.evil.example"


def read_with(
    readings: Readings, line: str, *, takes_lifetime: bool = False, after_others: bool = False
) -> LineReading:
    """`read_line`, for several lines in which the same texts may stand.

    `after_others` when indicators stood on the lines before: then a line may begin with the reason.
    """
    line = line.strip()
    if is_comment(line):
        return LineReading()
    if (form := read_form(readings, line)) is not None:
        return form
    line = name_in_hosts_file(line)
    behind_bullet = without_bullet(line)
    if not after_others:
        line = behind_bullet
    elif behind_bullet != line and not line.startswith((">", "&gt;")):
        # The next item of a list, where it names something; else a reason that begins so.
        item = read_with(readings, behind_bullet, takes_lifetime=takes_lifetime, after_others=True)
        if item.indicators:
            return item
    reader = _LineReader(readings, line, takes_lifetime=takes_lifetime, after_others=after_others)
    if match := _SPOOF.match(line):
        return reader.spoof_pair(match.end())
    return reader.indicators()


@dataclass(slots=True)
class _LineReader(RunReader):
    """Goes through the tokens of one line."""

    def indicators(self) -> LineReading:
        self._tokens = tokens(self.line, self._take_run(0), reads=self.readings.reads)
        while not self._is_full and (token := self._next()) is not None:
            problems = len(self._problems)
            if self._starts_rest(token):
                return self._ended(token.start)
            self._weight += self._weight_of(token, is_sound=len(self._problems) == problems)
            if len(self._words) > _MOST_WORDS:
                return self._ended_without_any(token.end)
            if not is_lone_dash(token):
                self._last_end = max(self._last_end, token.end)
            self._go_on_with_run()
        return self._ended_unread() if self._is_full else self._ended(len(self.line))

    def _weight_of(self, token: Token, *, is_sound: bool) -> int:
        """How much a token weighs that was taken, or is a word."""
        if self._words:
            return 0  # so many words are read at most
        if is_sound and plain_link(token.text) is not None:
            return LINKED
        is_plain = not self.readings.has_rules_only or is_lone_dash(token) or token.text.isalpha()
        return PLAIN if is_plain else ODD

    def _ended_unread(self) -> LineReading:
        """A line with more values than people write on one: the rest of it has to be asked about."""
        rest = self.line[self._last_end :].strip(f"{SEPARATORS} \t")
        reading = self._ended(len(self.line))
        if not rest:
            return reading
        problem = unread_problem(rest)
        return replace(reading, problems=(problem, *reading.problems), typed=(*reading.typed, " ".join(rest.split())))

    def _go_on_with_run(self) -> None:
        """Take the run that begins at the next token, if one does."""
        start = self._ahead[0].start if self._ahead else self._last_end
        if (end := self._take_run(start)) > start:
            self._ahead.clear()
            self._tokens = tokens(self.line, end, reads=self.readings.reads)

    def _ended_without_any(self, start: int) -> LineReading:
        """A text, and no list: what it is about is beyond telling, so that the rest isn't read."""
        rest = self.line[start:].strip()
        self._words.append(Token(rest, start, len(self.line), rest))
        return self._ended(len(self.line))

    def spoof_pair(self, start: int) -> LineReading:
        """The pair behind the word `spoof`."""
        pair, end = pair_behind(self.line, start, reads=self.readings.reads)
        self._typed.append(f"spoof {pair}".strip())
        try:
            self._add(self.readings.of_pair(pair))
        except InvalidIndicator as error:
            is_pair = len(split_pair(pair)) == 2
            self._add_problem(
                pair or self.line.strip(),
                error if is_pair else InvalidIndicator(f"{quoted(self.line)} names no pair.", _SPOOF_REMEDY),
            )
        self._last_end = end
        return self._ended(end)

    def _starts_rest(self, token: Token) -> bool:
        """Take the token, and those that belong to it. True when it is what follows the indicators."""
        if self._is_lifetime(token) or (self._has_any and self._is_comment(token)):
            return True
        if is_lone_dash(token) or self._took_words(token):
            return False
        is_prose = self._has_any and not token.is_quoted and looks_like_prose(token.text)
        if not is_prose and self._took(token):
            return False
        if self._has_any or self.after_others:
            return True
        self._words.append(token)
        return False

    def _took_words(self, token: Token) -> bool:
        """Take what is written in words, in several tokens, or in a star."""
        if token.text == "*":
            self._keep(token.text, InvalidIndicator("‘*’ alone names nothing.", _STAR_REMEDY))
            return True
        if self._has_any and self._took_subdomains(token):
            return True
        if not (self._has_any or self._words) and self._took_kind(token):
            return True
        return self._is_joining(token) or self._took_name(token) or self._took_joined(token)

    def _took_kind(self, token: Token) -> bool:
        """Leave out `domain` in front of a domain, and ask where something else stands there.

        Below other lines only where the value is all that follows.
        """
        named = kinds_named(self.line, token.start) if token.text[0].isalpha() else None
        if named is None or self.readings.reads(token.text):
            return False
        start, kinds = named
        value = next(tokens(self.line, start, reads=self.readings.reads), None)
        found = None if value is None or value.start != start else self.readings.of(value.inner)
        if value is None or not (isinstance(found, Indicator) or self.readings.is_attempt(value.inner)):
            return False
        if self.after_others and self.line[value.end :].strip():
            return False
        if isinstance(found, Indicator) and found.kind not in kinds:
            typed, word = self.line[token.start : value.end], self.line[token.start : start].strip()
            may_be_url = found.kind is Kind.DOMAIN and Kind.URL in kinds
            self._keep(typed, stands_before(word, found.kind, found.value, typed=typed, may_be_url=may_be_url))
            self._skip_to(value.end)
        else:
            self._skip_to(start)
        return True

    def _is_comment(self, token: Token) -> bool:
        stands_apart = self.line[self._last_end : token.start].endswith((" ", "\t"))
        return stands_apart and (token.text.startswith("#") or token.text == "//")

    def _is_joining(self, token: Token) -> bool:
        """`and` between two indicators."""
        if not self._has_any or unescape(token.text).lower() not in _JOINING:
            return False
        following = self._peek(1)
        return bool(following) and self._is_meant(following[0])

    def _is_meant(self, token: Token) -> bool:
        return not looks_like_prose(token.text) and (
            self.readings.is_attempt(token.text) or self.readings.reads(token.inner)
        )

    def _took(self, token: Token) -> bool:
        """Read the token. False when it is an ordinary word, which is left to the caller."""
        if (doubt := token.doubt or self._excepted(token)) is not None:
            self._keep(token.text, doubt)
            return True
        text = token.inner
        if not token.is_quoted and self.readings.is_word(text):
            return False
        if text.endswith(":") and not text.endswith("::"):
            text = text[:-1]  # `evil.example: why`
        found = self.readings.of(text)
        if isinstance(found, Indicator):
            if not self._took_as_file(token, text, found):
                self._keep(token.text, found)
            return True
        if token.is_quoted and any(mark.isspace() or mark in SEPARATORS for mark in token.inner):
            return self._took_several(token)
        if not self.readings.is_attempt(token.inner):
            return False
        self._keep(token.text, found)
        return True

    def _excepted(self, token: Token) -> InvalidIndicator | None:
        """Why a value isn't taken that has the mark of an exception in front: `!good.example`."""
        if (
            not token.inner.startswith(("!", "@@"))
            or not self.readings.are_about_new
            or MARKDOWN_LINK.match(token.inner)
        ):
            return None
        exception = exception_in(token.inner)
        is_value = exception is not None and shape_of(token.inner.lstrip("!@|").rstrip("^")) is not None
        return InvalidIndicator(exception.text) if exception is not None and is_value else None

    def _took_as_file(self, token: Token, text: str, found: Indicator) -> bool:
        """Ask whether it is a file's name, which stands beside what the file came from."""
        if found.kind is Kind.DOMAIN and self._has_any and may_be_file(text):
            self._add_problem(token.text, file_or_domain(text))
        elif found.kind is Kind.FILE and (names := [key for key in self._found if _may_be_file(key)]):
            for key in names:
                del self._found[key]
                self._add_problem(key[1], file_or_domain(key[1]))
            self._add(found)
        else:
            return False
        # On one line, so that it is asked again where it is read back.
        self._typed[-1] += f" {token.text}"
        return True

    def _took_several(self, quoted_field: Token) -> bool:
        """Several indicators between quotation marks, as in a cell of a table."""
        inside = read_with(self.readings, quoted_field.inner)
        if inside.problems or inside.rest or not inside.indicators:
            return False
        self._end_words()
        for indicator in inside.indicators:
            self._add(indicator)
        self._typed.extend(inside.typed)
        return True


def _may_be_file(key: tuple[Kind, str]) -> bool:
    return key[0] is Kind.DOMAIN and may_be_file(key[1])
