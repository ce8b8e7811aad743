"""What one line says: indicators, problems, and what stands behind them; and reading each of its values once."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.command_tokens import looks_like_attempt
from bot.domain.reading.listed import Listed, read_listed
from bot.domain.reading.reason_text import tidy
from bot.domain.reading.shapes import says_nothing
from bot.errors import InvalidIndicator

WORDS_REMEDY = "Type what it is about first: an IP address, a domain, a mail address, a URL or a file's SHA-256."


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandProblem:
    """A part of what was typed that can't be used: what is wrong with it, and what would be right."""

    text: str
    what: str
    remedy: str = ""
    about_lifetime: bool = False  #: it concerns how long, not what
    about_reason: bool = False  #: it concerns what stands in the reason, and so is no line of the indicators
    may_stay: bool = False  #: who sends the same again, having read it, has answered that nothing is to change
    is_unread: bool = False  #: it is the rest of a line, of which nothing is known: not even whether it is a reason

    def __str__(self) -> str:
        return f"{self.what} {self.remedy}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class LineReading:
    """What one line says.

    `typed` has each indicator as it was typed, those with problems included; each reads back as a line of its own.
    """

    indicators: tuple[Indicator, ...] = ()
    problems: tuple[CommandProblem, ...] = ()
    typed: tuple[str, ...] = ()
    rest: str = ""  #: what stands behind the indicators, as it was typed
    is_marked: bool = False  #: a comma, a dash, a comment mark or quotation marks set the rest apart

    @property
    def values(self) -> frozenset[tuple[Kind, str]]:
        """The indicators by kind and value."""
        return frozenset((indicator.kind, indicator.value) for indicator in self.indicators)

    @property
    def unplaced(self) -> str:
        """Words behind the indicators that nothing sets apart: nobody can tell what they mean for them."""
        return "" if self.is_marked else self.rest

    @property
    def remark(self) -> str:
        """What was set apart from the indicators: a note on them, in one line. Empty where nothing was."""
        return tidy(_unquoted(self.rest)) if self.is_marked else ""


@dataclass(frozen=True, slots=True)
class PlainToken:
    """A token that stands for itself, and what it is: see `plain_runs`."""

    text: str
    found: Indicator | CommandProblem
    may_begin_lifetime: bool  #: with what follows it, perhaps
    weight: int  #: see `line_weight`


class Readings:
    """Reads values, each text once.

    `listed` has the entries that exist, where the text is about such: see `read_listed`.
    """

    def __init__(self, accepted_domains: frozenset[str] = frozenset(), listed: Listed | None = None) -> None:
        self._accepted_domains = accepted_domains
        self._listed = listed
        self._read: dict[str, Indicator | InvalidIndicator] = {}
        self._attempts: dict[str, bool] = {}
        self.plain_tokens: dict[str, PlainToken | None] = {}  #: by their text; None for one that is no plain one

    @property
    def has_rules_only(self) -> bool:
        """Whether texts are read by the rules alone, and not as entries that exist."""
        return self._listed is None

    def of(self, text: str) -> Indicator | InvalidIndicator:
        """The indicator that a text is, or why it is none."""
        if (known := self._read.get(text)) is not None:
            return known
        found: Indicator | InvalidIndicator
        try:
            found = read_listed(text, self._listed, accepted_domains=self._accepted_domains)
        except InvalidIndicator as error:
            found = error.with_traceback(None)  # it is kept, and would keep all that was read on the way to it
        self._read[text] = found
        return found

    @property
    def are_about_new(self) -> bool:
        """Whether what is read needn't exist: then a mark in front can make an exception of it."""
        return self._listed is None

    def of_pair(self, text: str) -> Indicator:
        """The spoof pair that a text is. Raises InvalidIndicator."""
        return read_listed(text, self._listed, kind=Kind.SPOOF_PAIR, accepted_domains=self._accepted_domains)

    def listed_end(self, text: str, start: int) -> int | None:
        """Where an entry ends that exists and has spaces or commas in it; None where none starts."""
        return self._listed.starts_at(text, start) if self._listed is not None else None

    def is_attempt(self, text: str) -> bool:
        """Whether somebody meant a text as an indicator, though it reads as none."""
        if (known := self._attempts.get(text)) is None:
            known = self._attempts[text] = looks_like_attempt(text)
        return known

    def is_word(self, text: str) -> bool:
        """Whether a text is an ordinary word by its looks alone, and not worth reading."""
        return self._listed is None and says_nothing(text)

    def reads(self, text: str) -> bool:
        """Whether a text is an indicator."""
        return isinstance(self.of(text), Indicator)

    def is_ip(self, text: str) -> bool:
        """Whether a text is a single IP address."""
        found = self.of(text)
        return isinstance(found, Indicator) and found.kind in {Kind.IPV4, Kind.IPV6}


def words_problem(text: str) -> CommandProblem:
    """What to say of words that name no indicator."""
    return CommandProblem(text=text, what=f"{quoted(text)} names nothing to list.", remedy=WORDS_REMEDY)


def _unquoted(text: str) -> str:
    """A rest that is one quoted field, without its quotation marks."""
    if len(text) > 1 and text[0] == text[-1] == '"' and text.count('"') == 2:
        return text[1:-1]
    return text.lstrip("#/").strip() if text.startswith(("#", "//")) else text
