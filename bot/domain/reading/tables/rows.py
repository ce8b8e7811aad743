"""From a table's rows to lines: each row's indicators as the row means them, or why it gives none.

A row that is out of force, is meant for another kind of place or only watches, is set aside with what it says. What a
row allows or blocks is given with its line: which of the two is wanted is the import's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.import_allowance import TOO_MANY, TOO_MUCH_TEXT, Allowance
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_text import is_too_long, storable
from bot.domain.reading.listed import Listed, read_listed
from bot.domain.reading.shapes import says_nothing, shape_of
from bot.domain.reading.tables.end_dates import DateColumn, is_possible_end, read_dates
from bot.domain.reading.tables.layouts import Takes
from bot.domain.reading.tables.row_words import Form, TypeWord, first_action, said_action, said_status, said_type
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.ways import Beside, Source, Way
from bot.errors import InvalidIndicator

_TYPE_NAME = re.compile(r"(?:System|Microsoft|Deserialized)\.[\w.`+]{1,200}(?:\[.{0,200}\])?")
_CUT_SHORT = re.compile(r"(?:\.\.\.|…)\}?$")
_PARTS = re.compile(r"[\s,;|]+")
_PARTS_OF_REMARK = re.compile(r"[,;|\t]")
_PORT = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[^:|]{1,255})[:|][0-9]{1,5}")

#: Kinds of which a text may be, and be read as another one all the same: a type decides.
_AS_THEY_ARE = (frozenset({Kind.URL}), frozenset({Kind.SPOOF_PAIR}))

#: How programs write that there is nothing.
_NOTHING = frozenset({"", "-", "n/a", "none", "null", "nan"})

#: So many values of one cell are read.
_MOST_VALUES = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RowReader:
    """Reads a table's rows in one way."""

    sheet: Sheet
    way: Way
    beside: Beside
    today: date
    accepted_domains: frozenset[str]
    listed: Listed | None = None  #: the entries that exist, where the rows are about such
    is_named: bool  #: a person named the column, so that one's own domains in it are meant
    dates: DateColumn | None = None  #: of the rows' ends: see `dates_of`
    take_ends: bool = False
    allowance: Allowance = field(default_factory=Allowance)

    def lines(self, start: int = 0, end: int | None = None) -> list[Line]:
        """The lines of all rows, or of those from `start` to before `end`, in order; at least one for each row."""
        found: list[Line] = []
        for at, row in enumerate(self.sheet.rows[start:end], start):
            found.extend(self._row(row, at))
        return found

    def _row(self, row: SheetRow, at: int) -> Iterator[Line]:
        dates = self.dates
        typed = storable(row.typed)
        aside = row.aside or self._aside(row)
        cells = self.way.cells(row)
        if aside is None and not cells:
            aside = Aside("empty", "The row has nothing in the column with the indicators.")
        end = dates.dates[at] if dates is not None else None
        if aside is None and self.listed is None and end is not None and end < self.today:
            aside = Aside("row_expired", f"The row's end, {end.isoformat()}, has passed.")
        if aside is None and self.take_ends and dates is not None:
            aside = self._wrong_end(row, at, end, dates)
        said = self._said(row)
        if aside is None and isinstance(said, Aside):
            aside = said
        if aside is not None:
            yield Line(number=row.number, typed=typed, problem=aside.text, code=aside.code)
            return
        says = said if isinstance(said, Action) else None
        remark = self._remark(row)
        word = said_type(_cell(row, self.beside.type))
        seen: set[tuple[Kind, str]] = set()
        for found, source in self._found(cells, word):
            if isinstance(found, Aside):
                yield Line(number=row.number, typed=typed, problem=found.text, code=found.code)
            elif (found.kind, found.value) not in seen:
                seen.add((found.kind, found.value))
                yield Line(
                    number=row.number,
                    typed=typed,
                    indicator=found,
                    remark=remark,
                    end=end if self.take_ends else None,
                    says=source.says or says,
                )

    def _said(self, row: SheetRow) -> Action | Aside | None:
        """What the row says to do: in the column of its action; without a header, in any cell beside the indicators."""
        if self.sheet.header:
            return said_action(_cell(row, self.beside.action))
        own = {source.column for source in self.way.sources}
        return first_action(cell for column, cell in enumerate(row.cells) if column not in own)

    def _aside(self, row: SheetRow) -> Aside | None:
        header = self.sheet.header
        for column in self.beside.status:
            if (cell := _cell(row, column)) and (aside := said_status(header[column], cell)):
                return aside
        word = said_type(_cell(row, self.beside.type))
        return word if isinstance(word, Aside) else None

    def _wrong_end(self, row: SheetRow, at: int, end: date | None, dates: DateColumn) -> Aside | None:
        if at in dates.unread:
            cell = _cell(row, self.beside.ends)
            return Aside("end_unreadable", f"The row's end, {quoted(cell)}, is no date that can be told for sure.")
        if end is not None and not is_possible_end(end, self.today):
            return Aside("end_too_far", f"The row's end, {end.isoformat()}, is too far away.")
        return None

    def _remark(self, row: SheetRow) -> str:
        own = {source.column for source in self.way.sources}
        columns: Sequence[int] = self.beside.remarks
        if not self.sheet.header and self.sheet.width == 2:
            columns = (0, 1)
        cells = dict.fromkeys(_cell(row, column) for column in columns if column not in own)
        return storable(" ".join("; ".join(cell for cell in cells if cell.lower() not in _NOTHING).split()))

    def _found(
        self, cells: Sequence[tuple[str, Source]], word: TypeWord | Aside | None
    ) -> Iterator[tuple[Indicator | Aside, Source]]:
        if self.way.takes is Takes.PAIR:
            yield self._pair(cells), cells[0][1]
            return
        type_word = word if isinstance(word, TypeWord) else None
        for cell, source in cells:
            for found in self._cell(cell, source.kind, type_word):
                yield self._not_own(found), source

    def _pair(self, cells: Sequence[tuple[str, Source]]) -> Indicator | Aside:
        if len(cells) < 2:
            return Aside("empty", "The row has only one half of the pair.")
        text = ", ".join(cell for cell, _ in cells)
        try:
            return read_listed(text, self.listed, kind=Kind.SPOOF_PAIR, accepted_domains=self.accepted_domains)
        except InvalidIndicator as error:
            return Aside("unreadable", str(error))

    def _cell(self, text: str, kind: Kind | None, word: TypeWord | None) -> Iterator[Indicator | Aside]:
        if _TYPE_NAME.fullmatch(text):
            yield Aside(
                "no_values",
                f"The export has the name of a type, {quoted(text)}, instead of the values. Export it as JSON, "
                "or join the values in the command that exports.",
            )
        elif self.way.several:
            yield from self._several(text.strip("{}"), kind, word)
        elif word is not None and word.form is Form.WITH_PORT and (match := _PORT.fullmatch(text)):
            yield _without_port(self._one(match[1], kind, word), text)
        elif word is not None and word.form in {Form.NAMED_FILE, Form.TWO}:
            for part in _parts_of(text, word.form):
                yield self._one(part, kind, word)
        else:
            yield from self._one_or_more(text, kind, word)

    def _several(self, text: str, kind: Kind | None, word: TypeWord | None) -> Iterator[Indicator | Aside]:
        if _CUT_SHORT.search(text):
            yield Aside("cut_short", "The cell ends in dots: whatever wrote it has left out the rest.")
            return
        parts = [part for part in _PARTS.split(text) if part]
        for part in parts[:_MOST_VALUES]:
            found = self._one(part, kind, word)
            yield found
            if found is TOO_MANY:
                return
        if len(parts) > _MOST_VALUES:
            yield Aside("too_long", f"The cell has {len(parts):,} values; {_MOST_VALUES:,} of them were read.")

    def _one_or_more(self, text: str, kind: Kind | None, word: TypeWord | None) -> Iterator[Indicator | Aside]:
        if is_too_long(text):
            yield Aside("too_long", "The cell is too long to be read: write one indicator a row.")
            return
        first = self._one(text, kind, word)
        if isinstance(first, Indicator) or not _PARTS.search(text) or shape_of(text) is None:
            yield first
            return
        parts = [self._one(part, kind, word) for part in _PARTS.split(text) if part]
        if any(part is TOO_MANY for part in parts):
            yield TOO_MANY
        else:
            yield from parts if all(isinstance(part, Indicator) for part in parts) else [first]

    def _one(self, text: str, kind: Kind | None, word: TypeWord | None) -> Indicator | Aside:
        if not self.allowance.take():
            return TOO_MANY
        if self.listed is None and says_nothing(text):
            return Aside("unreadable", f"{quoted(text)} names nothing to list.")
        if shape_of(text) is None and not self.allowance.take_odd(text):
            return TOO_MUCH_TEXT
        if word is not None and word.kinds in _AS_THEY_ARE:
            (kind,) = word.kinds
        try:
            as_kind = kind if word is None or kind in word.kinds else None
            found = read_listed(text, self.listed, kind=as_kind, accepted_domains=self.accepted_domains)
        except InvalidIndicator as error:
            return Aside("unreadable", str(error))
        if word is not None and found.kind not in word.kinds:
            return Aside("type_differs", f"{quoted(text)} reads as {_name(found.kind)}, which isn't the row's type.")
        return found

    def _not_own(self, found: Indicator | Aside) -> Indicator | Aside:
        if self.is_named or self.listed is not None or isinstance(found, Aside):
            return found
        if found.kind is Kind.SPOOF_PAIR or not found.has_note(NoteCode.OWN_DOMAIN):
            return found  # who is imitated in a pair is often one's own: the pair isn't against them
        return Aside(
            "own",
            f"{quoted(found.value)} is one of the tenant's own. If it is meant, name the column, or give it by itself.",
        )


