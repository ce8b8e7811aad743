"""Reading the lines of a text that is imported: which one names which indicator, or why none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.domain.indicators.indicator import Indicator
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.filter_exceptions import exception_in
from bot.domain.reading.import_allowance import TOO_MANY, TOO_MUCH_TEXT, Allowance
from bot.domain.reading.import_forms import parts_of
from bot.domain.reading.import_text import has_many_layers, is_skipped, is_too_long, storable, words_in
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.line_reading import Readings, words_problem
from bot.domain.reading.lines import read_line
from bot.domain.reading.listed import Listed
from bot.domain.reading.sections import section_of
from bot.domain.reading.shapes import says_nothing, shape_of
from bot.domain.reading.strays import strays_in

_DELIMITERS = ("\t", ";", "|", ",")
_LONGEST_HEADER = 500
#: Lines of a comparison, as `diff` writes them: what came, what went.
_CAME = re.compile(r"\+ ?(?=[^\s+])")
_WENT = re.compile(r"- ?(?=[^\s-])")
_WENT_TEXT = "The line begins with -, where others begin with +: it was taken out."
_FIRST_WORD = re.compile(r"[\s\"'<(]{0,20}[^\s,;|\"'>)]{1,2048}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One indicator of what is imported, or the problem with a line that names none. It has the one or the other."""

    number: int  #: from 1; of a row's first line, where a quoted field goes over several
    typed: str  #: the line as it stands there, at most MAX_TYPED characters
    indicator: Indicator | None = None
    problem: str | None = None  #: for people: what is wrong, and what would be right
    code: str = "unreadable"  #: of the problem; stable
    remark: str = ""  #: what stood beside the indicator; any text, at most MAX_TYPED characters
    says: Action | None = None  #: what the row itself says to do: a table's rows can allow some and block others
    end: date | None = None  #: the last day that the row gives the entry, where a person said that it counts


def read_plain_lines(
    text: str,
    *,
    accepted_domains: frozenset[str] = frozenset(),
    listed: Listed | None = None,
    is_header: Callable[[Sequence[str]], bool] = lambda _: False,
) -> list[Line]:
    """Read a text with one or more indicators a line. Never raises, whatever the text.

    A line with several indicators gives a `Line` for each, with what stands behind them as their remark where it is set
    apart. One with anything else in it gives one with the problem, since nobody could tell what was meant. Blank lines
    and comments (`#`, `;`, `//`) give none. Of a comparison only what came counts (`+`, not `-`). What a heading such
    as `Allowed domains` says goes with all lines below it.
    `is_header` tells whether the cells of a line are the names of columns: a table that begins so is set aside.
    """
    reader = _PlainLines(accepted_domains, listed, is_header)
    found: list[Line] = []
    section: Action | None = None
    all_lines = lines_of(text.removeprefix("\ufeff"))
    compares = listed is None and all(
        any(_item_behind(mark, line) is not None for line in all_lines) for mark in (_CAME, _WENT)
    )
    for number, line in enumerate(all_lines, 1):
        if compares and _item_behind(_WENT, line) is not None:
            found.append(Line(number=number, typed=storable(line), problem=_WENT_TEXT, code="row_deleted"))
            continue
        section = section_of(line) or section if listed is None else None
        if not is_skipped(line):
            table = reader.in_table(number, line)
            came = _item_behind(_CAME, line) if compares else None
            read = reader.read(number, line if came is None else came) if table is None else [table]
            found.extend(read if section is None else (replace(part, says=section) for part in read))
    return found


def _item_behind(mark: re.Pattern[str], line: str) -> str | None:
    """What stands behind the mark of a comparison, where it could be an indicator by its looks."""
    match = mark.match(line)
    if match is None:
        return None
    first = _FIRST_WORD.match(line, match.end())
    return line[match.end() :] if first is not None and shape_of(first[0]) is not None else None


class _PlainLines:
    """Reads the lines of one text, as far as the allowance goes."""

    def __init__(
        self, accepted_domains: frozenset[str], listed: Listed | None, is_header: Callable[[Sequence[str]], bool]
    ) -> None:
        self._accepted_domains = accepted_domains
        self._listed = listed
        self._is_header = is_header
        self._allowance = Allowance()
        self._readings = Readings(accepted_domains, listed)  #: of what stands in remarks
        self._table: tuple[int, str] | None = None  #: the line of a table's header, and what separates its cells

    def in_table(self, number: int, line: str) -> Line | None:
        """A line of a table that begins further down, whose columns say what nobody would read in it as a line.

        Also the table's header; None for any other line.
        """
        delimiter = next((mark for mark in _DELIMITERS if mark in line[:_LONGEST_HEADER]), "")
        if len(line) <= _LONGEST_HEADER and delimiter and self._is_header(line.split(delimiter)):
            self._table = (number, delimiter)
            aside = Aside(
                "header_again", "The line is the header of a table: the lines below it are read by none here."
            )
        elif self._table is not None and self._table[1] in line:
            aside = Aside(
                "second_table",
                f"The line stands in a table whose header is line {self._table[0]}. Give that table by itself.",
            )
        else:
            self._table = None
            return None
        return Line(number=number, typed=storable(line), problem=aside.text, code=aside.code)

    def read(self, number: int, line: str) -> Iterator[Line]:
        """What a line that says something gives: a `Line` for each of its indicators, or one with the problem."""
        typed = storable(line)
        for text, problem, comment in self._parts(line):
            aside = problem or self._too_much(text)
            if aside is not None:
                yield Line(number=number, typed=typed, problem=aside.text, code=aside.code)
                if aside is TOO_MANY:
                    return
                continue
            found = read_line(text, accepted_domains=self._accepted_domains, listed=self._listed)
            self._allowance.take(max(len(found.typed), len(found.indicators), 1) - 1)
            problems = found.problems
            if not problems and found.unplaced:
                problems = (words_problem(found.unplaced),)
            if not problems and found.remark:
                problems = tuple(strays_in(found.remark, self._readings, found=found.values, place="remark"))
            if problems:
                yield Line(number=number, typed=typed, problem=str(problems[0]))
                continue
            for indicator in found.indicators:
                yield Line(number=number, typed=typed, indicator=indicator, remark=storable(found.remark or comment))

    def _parts(self, line: str) -> list[tuple[str, Aside | None, str]]:
        """The parts of a line, each with why it names nothing, and with what a comment says of it."""
        parts = parts_of(line)
        if parts is None:
            return [(line, None, "")]
        return [(part.text, Aside(part.code, part.problem) if part.problem else None, part.remark) for part in parts]

    def _too_much(self, text: str) -> Aside | None:
        """Why a text isn't read: it says nothing, there is too much of it, or the import is full."""
        if self._listed is None and says_nothing(text) and not text.lstrip().startswith((";", "//")):
            return Aside(
                "unreadable",
                f"{quoted(text)} names nothing to list: no IP address, domain, mail address, URL or SHA-256.",
            )
        if self._listed is None and (exception := exception_in(text)) is not None:
            return exception
        first = _FIRST_WORD.match(text)
        if first is None or shape_of(first[0]) is None or has_many_layers(text):
            return None if self._allowance.take_odd(text) else TOO_MUCH_TEXT
        if is_too_long(text):
            return None if self._allowance.take(words_in(text)) else TOO_MUCH_TEXT
        return None if self._allowance.take() else TOO_MANY
