"""What an import can be read as: the ways there are, the one that was chosen, and the lines that it gives.

A text or a file may be read in several ways, by one column or another. Where only a person can tell which one was
meant, none is chosen and `question` says why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.traits import Action
from bot.domain.reading.import_allowance import Allowance
from bot.domain.reading.import_choices import Choice, choice_of
from bot.domain.reading.import_lines import Line, read_plain_lines
from bot.domain.reading.import_opening import open_given
from bot.domain.reading.import_text import is_skipped
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.listed import Listed
from bot.domain.reading.names import normal_name
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.end_dates import DateColumn, is_possible_end
from bot.domain.reading.tables.header import names_columns
from bot.domain.reading.tables.rows import RowReader, as_it_says, dates_of
from bot.domain.reading.tables.sheet import Sheet
from bot.domain.reading.tables.ways import Way, Ways, column_key, column_title, way_named, ways_of
from bot.errors import InvalidInput

#: The key of the reading that takes each line as a whole.
WHOLE_LINES = "lines"

_WHOLE_LINES_TITLE = "each line as a whole"

#: So few lines are read to say what they give; of more it is told by shape.
_FEW_LINES = 100

#: Every way of a table with fewer cells than this is read to say what it gives; of larger ones it is told by shape.
_CHEAP = 600

#: So many rows are read before they are held against the lines.
_AT_ONCE = 100

#: So many rows are read to find the first three indicators of a way.
_FIRST_WITHIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsColumn:
    """A column whose dates can be taken as the entries' ends, if the person says so."""

    key: str  #: as a `Choice`'s
    title: str
    dated: int  #: how many rows have a date in it that can be an end
    first: date
    last: date
    unread: int = 0  #: how many rows have something else in it, which is no date that can be told for sure


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReading:
    """What was given, read by the way that was chosen. Without one, `lines` is empty and `question` isn't."""

    what: str  #: for people: `plain lines`, `a table`, `an export of Defender's indicators`
    choices: tuple[Choice, ...]
    chosen: Choice | None
    lines: tuple[Line, ...] = ()
    question: str = ""
    ends: EndsColumn | None = None
    told: tuple[str, ...] = ()  #: for people: what is worth knowing of the whole, such as ends that can't be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given: the bytes of a file, or a text that was pasted; and the file's name, or an empty one."""

    content: bytes | str
    name: str = ""


def read_import(
    given: Given,
    *,
    today: date,
    accepted_domains: frozenset[str] = frozenset(),
    listed: Listed | None = None,
    column: str = "",
    take_ends: bool = False,
) -> ImportReading:
    """Read what was given, by the `column` that a person named (a `Choice`'s key), or else by the one that is plain.

    With `take_ends` each line that has a date in the column of `ends` gets it as its end. `today` (UTC) is what an end
    must not be before. `listed` has the entries that exist, where what is given is about such (a removal, another end):
    see `read_listed`. Raises InvalidInput when it is no text and no table, when it is more than one import takes, and
    when there is no such column.
    """
    sheets, text = open_given(given.content)
    lines = None if text is None else _Lines(text, accepted_domains, listed)
    if lines is not None and not sheets:
        if column and column != WHOLE_LINES:
            raise InvalidInput("It has no columns: each of its lines is read as a whole.", "Leave the column out.")
        if take_ends:
            raise InvalidInput("It has no column with dates.", "Leave the ends out.")
        choice = lines.choice()
        return ImportReading(what="plain lines", choices=(choice,), chosen=choice, lines=lines.read())
    tables = [
        _Table(sheet, today=today, accepted_domains=accepted_domains, listed=listed, several=len(sheets) > 1)
        for sheet in sheets
    ]
    if len(tables) == 1:
        return tables[0].reading(lines, column=column, take_ends=take_ends)
    return _of_several(tables, column=column, take_ends=take_ends)


