"""A text as a table: CSV, also with tabs, semicolons or bars, with or without a header, with comments and titles.

The delimiter and the header are found once, from the first lines. What is no table by them has no sheet.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.reading.aside import Aside
from bot.domain.reading.command_tokens import is_comment
from bot.domain.reading.import_text import MOST_IMPORTED, is_skipped
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.below_header import BelowHeader
from bot.domain.reading.tables.header import HEADER_WITHIN, could_be_names, names_columns, names_the_rest, trimmed
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.errors import InvalidInput

_DELIMITERS = ("\t", ";", ",", "|")

#: So many lines that say something are looked at to find the delimiter.
_SAMPLE = 200

#: Of the rows without a header, so many in a hundred have as many cells as most have.
_ALIKE = 80

#: A quoted field that goes on for more lines than this was never closed.
_LONGEST_RECORD = 20

_COMMENTED_OUT = Aside(
    "commented_out",
    "The row begins like a comment: it may have been taken out. If it counts, give it without the mark in front.",
)

_SEP = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
#: A link as Slack writes it: the bar stands between its address and its label.
_LINK = re.compile(r"(<[^<>|\s]{1,3000})\|[^<>|]{0,3000}(?=>)")
_SPOOF = re.compile(r"\s{0,20}[\"'“]?spoof(?:ed|ing)?\s", re.IGNORECASE)
_BAR_RULE = re.compile(r"[\s|:+=-]*")


@dataclass(frozen=True, slots=True)
class _Dialect:
    delimiter: str
    spaced: bool  #: whether a space stands between the delimiter and a quotation mark

    def record(self, lines: Sequence[str], at: int) -> tuple[list[str], int]:
        """The cells of the row that starts at a line, and over how many lines it goes."""
        line = lines[at]
        if self.delimiter == "|" and "<" in line:
            line = _LINK.sub(r"\1", line)
        if '"' not in line:
            return line.split(self.delimiter), 1
        if line.count('"') % 2:
            reader = csv.reader(
                (f"{further}\n" for further in lines[at : at + _LONGEST_RECORD]),
                delimiter=self.delimiter,
                skipinitialspace=self.spaced,
                strict=True,
            )
            try:
                return next(reader), reader.line_num
            except (csv.Error, StopIteration):
                pass  # a quotation mark that is nothing but that: the line stands alone
        try:
            return next(csv.reader([line], delimiter=self.delimiter, skipinitialspace=self.spaced)), 1
        except (csv.Error, StopIteration):
            return line.split(self.delimiter), 1


def read_table(lines: Sequence[str]) -> Sheet | None:
    """The table that the lines of a text are, or None when they are none.

    Blank lines and comments give no row; a title above the header belongs to the header. A row with more cells than
    the header is set aside, since nobody can tell which of them belongs where.
    """
    starts, separator = 0, ""
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return None
    if match := _SEP.fullmatch(lines[first]):
        starts, separator = first + 1, match[1]
    sample = _says_something(lines, starts)
    delimiters: tuple[str, ...] = (separator,) if separator else _DELIMITERS
    if lines[first].lstrip().startswith(";"):
        delimiters = tuple(delimiter for delimiter in delimiters if delimiter != ";")  # it begins comments there
    found = _with_header(lines, sample[:HEADER_WITHIN], delimiters) or _commented_header(lines, sample, delimiters)
    if found is not None:
        dialect, header, below = found
        return _sheet(lines, dialect, below, header)
    return _without_header(lines, sample, delimiters)


def _says_something(lines: Sequence[str], starts: int) -> list[int]:
    sample: list[int] = []
    for at in range(starts, len(lines)):
        if not is_skipped(lines[at]):
            sample.append(at)
            if len(sample) == _SAMPLE:
                break
    return sample


def _dialect(lines: Sequence[str], sample: Sequence[int], delimiter: str) -> _Dialect:
    spaced = any(f'{delimiter} "' in lines[at] for at in sample)
    return _Dialect(delimiter, spaced)


def _with_header(
    lines: Sequence[str], sample: Sequence[int], delimiters: Sequence[str]
) -> tuple[_Dialect, list[str], int] | None:
    """The header, which is the first line whose cells are names of columns; nothing above it names an indicator."""
    dialects = [_dialect(lines, sample, delimiter) for delimiter in delimiters]
    for at in sample:
        best: tuple[int, _Dialect, list[str], int] | None = None
        for dialect in dialects:
            cells, count = dialect.record(lines, at)
            if (names_columns(cells) or names_the_rest(cells)) and (best is None or len(cells) > best[0]):
                best = (len(cells), dialect, cells, at + count)
        if best is not None:
            _, dialect, cells, below = best
            return dialect, cells, below
        if any(shape_of(part) for part in re.split(r"[\s,;|]+", lines[at][:2000])):
            return None
    return None


def _commented_header(
    lines: Sequence[str], sample: Sequence[int], delimiters: Sequence[str]
) -> tuple[_Dialect, list[str], int] | None:
    """The header of a feed that writes it as a comment, right above the first row and as wide as that is."""
    if not sample:
        return None
    first = sample[0]
    above = next((at for at in range(first - 1, -1, -1) if len(lines[at].strip(" \t#")) > 1), None)
    if above is None:
        return None
    title = lines[above].strip().lstrip("#").strip()
    for delimiter in delimiters:
        dialect = _dialect(lines, sample, delimiter)
        names, _ = dialect.record([title], 0)
        cells, _ = dialect.record(lines, first)
        if len(names) == len(cells) > 1 and names_columns(names):
            return dialect, names, first
    return None


def _without_header(lines: Sequence[str], sample: Sequence[int], delimiters: Sequence[str]) -> Sheet | None:
    """A table by its rows: nearly all have the same number of cells. A single line is none, nor are lines of pairs."""
    if any(_SPOOF.match(lines[at]) for at in sample):
        return None
    best: tuple[int, int, _Dialect] | None = None
    for delimiter in delimiters:
        dialect = _dialect(lines, sample, delimiter)
        widths = _widths(lines, sample, dialect)
        if widths.total() < 2:
            continue
        width, alike = widths.most_common(1)[0]
        if width > 1 and alike * 100 >= widths.total() * _ALIKE and (best is None or (alike, width) > best[:2]):
            best = (alike, width, dialect)
    if best is None:
        return None
    _, width, dialect = best
    first = sample[0]
    cells, count = dialect.record(lines, first)
    below, header = first, list[str]()
    if len(cells) == width and could_be_names(cells) and any(map(shape_of, _cells_below(lines, sample, dialect))):
        below, header = first + count, cells
    return _sheet(lines, dialect, below, header)


def _cells_below(lines: Sequence[str], sample: Sequence[int], dialect: _Dialect) -> Iterator[str]:
    """The cells below the first row, as far as they are looked at."""
    return (cell.strip() for at in sample[1:] for cell in dialect.record(lines, at)[0])


def _widths(lines: Sequence[str], sample: Sequence[int], dialect: _Dialect) -> Counter[int]:
    """How many of the sampled rows have how many cells."""
    widths: Counter[int] = Counter()
    below = -1
    for at in sample:
        if at >= below:
            cells, count = dialect.record(lines, at)
            widths[len(cells)] += 1
            below = at + count
    return widths


def _sheet(lines: Sequence[str], dialect: _Dialect, below: int, header: Sequence[str]) -> Sheet:
    names = trimmed(header)
    rows: list[SheetRow] = []
    made = BelowHeader(names, below + 1)
    at = below
    while at < len(lines):
        if is_skipped(lines[at]) or _is_comment(lines[at], dialect.delimiter):
            made.comment(lines[at])
            if (cells := _like_a_row(lines[at], dialect, len(names))) and len(rows) <= MOST_IMPORTED:
                rows.append(SheetRow(at + 1, cells, lines[at], _COMMENTED_OUT))
            at += 1
            continue
        if len(names) == 1 and len(rows) <= MOST_IMPORTED:
            rows.append(made.row(at + 1, (_unquoted(lines[at]),), lines[at]))
            at += 1
            continue
        fields, count = dialect.record(lines, at)
        cells = tuple(map(str.strip, fields))
        typed = "\n".join(lines[at : at + count])
        if len(rows) > MOST_IMPORTED:
            raise InvalidInput(
                f"The table has more than {MOST_IMPORTED:,} rows; at most {MOST_IMPORTED:,} indicators are imported at "
                "a time.",
                "Split it, and import one part after the other.",
            )
        if any(cells) and not (dialect.delimiter == "|" and _BAR_RULE.fullmatch(typed)):
            rows.append(made.row(at + 1, cells, typed))
        at += count
    return Sheet(rows=tuple(rows), header=names)


def _like_a_row(line: str, dialect: _Dialect, width: int) -> tuple[str, ...]:
    """The cells of a comment that has as many as the header, an indicator behind the first; else none."""
    if width < 2 or line.count(dialect.delimiter) < width - 1:
        return ()
    fields, _ = dialect.record([line], 0)
    cells = tuple(map(str.strip, fields))
    return cells if len(cells) == width and any(map(shape_of, cells[1:])) else ()


def _is_comment(line: str, delimiter: str) -> bool:
    """Whether a row is a comment, as a line would be; where semicolons separate, one in front is an empty cell."""
    return is_comment(line) and not (delimiter == ";" and line.lstrip().startswith(";"))


def _unquoted(line: str) -> str:
    """A line of a table with one column: without the quotation marks that CSV puts around it."""
    line = line.strip()
    if len(line) > 1 and line[0] == line[-1] == '"':
        return line[1:-1].replace('""', '"')
    return line
