"""Reading the text of a slash command, and the lines of a form's field.

The grammar: indicators first, as in every line; then, if wanted, a lifetime; the rest is the reason. In a text of
several lines each can have indicators and a remark, which then is the reason, or part of it. `help` or `?` alone asks
for help.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.typed_text import quoted, shown
from bot.domain.lists.traits import Action
from bot.domain.reading.command_rests import Rests, ends_in, is_lifetime
from bot.domain.reading.command_tables import table_in
from bot.domain.reading.command_words import asks_for_help, without_option
from bot.domain.reading.contradictions import contradiction_in
from bot.domain.reading.durations import Lifetime, lifetime_at
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.line_reader import read_with
from bot.domain.reading.line_reading import CommandProblem, LineReading, Readings, words_problem
from bot.domain.reading.listed import Listed
from bot.domain.reading.mail_headers import HEADERS, Offer, offers_of, offers_told
from bot.domain.reading.reason_text import ReasonText, read_reason, tidy
from bot.domain.reading.strays import continued_in, continued_problem, glued_in, glued_problem, strays_in
from bot.domain.reading.typed_marks import without_marks

_BEHIND_REMEDY = "If it is to be listed too, put it before the reason, on a line of its own."
_ENDS_REMEDY = "Type one end for all of them, or send several requests."
_END_REMEDY = "How long stands in a field of its own."
#: So long may the remarks of several lines be, together, as one reason.
_LONGEST_REASON = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandText:
    """What a slash command's text says.

    `typed` has the indicators as they were typed, those with problems included, one a line: it fills the form's field,
    and `read_field` reads it back. With neither indicators nor problems nothing was typed that says what. Where it has
    to be asked how long, one of the problems is about that, and the reason has all that was typed.
    """

    indicators: tuple[Indicator, ...] = ()
    problems: tuple[CommandProblem, ...] = ()
    lifetime: Lifetime | None = None
    reason: str = ""
    wants_help: bool = False
    typed: str = ""
    offers: tuple[Offer, ...] = ()  #: what a message's headers hold, to choose from: none of it was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldText:
    """What a form's field of indicators says. `remarks` stood beside them, set apart: they belong to the reason."""

    indicators: tuple[Indicator, ...] = ()
    problems: tuple[CommandProblem, ...] = ()
    remarks: tuple[str, ...] = ()

    def reason_with(self, reason: str) -> str:
        """The reason from its own field, with the remarks that it hasn't got yet behind it."""
        return _together([reason.strip(), *(remark for remark in self.remarks if remark not in reason)])


@dataclass(slots=True)
class _Found:
    """What has been read so far. An indicator counts once, however often it was typed."""

    indicators: dict[tuple[Kind, str], Indicator] = field(default_factory=dict)
    problems: list[CommandProblem] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)
    behind: list[tuple[str, str]] = field(default_factory=list)  #: the lines, and what stands behind their indicators

    def add(self, line: LineReading) -> None:
        for indicator in line.indicators:
            self.indicators.setdefault((indicator.kind, indicator.value), indicator)
        self.problems.extend(line.problems)
        self.typed.extend(line.typed)

    def add_glued(self) -> None:
        """Ask about a word right behind a comma, or one that may go on with a link, unless a reason is asked about."""
        if any(problem.about_reason for problem in self.problems):
            return
        if word := next(filter(None, (glued_in(line, rest) for line, rest in self.behind)), ""):
            self.problems.append(glued_problem(word, may_stay=True))
        elif word := next(filter(None, (continued_in(line, rest) for line, rest in self.behind)), ""):
            self.problems.append(continued_problem(word))

    def add_strays(self, reason: str, readings: Readings) -> None:
        """Ask about what stands in the reason and may be meant to be listed, but for what is asked already."""
        if not self.indicators or not reason:
            return
        asked = [problem.text for problem in self.problems if not problem.about_lifetime]
        for stray in strays_in(reason, readings, found=self.indicators.keys()):
            if not any(stray.text in text for text in asked):
                self.problems.append(stray)

    def add_contradiction(self, remarks: Iterable[str], wanted: Action | None) -> None:
        """Ask about the first remark that says something else than what is asked for."""
        found = (contradiction_in(tidy(remark), wanted) for remark in remarks)
        if self.indicators and (problem := next(filter(None, found), None)) is not None:
            self.problems.append(problem)

    @property
    def has_any(self) -> bool:
        return bool(self.indicators or self.problems)


