"""Why a row may not be meant to be blocked: by its status, whose it is, its type, and what somebody wrote on it."""

from __future__ import annotations

from collections.abc import Iterator

from bot.domain.indicators.typed_text import quoted
from bot.domain.lists.traits import Action
from bot.domain.reading.action_words import NO_BLOCKS, is_technical, said_action
from bot.domain.reading.aside import Aside
from bot.domain.reading.import_allowance import TOO_MUCH_TEXT, Allowance
from bot.domain.reading.remarks import AGAINST, against_blocking, may_speak_against
from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.beside import Beside
from bot.domain.reading.tables.row_words import nothing_ticked, said_status
from bot.domain.reading.tables.scopes import said_scope
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.type_words import TypeWord, said_party, said_type


def doubt_of(row: SheetRow, sheet: Sheet, beside: Beside, *, removing: bool) -> Aside | None:
    """Why a row isn't taken, by its columns of status, party, type and reach; None where nothing speaks against it.

    `removing` where it is about entries that exist: what is no block may well be taken out.
    """
    found = (doubt for doubt in _doubts(row, sheet, beside) if doubt is not None)
    return next((doubt for doubt in found if not (removing and doubt.code in NO_BLOCKS)), None)


def type_of(row: SheetRow, beside: Beside) -> TypeWord | None:
    """What a row's type says of the kind of its indicator; None where it says nothing."""
    return next((said for said in _types(row, beside) if isinstance(said, TypeWord)), None)


def spoken_against(row: SheetRow, sheet: Sheet, beside: Beside, *, but: set[int], allowance: Allowance) -> Aside | None:
    """Why a row may not be meant for blocking: somebody says so in a remark on it, in another column than `but`."""
    for column in beside.spoken:
        cell = row.cell(column)
        if column in but or not may_speak_against(cell) or (" " not in cell and shape_of(cell) is not None):
            continue
        if column not in beside.remarks and is_technical(cell):
            continue
        if not allowance.take_remark(cell):
            return TOO_MUCH_TEXT
        if (words := against_blocking(cell)) is not None:
            name = quoted(sheet.header[column])
            return Aside(AGAINST, f"The row says {quoted(words)} in {name}, so that it may not be meant for a block.")
    return None


def _doubts(row: SheetRow, sheet: Sheet, beside: Beside) -> Iterator[Aside | None]:
    header = sheet.header
    for column in beside.status:
        cell = row.cell(column)
        if cell:
            yield said_status(header[column], cell)
        else:
            yield nothing_ticked(header[column], others=column in beside.ticked)
    for column in beside.parties:
        yield said_party(header[column], row.cell(column))
    for word in _types(row, beside):
        yield word if isinstance(word, Aside) else None
    for column in beside.scopes:
        said = said_scope(header[column], row.cell(column))
        yield said if isinstance(said, Aside) else None


def _types(row: SheetRow, beside: Beside) -> list[TypeWord | Aside | None]:
    """What the row's types say; a word such as Block is what is to be done."""
    cells = (row.cell(column) for column in beside.types)
    return [None if isinstance(said_action(cell), Action) else said_type(cell) for cell in cells]
