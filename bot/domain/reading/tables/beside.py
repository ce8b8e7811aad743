"""Which columns of a table say something about a row's indicator: its type, what to do, until when, why."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.reading.tables.action_columns import ActionColumns, action_columns
from bot.domain.reading.tables.column_names import ColumnRole, role_of
from bot.domain.reading.tables.layouts import Layout
from bot.domain.reading.tables.sheet import Sheet

_OF_INDICATORS = frozenset({ColumnRole.INDICATOR, ColumnRole.OTHERS, ColumnRole.SPOOFED, ColumnRole.INFRASTRUCTURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The columns that say something about a row's indicator, by their numbers from 0."""

    type: int | None = None
    actions: ActionColumns = field(default_factory=ActionColumns)
    status: tuple[int, ...] = ()
    ends: int | None = None  #: the one whose dates can be taken
    expiries: tuple[int, ...] = ()  #: all that say until when the row counts
    remarks: tuple[int, ...] = ()


def beside_of(sheet: Sheet, layout: Layout | None) -> Beside:
    """The columns beside the indicators: as a known layout has them, or by their names and what stands in them."""
    names = sheet.names
    if layout is not None:
        at = {name: column for column, name in reversed(list(enumerate(names)))}
        return Beside(
            type=at.get(layout.type),
            actions=action_columns(
                sheet,
                [at[layout.action]] if layout.action in at else [],
                [column for column, name in enumerate(sheet.header) if role_of(name) is not ColumnRole.ACTION],
            ),
            status=tuple(at[name] for name in layout.status if name in at),
            ends=at.get(layout.ends),
            expiries=(at[layout.ends],) if layout.ends in at else (),
            remarks=tuple(at[name] for name in layout.remarks if name in at),
        )
    roles = [role_of(name) for name in sheet.header]

    def only(role: ColumnRole) -> int | None:
        return roles.index(role) if roles.count(role) == 1 else None

    expiries = tuple(column for column, role in enumerate(roles) if role is ColumnRole.ENDS)
    filled = [column for column in expiries if any(column < len(row.cells) and row.cells[column] for row in sheet.rows)]
    return Beside(
        type=only(ColumnRole.TYPE),
        actions=action_columns(sheet, (), [column for column, role in enumerate(roles) if role in _OF_INDICATORS]),
        status=tuple(column for column, role in enumerate(roles) if role is ColumnRole.STATUS),
        ends=filled[0] if len(filled) == 1 else None,
        expiries=expiries,
        remarks=tuple(column for column, role in enumerate(roles) if role is ColumnRole.REMARK),
    )