def read_command(
    text: str,
    *,
    today: date,
    accepted_domains: frozenset[str] = frozenset(),
    takes_lifetime: bool = True,
    takes_reason: bool = True,
    listed: Listed | None = None,
    wanted: Action | None = None,
) -> CommandText:
    """Read the text behind a slash command. Never raises, whatever the text: what can't be used is in `problems`.

    A line stops being about indicators at the first lifetime, and at the first word that reads as no indicator, or only
    by chance (`Readme.md`), once there was at least one and the word doesn't look like an attempt at one. `today` (UTC)
    is what an end date must not be before. Without `takes_lifetime` a lifetime is part of the reason, as in a note.
    With `takes_reason` it is asked about what stands in the reason and may be meant to be listed.
    `listed` has the entries that exist, for a command that is about such: see `read_listed`. `wanted` is what the
    lists are to do, for a command that asks for such an entry: a reason that says otherwise is asked about.
    """
    if asks_for_help(text):
        return CommandText(wants_help=True)
    table = table_in(text, today=today, accepted_domains=accepted_domains, listed=listed, wanted=wanted)
    text = without_marks(text if table is None else table.rest)
    text = without_option(text) if takes_lifetime else text
    if (offers := offers_of(text, accepted_domains=accepted_domains)) is not None:
        return CommandText(problems=(_headers_problem(text, offers),), offers=offers)
    readings = Readings(accepted_domains, listed)
    found = _Found()
    rests = Rests()
    if table is not None:
        found.add(table.rows)
    _read_lines(text, readings, found, rests, takes_lifetime=takes_lifetime)
    lifetime, reason = _read_rests(rests.texts, found, today=today, takes_lifetime=takes_lifetime)
    if table is not None and lifetime is None and takes_lifetime and (asked := table.asked_of_ends()) is not None:
        found.problems.append(asked)
    if takes_reason:
        found.add_strays(reason, readings)
        found.add_contradiction(rests.texts, wanted)
        found.add_glued()
    return CommandText(
        indicators=tuple(found.indicators.values()),
        problems=tuple(found.problems),
        lifetime=lifetime,
        reason=reason,
        typed="\n".join(found.typed),
    )