def _of_several(tables: Sequence[_Table], *, column: str, take_ends: bool) -> ImportReading:
    """What a workbook with several sheets, or an export of several lists, can be read as: one of them."""
    if column:
        for table in tables:
            if (rest := table.within(column)) is not None:
                return table.reading(None, column=rest, take_ends=take_ends)
        raise InvalidInput(
            f"There is no column ‘{column[:80]}’.",
            f"Name the sheet and the column, such as {tables[0].key('Sender')}.",
        )
    readings = [table.reading(None, column="", take_ends=False) for table in tables]
    filled = [at for at, reading in enumerate(readings) if any(choice.read for choice in reading.choices)]
    if len(filled) == 1:
        return tables[filled[0]].reading(None, column="", take_ends=take_ends)
    choices = tuple(choice for at in filled or range(len(readings)) for choice in readings[at].choices)
    question = "It has several tables, and each has columns that could be meant."
    return ImportReading(what="several tables", choices=choices, chosen=None, question=question)


class _Lines:
    """Each line as a whole, read once at most."""

    def __init__(self, text: str, accepted_domains: frozenset[str], listed: Listed | None) -> None:
        self._text = text
        self._listed = listed
        self._accepted_domains = accepted_domains
        self._lines: tuple[Line, ...] | None = None

    def read(self) -> tuple[Line, ...]:
        if self._lines is None:
            lines = read_plain_lines(
                self._text, accepted_domains=self._accepted_domains, listed=self._listed, is_header=names_columns
            )
            allowance = Allowance()
            self._lines = tuple(
                as_it_says(line, removing=self._listed is not None, allowance=allowance) for line in lines
            )
        return self._lines

    def choice(self) -> Choice:
        return choice_of(WHOLE_LINES, _WHOLE_LINES_TITLE, self.read())

    def choice_by_looks(self) -> Choice:
        """What the lines would give: told by their shape where there are many, since reading them takes its time."""
        said = [line for line in lines_of(self._text) if not is_skipped(line)]
        if len(said) <= _FEW_LINES:
            return self.choice()
        looking = [line for line in said if shape_of(line)]
        first = read_plain_lines("\n".join(looking[:3]), accepted_domains=self._accepted_domains, listed=self._listed)
        values = tuple(line.indicator.value for line in first if line.indicator is not None)
        return Choice(key=WHOLE_LINES, title=_WHOLE_LINES_TITLE, total=len(said), read=len(looking), first=values[:3])


