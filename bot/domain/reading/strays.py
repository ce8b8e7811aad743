"""What stands in a reason, and may be meant to be listed: `30d evil2.example`, `phish evil2.example`, `subdomains`.

A reason may well name a page, a colleague or a victim, so that nothing is taken from it. Where no sentence says what
the thing is, it is asked about: else somebody would take it for listed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from bot.domain.indicators.indicator import Indicator, Kind, NoteCode
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_rests import is_lifetime
from bot.domain.reading.command_tokens import Token, is_lone_dash, looks_like_prose, may_be_file, tokens
from bot.domain.reading.durations import lifetime_at
from bot.domain.reading.further_words import meant_otherwise
from bot.domain.reading.line_reading import CommandProblem, Readings
from bot.domain.reading.reason_text import NAMED
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.stray_words import (
    BY,
    DOES,
    EXCEPTING,
    EXCEPTING_PAIRS,
    JOINING,
    ON_THE_WAY,
    ON_THE_WAY_FIRST,
    ONLY_NAMED,
    STATES,
    SUFFERED,
)
from bot.domain.reading.subdomains import subdomains_told

_TOO = "is it to be listed too?"
_INSTEAD_REMEDY = "Write only what is to be listed in front."
_PIECE_REMEDY = "If so, write %20 for the space, and leave none where none belongs."
_SPACE_REMEDY = "Write what is to be listed in full, and put a space in front of a remark."
_REMEDY = "If so, put it in front, on a line of its own."
_SUBDOMAINS_REMEDY = "If so, write it before the reason: evil.example and subdomains; or write *.evil.example."
_SPF_REMEDY = "If so, put the record on a line of its own, in front of the reason."
_CELL = re.compile(r"[,;]")
#: A link's last piece, behind a space that belonged to it: `file.php?id=1`, `2026.pdf`.
_PIECE = re.compile(
    r"[\w%~+./-]*\.(?:php|aspx?|html?|jsp|cgi|js|pdf|zip|rar|7z|iso|exe|msi|docx?|docm|xlsx?|xlsm|png|jpe?g|gif)(?:[?#]\S*)?|"
    r"[\w%~+./-]*\?[\w%-]+=\S*",
    re.IGNORECASE,
)
_PATH = re.compile(r"/[\w%~-]{2,}\S*")
#: What is a link or a host, at the end of a word. One that is longer than any link is looked at no further: that takes
#: as long as it has characters, for each of them.
_LINK_END = re.compile(r"(?:^|[<(,;])(?:[a-z*]{3,6}://)?[^/,;<>]*\.[^/,;<>]+(?P<path>/[^<>]*)?>?\Z", re.IGNORECASE)
_LONGEST_LINK = 2_048
_SPF = re.compile(r"v=spf1\b", re.IGNORECASE)
_BARE = "\"“”'`()[]{}<>,;:.!?…-–—"
#: Whatever can be listed has one of these.
_MARKS = re.compile(r"[.:@。．]|dot|[0-9a-fA-F]{32}", re.IGNORECASE)
#: The same of what has no slash and no question mark in it, where a `dot` counts in brackets only.
_CLOSER_MARKS = re.compile(r"[/?.:@。．]|[\[({]\s?dot|[0-9a-fA-F]{32}", re.IGNORECASE)
#: What may stand at the ends of a word because brackets or a sentence begin or end there.
_OUTSIDE = frozenset("([{)]}.!?:…")
#: So many values of a reason are read at most.
_MOST_READ = 24


def glued_in(line: str, rest: str) -> str:
    """The word of a rest that stands right behind the comma of an indicator, as the next of a list does; else empty.

    Several words, and what says by a mark or a word that it is a reason, are no value of a list; nor is the cell of a
    row that says how long in a cell of its own.
    """
    before = line.rstrip().removesuffix(rest)
    if not rest[:1].isalnum() or not before.endswith((",", ";")) or NAMED.match(rest):
        return ""
    word, _, behind = rest.partition(" ")
    if any(is_lifetime(cell.strip()) for cell in _CELL.split(rest)):
        return ""
    is_alone = not behind.strip() or lifetime_at(behind.lstrip(), 0) is not None
    return word if is_alone else ""


def glued_problem(word: str, *, may_stay: bool) -> CommandProblem:
    """What to ask about such a word."""
    what = f"{quoted(word)} stands right behind a comma: is it to be listed too, or is it the reason?"
    remedy = "Write what is to be listed in full, on a line of its own." if may_stay else _SPACE_REMEDY
    return CommandProblem(text=word, what=what, remedy=remedy, about_reason=True, may_stay=may_stay)


def continued_in(line: str, rest: str) -> str:
    """The word of a rest that may be a part of the link in front of it, though a space stands between; else empty."""
    before = line.rstrip().removesuffix(rest)
    if not rest or not before[-1:].isspace():
        return ""
    [*_, last] = before.rsplit(maxsplit=1) or [""]
    link = _LINK_END.search(last) if len(last) <= _LONGEST_LINK else None
    word = rest.split(maxsplit=1)[0]
    if link is None:
        return ""
    is_piece = len(link["path"] or "") > 1 and _PIECE.fullmatch(word.rstrip(".,;:!)")) is not None
    return word if is_piece or (not link["path"] and _PATH.fullmatch(word) is not None) else ""


def continued_problem(word: str) -> CommandProblem:
    """What to ask about such a word."""
    what = f"{quoted(word)} stands behind a link: is it a part of it, with a space between?"
    return CommandProblem(text=word, what=what, remedy=_PIECE_REMEDY, about_reason=True, may_stay=True)


def strays_in(
    reason: str, readings: Readings, *, found: Collection[tuple[Kind, str]], place: str = "reason"
) -> Iterator[CommandProblem]:
    """What is to be asked about a reason or a remark: words by which something else is meant than what stands before
    it, the first thing in it that can be listed, and `subdomains`.

    `found` is what is listed already. `reason` is one line; `place` is the word for it.
    """
    if (otherwise := meant_otherwise(reason, found, place=place)) is not None:
        yield otherwise
    domains = {value for kind, value in found if kind is Kind.DOMAIN}
    words = subdomains_told(reason) if domains and not any(value.startswith("*.") for value in domains) else None
    if words is not None:
        what = f"{quoted(words)} stands in the {place}: are the subdomains to be listed too?"
        yield CommandProblem(text=words, what=what, remedy=_SUBDOMAINS_REMEDY, about_reason=True, may_stay=True)
    if _SPF.search(reason):
        what = f"An SPF record stands in the {place}: are the networks that it names to be listed?"
        yield CommandProblem(text="v=spf1", what=what, remedy=_SPF_REMEDY, about_reason=True, may_stay=True)
    elif _may_hold_value(reason) and (stray := _Reason(reason, readings, found).stray()):
        typed, what = stray
        remedy = _REMEDY if what == _TOO else _INSTEAD_REMEDY
        if place != "reason":
            remedy = f"{remedy} If not, leave it out of the {place}."
        what = f"{quoted(typed)} stands in the {place}: {what}"
        yield CommandProblem(text=typed, what=what, remedy=remedy, about_reason=True, may_stay=True)


class _Reason:
    """Goes through the words of a reason, up to the first value that has to be asked about."""

    def __init__(self, reason: str, readings: Readings, found: Collection[tuple[Kind, str]]) -> None:
        self._reason = reason
        self._readings = readings
        self._known = {value for _, value in found}
        self._words = ("", "")  #: the two words before
        self._start = 0  #: where the first of them begins
        self._previous = 0
        self._count = 0

    def stray(self) -> tuple[str, str] | None:
        """What has to be asked about, and the question; None where every value is only named."""
        is_excused = False
        candidate = ""
        read = 0
        for token in tokens(self._reason, reads=self._readings.reads):
            word = _bare(token.text)
            if candidate:
                if word not in DOES:
                    return candidate, _TOO
                candidate, is_excused = "", True
            if word and not is_lone_dash(token) and (token.doubt is not None or self._may_be_indicator(token)):
                read += 1
                is_named = self._words[1] in ONLY_NAMED or (is_excused and self._words[1] in JOINING | {""})
                instead = self._instead(token)
                # What is only named needn't be read, which takes its time.
                if (instead is None and is_named) or not (token.doubt is not None or self._is_indicator(token)):
                    is_excused = is_named
                elif instead is not None:
                    return instead
                else:
                    candidate = token.text
                if read > _MOST_READ:
                    return None
                self._took("", token)
            elif word or token.text in ON_THE_WAY:
                self._took(word or token.text, token)
                is_excused = is_excused and word in JOINING
        return (candidate, _TOO) if candidate else None

    def _took(self, word: str, token: Token) -> None:
        self._start = self._previous if self._count else token.start
        self._previous = token.start
        self._words = (self._words[1], word)
        self._count += 1

    def _instead(self, token: Token) -> tuple[str, str] | None:
        """Ask about a value that stands behind words after which it may be what is meant, or what isn't."""
        before, last = self._words
        typed = self._reason[self._start : token.end].strip()
        if (before, last) in EXCEPTING_PAIRS or (last in EXCEPTING and before not in STATES):
            return typed, "an entry has no exceptions, so that it isn't clear what is meant."
        if last in BY and before in SUFFERED:
            return typed, "what stands in front of it may be the victim."
        is_first = self._count == 1 or (self._count == 2 and self._words in ON_THE_WAY_FIRST)
        if (is_first and last in ON_THE_WAY) or (before, last) in ON_THE_WAY_FIRST:
            return typed, "which of the two is to be listed?"
        return None

    def _may_be_indicator(self, token: Token) -> bool:
        is_outside = token.inner[:1] in _OUTSIDE or token.inner[-1:] in _OUTSIDE
        text = unwrap(token.inner) if is_outside else token.inner
        return not (shape_of(text) is None or (not token.is_quoted and looks_like_prose(text)) or may_be_file(text))

    def _is_indicator(self, token: Token) -> bool:
        found = self._readings.of(token.inner)
        return (
            isinstance(found, Indicator) and found.value not in self._known and not found.has_note(NoteCode.OWN_DOMAIN)
        )


def _bare(text: str) -> str:
    return text.strip(_BARE).lower()


def _may_hold_value(reason: str) -> bool:
    return _MARKS.search(reason) is not None and _CLOSER_MARKS.search(reason) is not None
