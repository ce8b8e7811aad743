"""The bytes of a workbook (.xlsx) as tables, one for each of its sheets that has anything in it.

Numbers of rows are those that the spreadsheet shows. What a workbook would unpack to is known before it is read: a
small file can hold gigabytes, or one cell at the far end of a sheet.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.reading.shapes import says_nothing, shape_of
from bot.domain.reading.tables.below_header import BelowHeader
from bot.domain.reading.tables.header import HEADER_WITHIN, could_be_names, names_columns, names_the_rest, trimmed
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.workbook_parts import SheetFacts, facts_of
from bot.errors import InvalidInput

ZIP_MARK = b"PK\x03\x04"
#: An old workbook (.xls), or a new one with a password.
COMPOUND_MARK = b"\xd0\xcf\x11\xe0"

#: More than 10,000 rows with some columns of text unpack to.
_MOST_UNPACKED = 48 * 1024 * 1024
_MOST_PARTS = 2_000
_MOST_CELLS = 2_000_000
_MOST_SHEETS = 50
_CHUNK = 1024 * 1024

#: So many rows are looked at to know the first one for a header.
_SAMPLE = 200

#: Where a cell or a row says that it is.
_PLACE = re.compile(rb"\sr\s{0,9}=\s{0,9}[\"']([A-Za-z]{0,4})([0-9]{1,8})[\"']")
#: What a cell shows: a number, or the number of a text that is kept once.
_INDEX = re.compile(rb">\s{0,9}(-?[0-9]{1,9})(?:[.eE][0-9.eE+-]{1,30})?\s{0,9}</v>")

_SCHEME = re.compile(r"(?:https?://|mailto:)")
_SAVE_AS = "Save it as .xlsx without a password, or as CSV in UTF-8."

_Value = int | float | str | bool | time | date | datetime | timedelta


def read_workbook(content: bytes) -> tuple[Sheet, ...]:
    """The sheets that have anything in them. Raises InvalidInput when it is no workbook, or a too large one."""
    if content.startswith(COMPOUND_MARK):
        raise InvalidInput("The file is an old workbook (.xls), or has a password.", _SAVE_AS)
    # Loaded with the first workbook: only the process that reads imports ever sees one.
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415

    facts = facts_of(_demand_small(content))
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as workbook:
            names = workbook.sheet_names[:_MOST_SHEETS]
            sheets = [
                _sheet(
                    name,
                    workbook.get_sheet_by_name(name).to_python(skip_empty_area=False),
                    facts.get(name, SheetFacts()),
                )
                for name in names
            ]
    except PasswordError:
        raise InvalidInput("The workbook has a password.", _SAVE_AS) from None
    except CalamineError as error:
        raise InvalidInput("The file isn't a workbook that can be read.", _SAVE_AS) from error
    return tuple(sheet for sheet in sheets if sheet is not None)


def _demand_small(content: bytes) -> dict[str, bytes]:
    """The workbook's parts, by their paths in small letters.

    Raises InvalidInput for what isn't a workbook, and for one that would unpack to too much, whatever it says.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if not any(part.filename.lower() == "xl/workbook.xml" for part in parts):
                raise InvalidInput("The file is a packed one, and no workbook.", _SAVE_AS)
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
                raise _too_large()
            left = _MOST_UNPACKED
            strings: list[int] = []
            sheets: list[bytes] = []
            found: dict[str, bytes] = {}
            for part in parts:
                xml = _unpacked(packed, part, left)
                left -= len(xml)
                found[part.filename.lower()] = xml
                if part.filename.lower().startswith("xl/worksheets/"):
                    sheets.append(xml)
                elif part.filename.lower().endswith("sharedstrings.xml"):
                    strings = [len(text) for text in xml.split(b"<si")[1:]]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise InvalidInput("The file isn't a workbook that can be read.", _SAVE_AS) from error
    for xml in sheets:
        _demand_few_cells(xml)
    _demand_short_strings(strings, sheets)
    return found