class _Table:
    """A table, and what its ways give."""

    def __init__(
        self,
        sheet: Sheet,
        *,
        today: date,
        accepted_domains: frozenset[str],
        listed: Listed | None,
        several: bool,
    ) -> None:
        self._several = several
        self._listed = listed
        self._ways: Ways = ways_of(sheet)
        self._sheet = self._ways.sheet
        self._today = today
        self._accepted_domains = accepted_domains
        self._dates: DateColumn | None = dates_of(self._sheet, self._ways.beside, today=today)
        self._is_cheap = len(sheet.rows) * len(self._ways.ways) <= _CHEAP

    def key(self, key: str) -> str:
        """A key among those of all tables: with the table's name in front, where there are several."""
        return f"{self._sheet.name}: {key}" if self._several else key

    def within(self, key: str) -> str | None:
        """What a key among those of all tables names in this one: a column, or nothing where it is the table."""
        name, colon, rest = key.partition(":")
        if normal_name(name) != normal_name(self._sheet.name) and name.strip() != self._sheet.name:
            return None
        return rest.strip() if colon else ""

    def reading(self, lines: _Lines | None, *, column: str, take_ends: bool) -> ImportReading:
        ways = self._ways
        ends = self._ends()
        what = ways.what + self._sheet.unseen
        if take_ends and ends is None:
            raise InvalidInput("It has no column with dates that can be taken as ends.", "Leave the ends out.")
        if column == WHOLE_LINES and lines is not None:
            whole = lines.choice()
            choices = tuple(self._choice(way) for way in ways.ways)
            return ImportReading(what="plain lines", choices=(*choices, whole), chosen=whole, lines=lines.read())
        way = way_named(self._sheet, column, ways) if column else ways.chosen
        if way is None and lines is not None and self._is_said_by(lines):
            whole = lines.choice()
            return ImportReading(what="plain lines", choices=(whole,), chosen=whole, lines=lines.read())
        offered = [self._choice(other) for other in ways.ways if way is None or other.key != way.key]
        if lines is not None and (whole := lines.choice_by_looks()).read:
            offered.append(whole)
        if way is None:
            return ImportReading(
                what=what, choices=tuple(offered), chosen=None, question=ways.question, ends=ends, told=self._told()
            )
        found = tuple(self._reader(way, is_named=bool(column), take_ends=take_ends).lines())
        chosen = choice_of(self.key(way.key), self._title(way), found)
        return ImportReading(
            what=what, choices=(chosen, *offered), chosen=chosen, lines=found, ends=ends, told=self._told()
        )

    def _title(self, way: Way) -> str:
        return f"{way.title} of {self._sheet.name}" if self._several else way.title

    def _reader(self, way: Way, *, is_named: bool, take_ends: bool = False) -> RowReader:
        return RowReader(
            sheet=self._sheet,
            way=way,
            beside=self._ways.beside,
            today=self._today,
            accepted_domains=self._accepted_domains,
            listed=self._listed,
            is_named=is_named,
            dates=self._dates,
            take_ends=take_ends,
        )

    def _choice(self, way: Way) -> Choice:
        """What a way would give that wasn't chosen; whoever chooses it names it, so that one's own domains are read."""
        reader = self._reader(way, is_named=True)
        if self._is_cheap:
            return choice_of(self.key(way.key), self._title(way), reader.lines())
        rows = self._sheet.rows
        looking = [
            at for at, row in enumerate(rows) if row.aside is None and any(shape_of(cell) for cell, _ in way.cells(row))
        ]
        first = [
            line.indicator.value
            for at in looking[:_FIRST_WITHIN]
            for line in reader.lines(at, at + 1)
            if line.indicator is not None
        ]
        return Choice(
            key=self.key(way.key), title=self._title(way), total=len(rows), read=len(looking), first=tuple(first[:3])
        )

    def _is_said_by(self, lines: _Lines) -> bool:
        """Whether no column could be meant, or the lines as a whole say just what the only one that could be says."""
        if not self._ways.ways:
            return True
        if len(self._ways.ways) > 1 or any(line.code == "unreadable" and line.problem for line in lines.read()):
            return False
        whole, at = _said(lines.read()), 0
        column = self._reader(self._ways.ways[0], is_named=True)
        # Up to the first difference, since reading all of a large table takes its time.
        for start in range(0, len(self._sheet.rows), _AT_ONCE):
            part = _said(column.lines(start, start + _AT_ONCE))
            if part != whole[at : at + len(part)]:
                return False
            at += len(part)
        return at == len(whole)

    def _ends(self) -> EndsColumn | None:
        column = self._ways.beside.ends
        if self._dates is None or column is None:
            return None
        possible = sorted(
            value for value in self._dates.dates if value is not None and is_possible_end(value, self._today)
        )
        if not possible:
            return None
        return EndsColumn(
            key=column_key(self._sheet, column),
            title=column_title(self._sheet, column),
            dated=len(possible),
            first=possible[0],
            last=possible[-1],
            unread=len(self._dates.unread),
        )

    def _told(self) -> tuple[str, ...]:
        """That a column says until when, and can't be taken."""
        beside, sheet = self._ways.beside, self._sheet
        columns = beside.unclear_ends or ((beside.ends,) if beside.ends is not None else ())
        if not columns or self._ends() is not None:
            return ()
        names = " and ".join(sheet.header[column][:80] for column in columns)
        if beside.unclear_ends:
            return (f"Its columns {names} both say until when: none of them can be taken, and no entry ends by them.",)
        return (f"Its column {names} says until when, and nothing in it can be told for sure as an end still to come.",)


def _said(lines: Sequence[Line]) -> list[tuple[int, Indicator | None, str, Action | None]]:
    return [(line.number, line.indicator, line.code, line.says) for line in lines]
