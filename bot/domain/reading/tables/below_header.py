"""The rows below a table's header: which of them belong to it, and what headings between them say.

A second header begins another table, whose columns mean something else: its rows are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.sections import section_of
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.column_names import ColumnRole, kind_of, kinds_of, role_of
from bot.domain.reading.tables.header import names_columns, wrong_row
from bot.domain.reading.tables.sheet import SheetRow

#: So many cells of a heading have something: it, and a number or a remark beside it.
_MOST_BESIDE = 2
_SEPARATORS = re.compile(r"[,;|\t]")


class BelowHeader:
    """Makes the rows of one table, in order."""

    def __init__(self, header: Sequence[str], first: int) -> None:
        """`header` may be empty; `first` is the number that the first row has, if nothing stands above it."""
        self._header = tuple(header)
        self._next = first
        self._section: Action | None = None
        self._second: int | None = None
        self._urls: int | None = None  #: the row of a heading such as `URLs:`
        # Of a list whose first line is the name of any kind, a further name is a heading.
        self._is_list = len(self._header) == 1 and kind_of(header[0]) is None and kinds_of(header[0]) is None

    def comment(self, line: str) -> None:
        """Take note of a comment: it may be a heading."""
        self._section = section_of(line) or self._section

    def row(self, number: int, cells: tuple[str, ...], typed: str) -> SheetRow:
        """The row with these cells."""
        aside = wrong_row(cells, self._header)
        stands_apart = number > self._next
        self._next = number + typed.count("\n") + 1
        if aside is not None and aside.code == "header_again":
            self._second = None
        elif self._is_list and len(cells) == 1 and stands_apart and role_of(cells[0]) is ColumnRole.INDICATOR:
            self._urls = number if kind_of(cells[0]) is Kind.URL else None
            aside = Aside("heading", f"{quoted(cells[0])} is a heading, for the rows below it.")
        elif self._is_header(cells, stands_apart=stands_apart):
            self._second = number
            aside = Aside("header_again", "The row is a second header: the rows below it are another table.")
        elif (above := self._second or (self._urls if not any("/" in cell for cell in cells) else None)) is not None:
            aside = Aside(
                "second_table",
                f"The row stands below a second header (row {above}), so that its columns mean something else. "
                "Give that table by itself.",
            )
        filled = [cell for cell in cells if cell]
        section = section_of(filled[0]) if 0 < len(filled) <= _MOST_BESIDE else None
        if section is not None and not any(map(shape_of, filled)):
            self._section = section
            aside = aside or Aside("heading", f"{quoted(filled[0])} is a heading, for the rows below it.")
        return SheetRow(number, cells, typed, aside, self._section)

    def _is_header(self, cells: Sequence[str], *, stands_apart: bool) -> bool:
        names = [part.strip() for part in _SEPARATORS.split(cells[0][:400])] if len(cells) == 1 else list(cells)
        while names and not names[-1]:
            names.pop()
        if not all(names) or len(set(names)) < len(names) or not names_columns(names):
            return False
        return stands_apart or (len(names) > 1 and all(role_of(name) is not None for name in names))
