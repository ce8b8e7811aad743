"""What was given, a file's bytes or a pasted text, as tables or as lines."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.lists.traits import Action
from bot.domain.reading.import_text import decode, demand_fits
from bot.domain.reading.line_ends import lines_of
from bot.domain.reading.mail_headers import HEADERS, offers_of, offers_told
from bot.domain.reading.sections import section_of
from bot.domain.reading.tables.aligned import read_aligned
from bot.domain.reading.tables.delimited import read_table
from bot.domain.reading.tables.json_text import read_json
from bot.domain.reading.tables.key_values import read_records
from bot.domain.reading.tables.sheet import Sheet
from bot.domain.reading.tables.workbook import COMPOUND_MARK, ZIP_MARK, read_workbook
from bot.domain.reading.typed_marks import without_marks
from bot.errors import InvalidInput


def open_given(content: bytes | str) -> tuple[Sequence[Sheet], str | None]:
    """The tables in what was given; its text where nothing names the columns, so that lines can be read as a whole.

    Plain lines have no table. Raises InvalidInput when it is neither text nor a table, when it is the headers
    of a message, of which nobody could tell what is meant, and when it is more than one import takes.
    """
    if isinstance(content, bytes):
        if content.startswith((ZIP_MARK, COMPOUND_MARK)):
            return _of_workbook(read_workbook(content))
        text = decode(content)
    else:
        text = without_marks(content)
    text = text.removeprefix("\ufeff")
    documents = read_json(text)
    if documents is not None:
        if not documents:
            raise InvalidInput("There are no records in the JSON that could name an indicator.", "Save it as CSV.")
        return documents, None
    if (offers := offers_of(text)) is not None:
        raise InvalidInput(HEADERS, offers_told(offers))
    lines = lines_of(text)
    sheet = read_aligned(lines) or read_table(lines)
    if (sheet is None or len(sheet.header) < 2) and (records := read_records(lines)) is not None:
        return (records,), None
    if sheet is None:
        return (), demand_fits(text)
    return (sheet,), text if not sheet.header else None


def _of_workbook(sheets: Sequence[Sheet]) -> tuple[Sequence[Sheet], str | None]:
    """A workbook's sheets; one that is nothing but a column of cells is read like lines."""
    if not sheets:
        raise InvalidInput("The workbook is empty.", "Check that it is the right one, and that it was saved.")
    if len(sheets) > 1 or sheets[0].header or sheets[0].width > 1 or _says_more(sheets[0]):
        return sheets, None
    lines = [""] * sheets[0].rows[-1].number
    for row in sheets[0].rows:
        lines[row.number - 1] = " ".join(row.cells[0].split())
    return (), "\n".join(lines)


def _says_more(sheet: Sheet) -> bool:
    """Whether there is more to a column of cells than its lines would tell."""
    is_odd = sheet.is_hidden or bool(sheet.hidden_rows) or section_of(sheet.name) is Action.ALLOW
    return is_odd or any(row.aside is not None for row in sheet.rows)