def as_it_says(line: Line) -> Line:
    """A line whose remark says to allow or to block (`evil.example, Allow`), as a row of a table would say it."""
    if line.indicator is None or not line.remark:
        return line
    said = first_action(_PARTS_OF_REMARK.split(line.remark))
    if isinstance(said, Aside):
        return replace(line, indicator=None, remark="", problem=said.text, code=said.code)
    return line if said is None else replace(line, says=said)


def dates_of(sheet: Sheet, beside: Beside) -> DateColumn | None:
    """The dates in the column of the rows' ends; None where there is no such column, or it can't be read."""
    return None if beside.ends is None else read_dates([_cell(row, beside.ends) for row in sheet.rows])


def _without_port(found: Indicator | Aside, text: str) -> Indicator | Aside:
    """The indicator, with a note of the port that stood behind it."""
    if isinstance(found, Aside):
        return found
    note = Note(code=NoteCode.PORT_STRIPPED, text=f"The port in {quoted(text)} was left out: an entry has none.")
    return replace(found, notes=distinct(found.notes, (note,)))


def _parts_of(text: str, form: Form) -> list[str]:
    match form:
        case Form.NAMED_FILE:
            return [text.rpartition("|")[2]]
        case _:
            return [part for part in text.split("|") if part.strip()]


def _name(kind: Kind) -> str:
    return kind.replace("_", " ")


def _cell(row: SheetRow, column: int | None) -> str:
    return row.cells[column] if column is not None and column < len(row.cells) else ""