def read_field(
    text: str,
    *,
    accepted_domains: frozenset[str] = frozenset(),
    listed: Listed | None = None,
    wanted: Action | None = None,
    today: date | None = None,
) -> FieldText:
    """Read a form's field of indicators, one or several a line. Never raises.

    A line is read like a command's. What is set apart from the indicators by a comma, a dash or a comment mark is a
    remark; any other words are a problem, since nobody could tell what they mean for the entry. Duplicates collapse.
    `listed` and `wanted` are as in `read_command`. Where `today` (UTC) is given, a table that PowerShell printed is
    read, but for its ends: the form asks how long in a field of its own.
    """
    table = None
    if today is not None:
        table = table_in(text, today=today, accepted_domains=accepted_domains, listed=listed, wanted=wanted)
    text = without_marks(text if table is None else table.rest)
    if (offers := offers_of(text, accepted_domains=accepted_domains)) is not None:
        return FieldText(problems=(_headers_problem(text, offers),))
    readings = Readings(accepted_domains, listed)
    found = _Found()
    if table is not None:
        found.add(table.rows)
    remarks: list[str] = []
    for line in filter(str.strip, lines_of(text)):
        reading = read_with(readings, line)
        found.add(reading)
        if reading.remark:
            remarks.append(reading.remark)
            asked = len(found.problems)
            found.problems.extend(strays_in(reading.remark, readings, found=reading.values, place="remark"))
            found.add_contradiction([reading.remark], wanted)
            found.problems.extend(map(_how_long_in_field, ends_in(reading.remark, today=today)))
            if len(found.problems) == asked and (word := glued_in(line, reading.rest)):
                found.problems.append(glued_problem(word, may_stay=False))
        elif reading.rest:
            found.problems.append(_in_field(reading.rest))
    return FieldText(
        indicators=tuple(found.indicators.values()),
        problems=tuple(found.problems),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def read_lines(
    text: str, *, accepted_domains: frozenset[str] = frozenset(), listed: Listed | None = None
) -> tuple[list[Indicator], list[CommandProblem]]:
    """Read lines that hold indicators and nothing else: a remark is a problem here. Never raises."""
    found = read_field(text, accepted_domains=accepted_domains, listed=listed)
    return list(found.indicators), [*found.problems, *map(words_problem, found.remarks)]


def _read_lines(text: str, readings: Readings, found: _Found, rests: Rests, *, takes_lifetime: bool) -> None:
    """What each line says, its indicators and what stands behind them."""
    for line in filter(str.strip, lines_of(text)):
        reading = read_with(readings, line, takes_lifetime=takes_lifetime, after_others=found.has_any)
        if takes_lifetime and not found.has_any:
            reading = _behind_lifetime(readings, reading) or reading
        if not (reading.indicators or reading.problems):
            rests.add_reason(reading.rest)
        elif found.has_any and rests.may_hold(reading):
            found.problems.append(_behind_reason(line))
            rests.add_reason(line)
        else:
            found.add(reading)
            rests.add(reading)
            found.behind.append((line, reading.rest))


def _behind_lifetime(readings: Readings, line: LineReading) -> LineReading | None:
    """`30d evil.example phishing`: how long first. None when the line doesn't begin so."""
    if line.indicators or line.problems or not line.rest:
        return None
    lifetime = lifetime_at(line.rest, 0)
    if lifetime is None:
        return None
    behind = read_with(readings, line.rest[lifetime.end :], takes_lifetime=True)
    if not behind.indicators:
        return None
    return LineReading(
        indicators=behind.indicators,
        problems=behind.problems,
        typed=behind.typed,
        rest=f"{line.rest[: lifetime.end]} {behind.rest}".strip(),
    )


def _behind_reason(line: str) -> CommandProblem:
    what = f"{quoted(line)} stands behind words that may be the reason."
    return CommandProblem(text=line.strip(), what=what, remedy=_BEHIND_REMEDY)


def _headers_problem(text: str, offers: tuple[Offer, ...]) -> CommandProblem:
    return CommandProblem(text=shown(text), what=HEADERS, remedy=offers_told(offers))


def _how_long_in_field(part: str) -> CommandProblem:
    return CommandProblem(text=part, what=f"{quoted(part)} names nothing to list.", remedy=_END_REMEDY)


def _in_field(rest: str) -> CommandProblem:
    return _how_long_in_field(rest) if is_lifetime(rest) else words_problem(rest)


def _read_rests(texts: list[str], found: _Found, *, today: date, takes_lifetime: bool) -> tuple[Lifetime | None, str]:
    """How long, if it is said, and the reason."""
    if not takes_lifetime:
        return None, _together([tidy(text) for text in texts])
    read = [read_reason(text, today=today) for text in texts]
    reason = _together([part.reason for part in read])
    if (doubt := next((part for part in read if part.doubt is not None), None)) is not None:
        found.problems.append(_about_lifetime(doubt))
        return None, reason
    lifetimes = dict.fromkeys(part.lifetime for part in read if part.lifetime is not None)
    if len(lifetimes) > 1:
        what = f"The lines name several ends: {', '.join(map(str, lifetimes))}."
        found.problems.append(CommandProblem(text="", what=what, remedy=_ENDS_REMEDY, about_lifetime=True))
        return None, reason
    return next(iter(lifetimes), None), reason


def _about_lifetime(part: ReasonText) -> CommandProblem:
    what, remedy = (part.doubt.what, part.doubt.remedy) if part.doubt is not None else ("", "")
    return CommandProblem(text=part.typed, what=what, remedy=remedy, about_lifetime=True)


def _together(reasons: list[str]) -> str:
    """The lines' reasons as one, each once."""
    distinct = list(dict.fromkeys(filter(None, reasons)))
    if len(distinct) < 2:
        return "".join(distinct)
    whole = "; ".join(distinct)
    return whole if len(whole) <= _LONGEST_REASON else whole[:_LONGEST_REASON].rstrip() + "…"