def _unpacked(packed: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> bytes:
    """A part as it really is; the directory may say that it is smaller. Raises InvalidInput for more than `most`."""
    honest = copy(part)
    honest.file_size = most + 2 * _CHUNK  # else reading would stop at what the directory says
    content = bytearray()
    with packed.open(honest) as stream:
        try:
            while chunk := stream.read(_CHUNK):
                content += chunk
                if len(content) > most:
                    raise _too_large()
        except EOFError:
            pass  # it ends before the size that was made up above
    return bytes(content)


def _demand_few_cells(xml: bytes) -> None:
    """Raises InvalidInput when a sheet reaches too far: all cells up to the last one would be made."""
    columns: set[bytes] = set()
    last_row = max(xml.count(b"<row"), xml.count(b":row"))
    placed = 0
    for place in _PLACE.finditer(xml):
        if place[1]:
            columns.add(place[1])
            placed += 1
        last_row = max(last_row, int(place[2]))
    width = max(map(_column_number, columns), default=0)
    if xml.count(b"<c") > placed:  # some cells don't say where they are: they stand one after the other
        width = max(width, *(row.count(b"<c") for row in xml.split(b"row")))
    if width * last_row > _MOST_CELLS:
        raise _too_large()


def _demand_short_strings(strings: Sequence[int], sheets: Sequence[bytes]) -> None:
    """Raises InvalidInput when texts that are kept once and shown in many cells would come to too much."""
    cells = sum(xml.count(b"<c") for xml in sheets)
    if not strings or max(strings) * cells <= _MOST_UNPACKED:
        return
    shown = 0
    for xml in sheets:
        found = [int(index) for index in _INDEX.findall(xml)]
        if len(found) < xml.count(b"</v>"):
            raise _too_large()
        shown += sum(strings[index] for index in found if index < len(strings))
    if shown > _MOST_UNPACKED:
        raise _too_large()


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _too_large() -> InvalidInput:
    return InvalidInput(
        "The workbook is too large to be read: it unpacks to too much, or has a cell too far out.",
        "Copy the rows that matter into a new workbook, or save them as CSV.",
    )


def _sheet(name: str, values: Sequence[Sequence[_Value]], facts: SheetFacts) -> Sheet | None:
    table = [(number, tuple(map(_text, row))) for number, row in enumerate(values, 1)]
    table = [(number, cells) for number, cells in table if any(cells)]
    if not table:
        return None
    if len(table) > MOST_IMPORTED + HEADER_WITHIN:
        raise InvalidInput(
            f"The sheet ‘{name[:40]}’ has {len(table):,} rows; at most {MOST_IMPORTED:,} indicators are imported at a "
            "time.",
            "Split it, and import one part after the other.",
        )
    below, header = _header(table)
    made = BelowHeader(header, table[below][0] if below < len(table) else 1)
    rows = tuple(made.row(number, cells, "\t".join(cells).strip("\t")) for number, cells in table[below:])
    if facts.links:
        rows = tuple(_as_linked(row, facts.links) for row in rows)
    if facts.struck:
        rows = tuple(_as_struck(row, facts.struck) for row in rows)
    hidden = sum(row.number in facts.hidden_rows for row in rows)
    return Sheet(
        rows=rows,
        header=header,
        name=name,
        is_hidden=facts.is_hidden,
        hidden_rows=hidden,
        hidden_columns=tuple(sorted(column - 1 for column in facts.hidden_columns)),
    )


def _as_linked(row: SheetRow, links: Mapping[tuple[int, int], str]) -> SheetRow:
    """The row, set aside where a cell shows another indicator than it leads to."""
    for column, cell in enumerate(row.cells, 1):
        target = links.get((row.number, column))
        if target is not None and row.aside is None and shape_of(cell) and _bare(target) != _bare(cell):
            text = f"A cell shows {quoted(cell)} and leads to {quoted(target)}: write down the one that is meant."
            return replace(row, aside=Aside("link_differs", text))
    return row


def _as_struck(row: SheetRow, struck: frozenset[tuple[int, int]]) -> SheetRow:
    """The row, set aside where what may be an indicator is struck out in it, or all that it says."""
    filled = [(column, cell) for column, cell in enumerate(row.cells, 1) if cell]
    out = [cell for column, cell in filled if (row.number, column) in struck]
    if row.aside is not None or not out or not (len(out) == len(filled) or not all(map(says_nothing, out))):
        return row
    return replace(row, aside=Aside("struck_out", f"{quoted(out[0])} is struck out in the workbook."))


def _bare(link: str) -> str:
    return _SCHEME.sub("", link.strip().lower()).rstrip("/")


def _header(table: Sequence[tuple[int, Sequence[str]]]) -> tuple[int, tuple[str, ...]]:
    """How many rows the header and what stands above it take, and its names; none and empty where there is none."""
    for at, (_, cells) in enumerate(table[:HEADER_WITHIN]):
        named = [cell for cell in cells if cell]
        if names_columns(named) or names_the_rest(named):
            return at + 1, trimmed(cells)
        if any(map(shape_of, cells)):
            break
    first = trimmed(table[0][1])
    below = (cell for _, cells in table[1:_SAMPLE] for cell in cells)
    return (1, first) if len(first) > 1 and could_be_names(first) and any(map(shape_of, below)) else (0, ())


def _text(value: _Value) -> str:
    """A cell as the spreadsheet's user would type it: dates in ISO form, whole numbers without a fraction."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)
