"""Going through the tokens of one line: which are indicators, which belong together, where the rest begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.labels import is_label
from bot.domain.indicators.link_forms import unlink
from bot.domain.indicators.refanging import refang_wholly
from bot.domain.indicators.spoof_pairs import split_pair
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import DASHES, quoted, unescape
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
from bot.domain.reading.display_names import address_behind, name_or_second
from bot.domain.reading.durations import lifetime_at, may_be_lifetime
from bot.domain.reading.line_reading import CommandProblem, LineReading, Readings, words_problem
from bot.domain.reading.other_lines import name_in_hosts_file, read_form
from bot.domain.reading.reason_text import is_descriptive
from bot.domain.reading.spaced_ranges import may_be_range, range_from
from bot.domain.reading.spoof_words import pair_behind
from bot.domain.reading.subdomains import SUBDOMAINS_REMEDY, joined_at, subdomains_at, whose_subdomains
from bot.errors import InvalidIndicator

_SPOOF = re.compile(r"(?:[\"'“]\s{0,3})?spoof(?:ed|ing)?\b(?![.@/])[\s:]*", re.IGNORECASE)
_JOINING = frozenset({"and", "und", "et", "&", "+", "plus", "sowie"})
_MARKS = re.compile(rf"[{SEPARATORS}\t]|(?:^|\s)[{re.escape(DASHES)}]{{1,3}}(?=\s|$)|:\s*$")
#: So many words stand before an indicator at most.
_MOST_WORDS = 100
#: So many words has a display name at most.
_LONGEST_NAME = 8
#: A label of several words.
_LABEL_OF_WORDS = re.compile(r"[^\W\d_]{1,20}(?: [^\W\d_]{1,20}){1,2} ?[:=](?=\s)")
#: So many tokens has such a label and its value at most.
_MOST_IN_LABEL = 4
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
    if not after_others:
        line = without_bullet(line)
    reader = _LineReader(readings, line, takes_lifetime=takes_lifetime, after_others=after_others)
    if match := _SPOOF.match(line):
        return reader.spoof_pair(match.end())
    return reader.indicators()


@dataclass(slots=True)
class _LineReader:
    """Goes through the tokens of one line. An indicator counts once, however often it was typed."""

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

    def indicators(self) -> LineReading:
        self._tokens = tokens(self.line, reads=self.readings.reads)
        while (token := self._next()) is not None:
            if self._starts_rest(token):
                return self._ended(token.start)
            if len(self._words) > _MOST_WORDS:
                return self._ended_without_any(token.end)
            if not is_lone_dash(token):
                self._last_end = max(self._last_end, token.end)
        return self._ended(len(self.line))

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

    def _ended(self, start: int) -> LineReading:
        self._end_words()
        gap = self.line[self._last_end : start]
        rest = self.line[start:].strip()
        is_marked = bool(_MARKS.search(gap) or _MARKS.match(rest) or rest.startswith(("#", "//", '"', "“", "(")))
        return LineReading(
            indicators=tuple(self._found.values()),
            problems=tuple(self._problems),
            typed=tuple(self._typed),
            rest=rest,
            is_marked=bool(rest) and bool(self._found or self._problems) and is_marked,
        )

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
        return self._is_joining(token) or self._took_name(token) or self._took_joined(token)

    def _is_lifetime(self, token: Token) -> bool:
        if not self.takes_lifetime or not (token.text[0].isalnum() or token.is_quoted):
            return False
        at = token.start + (1 if token.is_quoted else 0)
        found = lifetime_at(self.line, at) if may_be_lifetime(self.line, at) else None
        if found is None or is_descriptive(found, self.line):
            return False
        return self._has_any or not self._words or not (found.length is not None and found.length.in_words)

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

    def _took_subdomains(self, token: Token) -> bool:
        """`and subdomains`: the domains of the line once more, with `*.` before them, or those that are named."""
        words = subdomains_at(self.line, token.start)
        if words is None:
            return False
        domains = [found for found in self._found.values() if found.kind is Kind.DOMAIN]
        typed = self.line[token.start : words.end]
        if words.target and (words.has_of or self._is_domain(words.target)):
            if not words.has_of and any(_is_below(words.target, domain.value) for domain in domains):
                self._skip_to(words.end)  # `and subdomain www.evil.example` names the one
                return True
            typed = self.line[token.start : words.target_end]
            if words.has_of and self._is_domain(words.target) and not self._goes_on(words.target_end):
                target = self.readings.of(words.target)
                domains = [target] if isinstance(target, Indicator) else []
            else:
                self._add_problem(typed, whose_subdomains(typed))
                self._typed[-1] += f" {typed}"  # on one line, so that it is asked again where it is read back
                self._skip_to(words.target_end)
                return True
        if not domains:
            self._add_problem(typed, InvalidIndicator(f"{quoted(typed)} stands behind no domain.", SUBDOMAINS_REMEDY))
            self._typed.append(typed)
        for domain in domains:
            if not domain.value.startswith("*."):
                self._keep(f"*.{domain.value}", self.readings.of(f"*.{domain.value}"))
        self._skip_to(words.target_end if words.has_of else words.end)
        return True

    def _is_domain(self, text: str) -> bool:
        found = None if self.readings.is_word(text) else self.readings.of(text)
        return isinstance(found, Indicator) and found.kind is Kind.DOMAIN

    def _goes_on(self, end: int) -> bool:
        """Whether another domain follows, joined to the one before, so that it can be meant as well."""
        following = joined_at(self.line, end)
        return bool(following) and self._is_domain(following)

    def _took_joined(self, token: Token) -> bool:
        """What stands in several tokens: a range with spaces in it, a label and its value, a name and its address."""
        following = self._peek(1)
        joined = self._spaced(token, ahead=0)
        if joined is None and following and (label := self._label(token)) is not None:
            following = [behind for behind in self._peek(_MOST_IN_LABEL) if behind.start >= label.end][:1]
            joined = self._labelled(label, following[0]) if following else None
        if joined is None and not self._has_any and self._words:
            joined = self._named(token)
        elif joined is None and self._has_any and _separates(self.line[self._last_end : token.start]):
            joined = self._named_next(token)
        if joined is None and (end := self.readings.listed_end(self.line, token.start)) is not None:
            text = self.line[token.start : end]
            joined = Token(text, token.start, end, text)
        if joined is None:
            return False
        self._keep(joined.text, joined.doubt or self.readings.of(joined.inner))
        self._skip_to(joined.end)
        return True

    def _spaced(self, first: Token, *, ahead: int) -> Token | None:
        """The range or network that begins with a token; `ahead` is how many tokens are ahead up to that one."""
        following = self._peek(ahead + 1)[ahead:]
        if not following or not may_be_range(first, following[0]):
            return None
        following = self._until_lifetime(self._peek(ahead + 3)[ahead:])
        return range_from(first, following, self.line, is_ip=self.readings.is_ip)

    def _took_name(self, token: Token) -> bool:
        """`ceo@good.example <eve@evil.example>`: a name that could be listed, with its address."""
        behind = address_behind(self.line, token.end)
        if behind is None or (token.text.startswith(("<", "&lt;")) and not token.text.startswith("<mailto:")):
            return False
        name, address = self.readings.of(token.inner), self.readings.of(behind.address)
        if not (isinstance(name, Indicator) and isinstance(address, Indicator) and address.kind is Kind.ADDRESS):
            return False
        start = self._words[0].start if self._words and not self._has_any else token.start
        text = self.line[start : behind.end]
        if name.value == address.value:
            self._keep(behind.address, address)
        elif name.kind is Kind.ADDRESS and behind.is_sure:
            self._words.clear()
            self._keep(
                text, self.readings.of(f"{self.line[start : token.start]}{unlink(token.text)} <{behind.address}>")
            )
        elif behind.is_sure or name.kind is Kind.ADDRESS:
            self._keep(text, name_or_second(token.inner, address.value))
        else:
            return False
        self._skip_to(behind.end)
        return True

    def _label(self, first: Token) -> Token | None:
        """`From:`, `Source IP:`, with the word in front of the last one in it."""
        if is_label(first.text):
            return first
        match = _LABEL_OF_WORDS.match(self.line, first.start) if first.text.isalpha() else None
        if match is None or not is_label(match[0]):
            return None
        return Token(match[0], first.start, match.end(), match[0])

    def _labelled(self, label: Token, value: Token) -> Token | None:
        behind = address_behind(self.line, value.end)
        if behind is not None and behind.is_sure and self.readings.reads(value.inner):
            text = f"{label.text} {unlink(value.text)} <{behind.address}>"
            if self.readings.reads(text):
                return Token(self.line[label.start : behind.end], label.start, behind.end, text)
        if (spaced := self._spaced(value, ahead=sum(token.start <= value.start for token in self._ahead))) is not None:
            text = f"{label.text} {spaced.text}"
            return Token(text, label.start, spaced.end, text)
        text = f"{label.text} {value.inner}"
        if not (self.readings.reads(text) or self.readings.is_attempt(value.text)):
            return None
        return Token(text, label.start, value.end, text)

    def _named(self, token: Token) -> Token | None:
        """A display name without quotation marks, before its address."""
        if len(self._words) > _LONGEST_NAME or not token.text.startswith(("<", "&lt;", "[")):
            return None
        behind = address_behind(self.line, self._words[-1].end)
        if behind is None or not behind.is_sure:
            return None
        start = self._words[0].start
        text = f"{self.line[start : self._words[-1].end]} <{behind.address}>"
        if not self.readings.reads(text):
            return None
        self._words.clear()
        return Token(self.line[start : behind.end], start, behind.end, text)

    def _named_next(self, first: Token) -> Token | None:
        """The same behind a comma or semicolon, as in a list of recipients."""
        for token in self._peek(_LONGEST_NAME):
            if _separates(self.line[first.start : token.start]):
                return None
            if token.text.startswith(("<", "&lt;")):
                text = self.line[first.start : token.end]
                is_named = "@" in token.text and not token.text.lower().startswith("<mailto:")
                reads = is_named and self.readings.reads(text)
                return Token(text, first.start, token.end, text) if reads else None
        return None

    def _took(self, token: Token) -> bool:
        """Read the token. False when it is an ordinary word, which is left to the caller."""
        if token.doubt is not None:
            self._keep(token.text, token.doubt)
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

    def _end_words(self) -> None:
        if self._words:
            text = " ".join(token.text for token in self._words)
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

    def _until_lifetime(self, following: list[Token]) -> list[Token]:
        at = next((index for index, token in enumerate(following) if self._is_lifetime(token)), len(following))
        return following[:at]

    def _skip_to(self, end: int) -> None:
        self._ahead = [token for token in self._ahead if token.start >= end]
        if not self._ahead:
            self._tokens = tokens(self.line, end, reads=self.readings.reads)
        self._last_end = end


def _is_below(text: str, domain: str) -> bool:
    return refang_wholly(unwrap(text)).lower().endswith(f".{domain.removeprefix('*.')}")


def _may_be_file(key: tuple[Kind, str]) -> bool:
    return key[0] is Kind.DOMAIN and may_be_file(key[1])


def _separates(text: str) -> bool:
    return "," in text or ";" in text
