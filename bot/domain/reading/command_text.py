"""Reading the text of a slash command, and the lines of a form's field.

The grammar: indicators first, separated by spaces, commas, semicolons or newlines; then, if wanted, a lifetime; the
rest is the reason. A spoof pair starts with the word `spoof`. `help` or `?` alone asks for help. Where a command is
about entries that exist, `block` or `allow` may stand in front, to say which of the two lists is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.reader import read
from bot.domain.indicators.spoof_pairs import split_pair
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import BIDI_CONTROLS, DASHES, plain_quotes, quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.command_tokens import (
    Token,
    is_lone_dash,
    looks_like_attempt,
    looks_like_prose,
    range_from,
    tokens,
)
from bot.domain.reading.durations import Lifetime, looks_like_duration, looks_like_length, read_lifetime
from bot.domain.reading.listed import Listed, read_listed
from bot.errors import InvalidDuration, InvalidIndicator

_HELP = re.compile(rf"help|\?|[{re.escape(DASHES)}]{{1,2}}h(?:elp)?", re.IGNORECASE)
_TARGET = re.compile(r"\s*(block|allow)(?:ed)?(?=\s|$)[\s:]*", re.IGNORECASE)
_SPOOF = re.compile(r"\s*spoof(?:ed|ing)?\b(?![.@/])[\s:]*", re.IGNORECASE)
_WORDS_REMEDY = "Type what it is about first: an IP address, a domain, a mail address, a URL or a file's SHA-256."
_SPOOF_REMEDY = "Type a pair such as: spoof fabrikam.com, 203.0.113.0/24"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandProblem:
    """A part of what was typed that can't be used: what is wrong with it, and what would be right."""

    text: str
    what: str
    remedy: str = ""
    about_lifetime: bool = False  #: it concerns how long, not what

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandText:
    """What a slash command's text says.

    `typed` has the indicators as they were typed, those with problems included, one a line: it fills the form's field,
    and `read_lines` reads it back. With neither indicators nor problems nothing was typed that says what.
    """

    indicators: tuple[Indicator, ...] = ()
    problems: tuple[CommandProblem, ...] = ()
    lifetime: Lifetime | None = None
    reason: str = ""
    wants_help: bool = False
    typed: str = ""


@dataclass(slots=True)
class _Found:
    """What has been read so far. An indicator counts once, however often it was typed."""

    accepted_domains: frozenset[str]
    listed: Listed | None = None  #: the entries that there are, where the text is about such
    indicators: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    problems: list[CommandProblem] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)  #: words that are no indicators, one after the other

    def add(self, indicator: Indicator) -> None:
        self.end_words()
        self.indicators.setdefault((indicator.kind, indicator.value), indicator)

    def add_problem(self, text: str, error: InvalidIndicator) -> None:
        self.end_words()
        self.problems.append(CommandProblem(text=text, what=error.what, remedy=error.remedy))

    def end_words(self) -> None:
        if self.words:
            text = " ".join(self.words)
            self.words.clear()
            self.typed.append(text)
            what = f"{quoted(text)} names nothing to list."
            self.problems.append(CommandProblem(text=text, what=what, remedy=_WORDS_REMEDY))

    def take(self, token: Token) -> bool:
        """Read the token as an indicator. False when it is an ordinary word, which is left to the caller."""
        try:
            self.add(read_listed(token.text, self.listed, accepted_domains=self.accepted_domains))
        except InvalidIndicator as error:
            if not looks_like_attempt(token.text):
                return False
            self.add_problem(token.text, error)
        self.typed.append(" ".join(token.text.split()))
        return True

    @property
    def nothing_yet(self) -> bool:
        return not self.indicators and not self.problems


def read_target(text: str) -> tuple[Action | None, str]:
    """The `block` or `allow` that a text starts with, and what follows it; without one, None and the whole text.

    For the commands that change entries, where one and the same value can be in either list.
    """
    match = _TARGET.match(text)
    if match is None:
        return None, text
    return Action(match[1].lower()), text[match.end() :]


def read_command(
    text: str,
    *,
    today: date,
    accepted_domains: frozenset[str] = frozenset(),
    takes_lifetime: bool = True,
    listed: Listed | None = None,
) -> CommandText:
    """Read the text behind a slash command. Never raises, whatever the text: what can't be used is in `problems`.

    Reading stops being about indicators at the first lifetime, and at the first word that reads as no indicator, or
    only by chance (`Readme.md`), once there was at least one and the word doesn't look like an attempt at one. `today`
    (UTC) is what an end date must not be before. Without `takes_lifetime` a lifetime is the beginning of the reason, as
    in a note. `listed` has the entries that exist, for a command that is about such: see `read_listed`.
    """
    if _HELP.fullmatch(text.strip()):
        return CommandText(wants_help=True)
    found = _Found(accepted_domains=accepted_domains, listed=listed)
    if match := _SPOOF.match(text):
        rest_from = _read_spoof_pair(text, match.end(), found)
    else:
        rest_from = _read_indicators(text, found)
    lifetime, reason = _read_rest(text, rest_from, found, today=today, takes_lifetime=takes_lifetime)
    return CommandText(
        indicators=tuple(found.indicators.values()),
        problems=tuple(found.problems),
        lifetime=lifetime,
        reason=reason,
        typed="\n".join(found.typed),
    )


def read_lines(
    text: str, *, accepted_domains: frozenset[str] = frozenset(), listed: Listed | None = None
) -> tuple[list[Indicator], list[CommandProblem]]:
    """Read a form's field of indicators, one a line. Never raises.

    A line `user, infrastructure` is a spoof pair. A line with several indicators in it is read like a command's, but
    for the reason, for which the form has a field: whatever is no indicator is a problem. Duplicates collapse.
    `listed` is as in `read_command`.
    """
    found = _Found(accepted_domains=accepted_domains, listed=listed)
    for line in text.splitlines():
        if line.strip():
            _read_line(line.strip(), found)
    return list(found.indicators.values()), found.problems


