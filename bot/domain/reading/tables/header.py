"""Whether a row of a table is its header, and whether a row below it fits it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.domain.reading.aside import Aside
from bot.domain.reading.shapes import says_nothing, shape_of
from bot.domain.reading.tables.column_names import ColumnRole, is_header, role_of

#: So many rows that say something are looked at to find the header.
HEADER_WITHIN = 20

#: So many of a header's names are looked at to know it for one.
_MOST_NAMES = 200

#: Longer names of columns are prose.
_LONGEST_NAME = 80

_FIGURES = re.compile(r"[0-9\s.,:+-]*")
_BESIDE = frozenset({ColumnRole.REMARK, ColumnRole.TYPE, ColumnRole.ACTION, ColumnRole.STATUS, ColumnRole.ENDS})


def names_columns(cells: Sequence[str]) -> bool:
    """Whether a row's cells are the names of columns, one of them of indicators, and none is an indicator itself."""
    names = [cell.strip() for cell in cells[:_MOST_NAMES]]
    if any(len(name) > _LONGEST_NAME for name in names) or not is_header(names):
        return False
    if len(names) == 1 and role_of(names[0]) is not ColumnRole.INDICATOR:
        return False  # a title above a plain list, such as `Report`
    return not any(shape_of(name) for name in names)


def names_the_rest(cells: Sequence[str]) -> bool:
    """Whether a row's cells are the names of columns that stand beside indicators: a column of these was taken out."""
    names = [cell.strip() for cell in cells[:_MOST_NAMES]]
    known = sum(role_of(name) in _BESIDE for name in names)
    return known > 1 and known * 2 >= len(names) and could_be_names(names)


def could_be_names(cells: Sequence[str]) -> bool:
    """Whether a first row is a header whose names don't say where the indicators are: short distinct words."""
    names = [cell.strip() for cell in cells[:_MOST_NAMES]]
    if not all(names) or len(set(names)) < len(names):
        return False
    return all(
        len(name) <= _LONGEST_NAME and shape_of(name) is None and says_nothing(name) and not _FIGURES.fullmatch(name)
        for name in names
    )


def trimmed(header: Sequence[str]) -> tuple[str, ...]:
    """A header's names, without the empty ones at its end."""
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


def wrong_row(cells: Sequence[str], header: Sequence[str]) -> Aside | None:
    """Why a row below a header can't be read by it, or None where it can, as it can without a header."""
    if not header:
        return None
    if len(cells) > len(header) and any(cells[len(header) :]):
        return Aside(
            "ragged",
            f"The row has {len(cells)} cells and the header {len(header)}: a separator within a value has to stand "
            "between quotation marks.",
        )
    if tuple(cells[: len(header)]) == tuple(header):
        return Aside("header_again", "The row repeats the header.")
    return None
