"""From a table's rows to lines: each row's indicators as the row means them, or why it gives none.

A row that is out of force, is meant for another kind of place or only watches, is set aside with what it says. What a
row allows or blocks is given with its line: which of the two is wanted is the import's to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.indicators.indicator import Indicator, Kind, NoteCode
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import NO_BLOCKS, first_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.import_allowance import TOO_MUCH_TEXT, Allowance
from bot.domain.reading.import_lines import Line
from bot.domain.reading.import_text import storable
from bot.domain.reading.line_reading import Readings
from bot.domain.reading.listed import Listed, read_listed
from bot.domain.reading.remarks import said_in
from bot.domain.reading.strays import strays_in
from bot.domain.reading.tables.action_columns import said_by
from bot.domain.reading.tables.beside import Beside
from bot.domain.reading.tables.cells import CellPart, CellReader
from bot.domain.reading.tables.column_names import ColumnRole, is_in_days, role_of
from bot.domain.reading.tables.doubts import doubt_of, spoken_against, type_of
from bot.domain.reading.tables.end_dates import (
    DateColumn,
    begins_later,
    has_ended,
    is_never,
    is_possible_end,
    read_dates,
)
from bot.domain.reading.tables.extents import Extent, extent_of
from bot.domain.reading.tables.layouts import Takes
from bot.domain.reading.tables.row_words import found_harmless
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.type_words import TypeWord
from bot.domain.reading.tables.ways import Source, Way
from bot.errors import InvalidIndicator

#: How programs write that there is nothing.
_NOTHING = frozenset({"", "-", "n/a", "none", "null", "nan"})


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
        typed = storable(row.typed)
        cells = self.way.cells(row)
        end = self.dates.dates[at] if self.dates is not None else None
        said = self._said(row)
        aside = self._aside(row, at, cells, said)
        if aside is not None:
            yield Line(number=row.number, typed=typed, problem=aside.text, code=aside.code)
            return
        says = said if isinstance(said, Action) else None
        extent = extent_of(row, self.sheet, self.beside)
        remark = self._remark(row, extent.told)
        seen: set[tuple[Kind, str]] = set()
        for found, in_cell, source in self._extended(self._found(cells, type_of(row, self.beside)), extent):
            if isinstance(found, Aside):
                yield Line(number=row.number, typed=typed, problem=found.text, code=found.code)
            elif (found.kind, found.value) not in seen:
                seen.add((found.kind, found.value))
                yield Line(
                    number=row.number,
                    typed=typed,
                    indicator=found,
                    remark=storable("; ".join(filter(None, (in_cell, remark)))),
                    end=end if self.take_ends else None,
                    says=source.says or says or (row.says if self.listed is None else None),
                )

    def _aside(
        self, row: SheetRow, at: int, cells: Sequence[tuple[str, Source]], said: Action | Aside | None
    ) -> Aside | None:
        """Why the row gives nothing; None where it does."""
        removing = self.listed is not None
        aside = row.aside or doubt_of(row, self.sheet, self.beside, removing=removing)
        if aside is None and not cells:
            aside = self._nothing(row)
        aside = aside or self._wrong_time(row, at) or (said if isinstance(said, Aside) else None)
        if aside is not None or removing or Action.ALLOW in {said, row.says, *(source.says for _, source in cells)}:
            return aside
        own = {source.column for source in self.way.sources} | set(self.beside.actions.deciding)
        return spoken_against(row, self.sheet, self.beside, but=own, allowance=self.allowance)

    def _wrong_time(self, row: SheetRow, at: int) -> Aside | None:
        dates = self.dates
        end = dates.dates[at] if dates is not None else None
        ended = self._ended(row, end) if self.listed is None else None
        if ended is not None or dates is None or not self.take_ends:
            return ended
        return self._wrong_end(row, at, end, dates)

    def _said(self, row: SheetRow) -> Action | Aside | None:
        """What the row says to do: in the column of its action; without a header, in any cell beside the indicators."""
        if self.sheet.header:
            return said_by(row, self.sheet, self.beside.actions, removing=self.listed is not None)
        own = {source.column for source in self.way.sources}
        said = _said_beside([cell for column, cell in enumerate(row.cells) if column not in own])
        return None if self.listed is not None and _is_no_block(said) else said

    def _ended(self, row: SheetRow, end: date | None) -> Aside | None:
        later = next((row.cell(at) for at in self.beside.starts if begins_later(row.cell(at), self.today)), None)
        if later is not None:
            return Aside("row_not_yet", f"The row counts from {quoted(later)} on, which is still to come.")
        if end is not None and end < self.today:
            return Aside("row_expired", f"The row ended on {end.isoformat()}.")
        cells = [row.cell(column) for column in self.beside.expiries]
        passed = next((cell for cell in cells if has_ended(cell, self.today)), None)
        return None if passed is None else Aside("row_expired", f"The row's end, {quoted(passed)}, has passed.")

    def _wrong_end(self, row: SheetRow, at: int, end: date | None, dates: DateColumn) -> Aside | None:
        cell = row.cell(self.beside.ends)
        if is_never(cell):
            return Aside(
                "end_never",
                f"The row says {quoted(cell)}, so that it has no end to take. Give it by itself, without an end.",
            )
        if at in dates.unread:
            return Aside("end_unreadable", f"The row's end, {quoted(cell)}, is no date that can be told for sure.")
        if end is not None and not is_possible_end(end, self.today):
            return Aside("end_too_far", f"The row's end, {end.isoformat()}, is too far away.")
        return None

    def _extended(
        self, parts: Iterable[tuple[CellPart, Source]], extent: Extent
    ) -> Iterator[tuple[Indicator | Aside, str, Source]]:
        """What the parts of cells give, with what stands beside each in its cell."""
        for part, source in parts:
            said = self._said_in_cell(part)
            if isinstance(part.found, Aside) or isinstance(said, Aside):
                yield (said if isinstance(said, Aside) else part.found), "", source
                continue
            for found in extent.of(part.found, self._read_as_it_is):
                yield found, part.remark, replace(source, says=said or source.says)

    def _said_in_cell(self, part: CellPart) -> Action | Aside | None:
        """What stands behind an indicator in its cell says to do."""
        if not part.remark or isinstance(part.found, Aside):
            return None
        if not self.allowance.take_remark(part.remark):
            return TOO_MUCH_TEXT
        if self.listed is None:
            readings = Readings(self.accepted_domains)
            found = {(part.found.kind, part.found.value)}
            if (stray := next(strays_in(part.remark, readings, found=found, place="remark"), None)) is not None:
                return Aside("remark_names", str(stray))
        said = said_in(part.remark)
        return None if self.listed is not None and _is_no_block(said) else said

    def _read_as_it_is(self, text: str) -> Indicator | Aside:
        try:
            return read_listed(text, self.listed, accepted_domains=self.accepted_domains)
        except InvalidIndicator as error:
            return Aside("unreadable", str(error))

    def _nothing(self, row: SheetRow) -> Aside:
        halves = self.way.halves
        if halves is not None and any(row.cell(column) for column in halves.columns):
            return Aside("half", f"The row has only a part of a value in {self.way.title}.")
        return Aside("empty", "The row has nothing in the column with the indicators.")

    def _remark(self, row: SheetRow, told: str) -> str:
        own = {source.column for source in self.way.sources}
        columns: Sequence[int] = self.beside.remarks
        if not self.sheet.header and self.sheet.width == 2:
            columns = (0, 1)
        cells = dict.fromkeys([*(row.cell(column) for column in columns if column not in own), told])
        return storable(" ".join("; ".join(cell for cell in cells if cell.lower() not in _NOTHING).split()))

    def _found(self, cells: Sequence[tuple[str, Source]], word: TypeWord | None) -> Iterator[tuple[CellPart, Source]]:
        if self.way.takes is Takes.PAIR:
            yield CellPart(self._pair(cells)), cells[0][1]
            return
        reader = CellReader(
            allowance=self.allowance,
            accepted_domains=self.accepted_domains,
            listed=self.listed,
            several=self.way.several,
        )
        for cell, source in cells:
            for part in reader.read(cell, source, word):
                yield CellPart(self._not_own(part.found), part.remark), source

    def _pair(self, cells: Sequence[tuple[str, Source]]) -> Indicator | Aside:
        if len(cells) < 2:
            return Aside("empty", "The row has only one half of the pair.")
        text = ", ".join(cell for cell, _ in cells)
        try:
            return read_listed(text, self.listed, kind=Kind.SPOOF_PAIR, accepted_domains=self.accepted_domains)
        except InvalidIndicator as error:
            return Aside("unreadable", str(error))

    def _not_own(self, found: Indicator | Aside) -> Indicator | Aside:
        if self.is_named or self.listed is not None or isinstance(found, Aside):
            return found
        if found.kind is Kind.SPOOF_PAIR or not found.has_note(NoteCode.OWN_DOMAIN):
            return found  # who is imitated in a pair is often one's own: the pair isn't against them
        return Aside(
            "own",
            f"{quoted(found.value)} is one of the tenant's own. If it is meant, name the column, or give it by itself.",
        )


def as_it_says(line: Line, *, removing: bool = False, allowance: Allowance | None = None) -> Line:
    """A line whose remark says to allow or to block (`evil.example, Allow`), as a row of a table would say it.

    `removing` where entries are to be removed: a word such as Unblock is no reason to set the line aside then.
    """
    if line.indicator is None or not line.remark:
        return line
    if allowance is not None and not allowance.take_remark(line.remark):
        return replace(line, indicator=None, remark="", problem=TOO_MUCH_TEXT.text, code=TOO_MUCH_TEXT.code)
    said = said_in(line.remark)
    if removing and _is_no_block(said):
        return line
    if isinstance(said, Aside):
        return replace(line, indicator=None, remark="", problem=said.text, code=said.code)
    return line if said is None else replace(line, says=said)


def _said_beside(words: Sequence[str]) -> Action | Aside | None:
    """What stands beside an indicator without a name above it that says to do something, or not to."""
    return first_action(words) or next(filter(None, (found_harmless("", word) for word in words)), None)


def _is_no_block(said: Action | Aside | None) -> bool:
    return isinstance(said, Aside) and said.code in NO_BLOCKS


def dates_of(sheet: Sheet, beside: Beside, *, today: date) -> DateColumn | None:
    """The dates in the column of the rows' ends; None where there is no such column, or it can't be read."""
    if beside.ends is None:
        return None
    name = sheet.header[beside.ends]
    is_length = role_of(name) is ColumnRole.LENGTH
    cells = [row.cell(beside.ends) if row.aside is None else "" for row in sheet.rows]
    return read_dates(cells, today=today, in_days=is_length and is_in_days(name))
