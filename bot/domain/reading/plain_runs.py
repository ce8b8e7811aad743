"""Runs of tokens that stand for themselves: `evil.example, 203.0.113.7, bob@evil.example`, however long.

Most of what is given is such a run. Token by token it would be asked of each whether it begins a lifetime, a range, a
label, a name in front of an address and so on, which takes several times as long as reading it. Here that is asked of
its text, once, and it comes to the same: a test holds the two ways together.

What a run relies on, for whoever lets more tokens be joined: a token is taken for nothing but itself where it begins
and ends with a letter or a figure, reads as an indicator (or is an attempt at one), is no prose, no file's name or
hash, no netmask, no lifetime, no words for subdomains, and another such token follows, or nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.plain_forms import plain_form
from bot.domain.reading.command_tokens import SEPARATORS, looks_like_prose, may_be_file
from bot.domain.reading.durations import lifetime_at, may_be_lifetime
from bot.domain.reading.joined_values import JoinedReader
from bot.domain.reading.line_reading import CommandProblem, PlainToken, Readings
from bot.domain.reading.line_weight import LONG, ODD, PLAIN

#: What stands before a token, and the token.
_NEXT = re.compile(rf"([\s{SEPARATORS}]*+)((?:\*\.)?(?=[^\W_])[\w.@:/\[\]%~?=+-]*+(?<=[^\W_]))(?=[\s{SEPARATORS}]|\Z)")
_ONLY_SEPARATORS = re.compile(rf"[\s{SEPARATORS}]*\Z")
#: What may belong to another token: a netmask, words that mean subdomains.
_MAY_JOIN = re.compile(r"(?:255|0)\.|.*(?:dom|in[ck]l\.|einschl\.|(?-i:[İıſK]))", re.IGNORECASE)
#: Four numbers are an address or a network, and begin no date and no length.
_ADDRESS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?")


@dataclass(slots=True)
class RunReader(JoinedReader):
    """Takes runs of tokens that stand for themselves."""

    def _take_run(self, start: int) -> int:
        """Take the run that begins at a place between tokens. Where it ends; `start` where there is none."""
        if not self.readings.has_rules_only:
            return start
        end = start
        match, token = self._plain_at(start)
        while match is not None and token is not None and not self._is_full:
            following, next_token = self._plain_at(match.end())
            if next_token is None and _ONLY_SEPARATORS.match(self.line, match.end()) is None:
                break
            if self._may_go_on(match, following, token):
                break
            self._keep_plain(token)
            end = self._last_end = match.end()
            match, token = following, next_token
        return end

    def _plain_at(self, start: int) -> tuple[re.Match[str] | None, PlainToken | None]:
        """Where the next token stands that may be a plain one, and the token if it is."""
        match = _NEXT.match(self.line, start)
        if match is None:
            return None, None
        known, text = self.readings.plain_tokens, match[2]
        if text not in known:
            known[text] = _plain_token(text, self.readings)
        return match, known[text]

    def _keep_plain(self, token: PlainToken) -> None:
        if self._words:
            self._end_words()
        if isinstance(token.found, CommandProblem):
            self._problems.append(token.found)
        else:
            self._found.setdefault((token.found.kind, token.found.value), token.found)
        self._weight += token.weight
        self._typed.append(token.text)

    def _may_go_on(self, match: re.Match[str], following: re.Match[str] | None, token: PlainToken) -> bool:
        """Whether a token may be more than itself where it stands."""
        line, end = self.line, match.end()
        if token.may_begin_lifetime and self.takes_lifetime and lifetime_at(line, match.start(2)) is not None:
            return True
        is_url = "/" in token.text or "?" in token.text
        if is_url and end + 1 < len(line) and not (line[end].isspace() or line[end + 1].isspace()):
            return True  # a comma may belong to it
        # Behind a comma, words with an address in angle brackets behind them are its name.
        if following is None or _separates(following[1]) or not _separates(line[self._last_end : match.start(2)]):
            return False
        return "<" in line or "&lt;" in line


def _plain_token(text: str, readings: Readings) -> PlainToken | None:
    """The token that stands for itself; None for one that has to be looked at where it stands."""
    if _MAY_JOIN.match(text) or readings.is_word(text):
        return None
    is_name = "@" not in text and ("/" in text or not text[-1].isdigit())
    if is_name and (looks_like_prose(text) or may_be_file(text)):
        return None
    found = readings.of(text)
    if isinstance(found, Indicator):
        if found.kind is Kind.FILE:
            return None
        return PlainToken(text, found, _may_begin_lifetime(text), _weight_of(text, found))
    if not readings.is_attempt(text):
        return None
    problem = CommandProblem(text=text, what=found.what, remedy=found.remedy)
    return PlainToken(text, problem, _may_begin_lifetime(text), ODD)


def _weight_of(text: str, found: Indicator) -> int:
    if (":" in text or "=" in text) and plain_form(text) is None:
        return ODD  # a label stands in front
    return LONG if found.kind is Kind.URL or not text.isascii() or "xn--" in found.value else PLAIN


def _may_begin_lifetime(text: str) -> bool:
    return _ADDRESS.fullmatch(text) is None and may_be_lifetime(text, 0)


def _separates(text: str) -> bool:
    return "," in text or ";" in text