def _read_indicators(text: str, found: _Found) -> int:
    """Read up to the lifetime or the reason, and return where that starts."""
    pieces = list(tokens(text))
    index = 0
    while index < len(pieces):
        token = pieces[index]
        if _lifetime_at(pieces, index, text):
            found.end_words()
            return token.start
        if joined := range_from(token, _until_lifetime(pieces, index, text), text):
            found.take(joined)
            index = next((at for at in range(index, len(pieces)) if pieces[at].start >= joined.end), len(pieces))
            continue
        if listed_end := found.listed.starts_at(text, token.start) if found.listed else None:
            found.take(Token(text[token.start : listed_end], token.start, listed_end))
            index = next((at for at in range(index, len(pieces)) if pieces[at].start >= listed_end), len(pieces))
            continue
        if not found.nothing_yet and looks_like_prose(token.text):
            return token.start
        if not is_lone_dash(token) and not found.take(token):
            if not found.nothing_yet:
                return token.start
            found.words.append(token.text)
        index += 1
    found.end_words()
    return len(text)


def _until_lifetime(pieces: Sequence[Token], index: int, text: str) -> list[Token]:
    """The next tokens, three at most, up to a lifetime."""
    following = []
    for at in range(index + 1, min(index + 4, len(pieces))):
        if _lifetime_at(pieces, at, text):
            break
        following.append(pieces[at])
    return following


def _lifetime_at(pieces: Sequence[Token], index: int, text: str) -> Token | None:
    """The lifetime that starts here, in one word (`7d`) or in two (`7 days`); None when none does."""
    first, *further = pieces[index : index + 3]
    if looks_like_duration(first.text):
        return first
    if not further or not text[first.end : further[0].start].isspace():
        return None
    if not looks_like_length(first.text, further[0].text):
        return None
    # `2 days ago` says when something happened.
    if len(further) > 1 and unwrap(further[1].text).lower() == "ago":
        return None
    return Token(f"{first.text} {further[0].text}", first.start, further[0].end)


def _read_rest(
    text: str, start: int, found: _Found, *, today: date, takes_lifetime: bool
) -> tuple[Lifetime | None, str]:
    """The lifetime, if there is one, and the reason."""
    pieces = list(islice((token for token in tokens(text, start) if not is_lone_dash(token)), 3))
    if not pieces:
        return None, ""
    typed = _lifetime_at(pieces, 0, text) if takes_lifetime else None
    if typed is None:
        return None, _tidy_reason(text[pieces[0].start :])
    lifetime = None
    try:
        lifetime = read_lifetime(typed.text, today=today)
    except InvalidDuration as error:
        found.problems.append(
            CommandProblem(text=typed.text, what=error.what, remedy=error.remedy, about_lifetime=True)
        )
    return lifetime, _tidy_reason(text[typed.end :])


def _tidy_reason(text: str) -> str:
    """One line with plain quotation marks, without what can't be stored or would turn the text around."""
    kept = "".join(map(_kept, plain_quotes(text)))
    return " ".join(kept.split()).lstrip(f"{DASHES},;: ")


def _kept(character: str) -> str:
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) in {"Cc", "Cs"} or character in BIDI_CONTROLS else character


def _read_spoof_pair(text: str, start: int, found: _Found) -> int:
    """Read the pair behind the word `spoof`, and return where the lifetime or the reason starts."""
    first, *others = split_pair(text[start:])
    if others:
        user, after = first, start + len(first) + 1
    else:
        # `spoof user infrastructure`: with the word in front there is no doubt what the two are.
        head = next(tokens(text, start), None)
        user, after = (head.text, head.end) if head else ("", len(text))
    infrastructure = next(tokens(text, after), None)
    end = infrastructure.end if infrastructure else len(text)
    pair = f"{user.strip()}, {infrastructure.text if infrastructure else ''}".strip(" ,")
    found.typed.append(pair)
    try:
        found.add(read_listed(pair, found.listed, kind=Kind.SPOOF_PAIR, accepted_domains=found.accepted_domains))
    except InvalidIndicator as error:
        is_pair = len(split_pair(pair)) == 2
        mended = error if is_pair else InvalidIndicator(f"{quoted(text)} names no pair.", _SPOOF_REMEDY)
        found.add_problem(pair, mended)
    return end


def _read_line(line: str, found: _Found) -> None:
    if match := _SPOOF.match(line):
        line = line[match.end() :]
    try:
        found.add(read_listed(line, found.listed, accepted_domains=found.accepted_domains))
    except InvalidIndicator as whole:
        of_line = _Found(accepted_domains=found.accepted_domains, listed=found.listed)
        pieces = list(tokens(line))
        for token in pieces:
            if not of_line.take(token):
                of_line.words.append(token.text)
        of_line.end_words()
        if (of_line.problems and len(pieces) < 2) or _is_meant_as_pair(line):
            found.add_problem(line, whole)  # its own error says it best
            return
        for indicator in of_line.indicators.values():
            found.add(indicator)
        found.problems.extend(of_line.problems)


def _is_meant_as_pair(line: str) -> bool:
    """Whether a line with one comma has a first part that can be a spoofed user: never two entries by accident."""
    parts = split_pair(line)
    if len(parts) != 2:
        return False
    try:
        return read(parts[0]).kind in {Kind.DOMAIN, Kind.ADDRESS}
    except InvalidIndicator:
        return parts[0].strip() == "*"
