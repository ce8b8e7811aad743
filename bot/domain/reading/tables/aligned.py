"""A table whose columns are held apart by spaces, with a line of dashes below the header: PowerShell's `Format-Table`.

`Get-TenantAllowBlockListItems | ft` and its like print so. A column begins where its dashes begin, and ends where the
next one's do; numbers stand to the right of theirs. A cell that the program has cut off, and a row that doesn't keep to
the columns, name nothing that anybody could be sure of, and are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.reading.aside import Aside
from bot.domain.reading.import_text import MOST_IMPORTED, is_skipped
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.below_header import BelowHeader
from bot.domain.reading.tables.header import HEADER_WITHIN, names_columns, names_the_rest
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.errors import InvalidInput

_RULE = re.compile(r"\s*-{2,}(?:\s+-{2,})+\s*")
_DASHES = re.compile(r"-{2,}")
#: So many words of a line above the header are looked at.
_MOST_WORDS = 100
#: At the end of a cell that was longer than its column.
_CUT_OFF = ("…", "...")
_MISPLACED = "The row doesn't keep to the columns above it, so that nobody can tell what belongs where."
_SHORTENED = "The program that printed the table has cut a value off. Print it whole: `| fl`, or `| ft -Wrap`."


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where each column of a table begins."""

    starts: tuple[int, ...]

    def cells(self, line: str) -> tuple[str, ...] | None:
        """The cells of a line; None where one goes on into the next column."""
        cells, at = [], 0
        for start in (*self.starts[1:], len(line)):
            end = min(start, len(line))
            if 0 < end < len(line) and not line[end].isspace() and not line[end - 1].isspace():
                end = line.rfind(" ", at, end) + 1  # a number of the next column, which stands to the right there
                if not end or not line[end:].split(maxsplit=1)[0].isdigit():
                    return None
            cells.append(line[at:end].strip())
            at = end
        return tuple(cells)


def read_aligned(lines: Sequence[str]) -> Sheet | None:
    """The table that the lines of a text are, with what stands around it set aside; None when they are none.

    Raises InvalidInput when there are more rows than one import takes.
    """
    said = [at for at, line in enumerate(lines) if line.strip()][: HEADER_WITHIN + 1]
    rule = next((at for at in said[1:] if _RULE.fullmatch(lines[at])), None)
    if rule is None:
        return None
    columns = _Columns(tuple(match.start() for match in _DASHES.finditer(lines[rule])))
    header = columns.cells(lines[rule - 1])
    if header is None or not all(header) or not (names_columns(header) or names_the_rest(header)):
        return None
    if any(shape_of(word) for line in lines[: rule - 1] for word in line.split()[:_MOST_WORDS]):
        return None  # it names something itself, and is no title
    made = BelowHeader(header, rule + 2)
    rows = [
        _row(made, at + 1, lines[at], columns)
        for at in range(rule + 1, len(lines))
        if not is_skipped(lines[at]) and not _RULE.fullmatch(lines[at])
    ]
    if len(rows) > MOST_IMPORTED:
        raise InvalidInput(
            f"The table has more than {MOST_IMPORTED:,} rows; at most {MOST_IMPORTED:,} indicators are imported at a "
            "time.",
            "Split it, and import one part after the other.",
        )
    return Sheet(rows=tuple(rows), header=header)


def _row(made: BelowHeader, number: int, line: str, columns: _Columns) -> SheetRow:
    cells = columns.cells(line)
    row = made.row(number, cells or (line.strip(),), line)
    if row.aside is not None:
        return row
    if cells is None:
        return replace(row, aside=Aside("misplaced", _MISPLACED))
    if any(cell.endswith(_CUT_OFF) for cell in cells):
        return replace(row, aside=Aside("cut_off", _SHORTENED))
    return row
