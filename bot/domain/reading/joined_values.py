"""What stands in several tokens of a line: ranges, labels with their values, names with addresses, `and subdomains`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.labels import is_label
from bot.domain.indicators.link_forms import MARKDOWN_LINK, unlink
from bot.domain.indicators.refanging import refang_wholly
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_tokens import (
    Token,
)
from bot.domain.reading.display_names import address_behind, in_brackets, name_or_second
from bot.domain.reading.durations import lifetime_at, may_be_lifetime
from bot.domain.reading.line_state import LineState
from bot.domain.reading.reason_text import is_descriptive
from bot.domain.reading.short_lists import short_list_at
from bot.domain.reading.spaced_ranges import may_be_range, range_from
from bot.domain.reading.subdomains import SUBDOMAINS_REMEDY, joined_at, subdomains_at, whose_subdomains
from bot.errors import InvalidIndicator

#: So many words has a display name at most.
_LONGEST_NAME = 8
#: A label of several words.
_LABEL_OF_WORDS = re.compile(r"[^\W\d_]{1,20}(?: [^\W\d_]{1,20}){1,2} ?[:=](?=\s)")
#: So many tokens has such a label and its value at most.
_MOST_IN_LABEL = 4


@dataclass(slots=True)
class JoinedReader(LineState):
    """Takes what stands in several tokens. Each method says whether, or what, it took."""

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
        joined = self._spaced(token, ahead=0) or self._short_list(token)
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

    def _short_list(self, first: Token) -> Token | None:
        """`203.0.113.7,8,9`, which has to be asked about."""
        return short_list_at(self.line, first.start) if first.text[0].isdigit() else None

    def _spaced(self, first: Token, *, ahead: int) -> Token | None:
        """The range or network that begins with a token; `ahead` is how many tokens are ahead up to that one."""
        following = self._peek(ahead + 1)[ahead:]
        if not following or not may_be_range(first, following[0]):
            return None
        following = self._until_lifetime(self._peek(ahead + 3)[ahead:])
        return range_from(first, following, self.line, is_ip=self.readings.is_ip)

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

    def _took_name(self, token: Token) -> bool:
        """`ceo@good.example <eve@evil.example>`: a name that could be listed, with its address."""
        behind = address_behind(self.line, token.end)
        if behind is None:
            return self._took_described(token)
        if token.text.startswith(("<", "&lt;")) and not token.text.startswith("<mailto:"):
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

    def _took_described(self, token: Token) -> bool:
        """`evil.example (203.0.113.9)`: the second may be meant as well, or say more about the first."""
        if not token.text.startswith(("(", "[")) or not (self._found and self.readings.are_about_new):
            return False
        between = self.line[max(self._last_end - 1, 0) : token.start]
        if between[:1] in ")]" or between[1:].strip() or MARKDOWN_LINK.match(token.text):
            return False
        second = self.readings.of(token.inner)
        if not isinstance(second, Indicator) or second.kind in {Kind.IPV6, Kind.IPV6_NETWORK}:
            return False  # an IPv6 address is written in brackets
        if (second.kind, second.value) in self._found:
            return False
        self._add_problem(token.text, in_brackets(token.text))
        # On one line, so that it is asked again where it is read back.
        self._typed[-1] += f" {token.text}"
        return True

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
        if "<" not in self.line and "&lt;" not in self.line:
            return None
        for token in self._peek(_LONGEST_NAME):
            if _separates(self.line[first.start : token.start]):
                return None
            if token.text.startswith(("<", "&lt;")):
                text = self.line[first.start : token.end]
                is_named = "@" in token.text and not token.text.lower().startswith("<mailto:")
                reads = is_named and self.readings.reads(text)
                return Token(text, first.start, token.end, text) if reads else None
        return None

    def _is_lifetime(self, token: Token) -> bool:
        if not self.takes_lifetime or not (token.text[0].isalnum() or token.is_quoted):
            return False
        at = token.start + (1 if token.is_quoted else 0)
        found = lifetime_at(self.line, at) if may_be_lifetime(self.line, at) else None
        if found is None or is_descriptive(found, self.line):
            return False
        return self._has_any or not self._words or not (found.length is not None and found.length.in_words)

    def _until_lifetime(self, following: list[Token]) -> list[Token]:
        at = next((index for index, token in enumerate(following) if self._is_lifetime(token)), len(following))
        return following[:at]


def _is_below(text: str, domain: str) -> bool:
    return refang_wholly(unwrap(text)).lower().endswith(f".{domain.removeprefix('*.')}")


def _separates(text: str) -> bool:
    return "," in text or ";" in text
