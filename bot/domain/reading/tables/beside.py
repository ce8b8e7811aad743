"""Which columns of a table say something about a row's indicator: its type, what to do, until when, why."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.domain.reading.shapes import shape_of
from bot.domain.reading.tables.action_columns import ActionColumns, action_columns
from bot.domain.reading.tables.column_names import ColumnRole, role_of
from bot.domain.reading.tables.layouts import Layout
from bot.domain.reading.tables.row_words import EXPIRED, is_of_answers
from bot.domain.reading.tables.scopes import is_of_scope
from bot.domain.reading.tables.sheet import MOST_COLUMNS, Sheet

_OF_INDICATORS = frozenset({ColumnRole.INDICATOR, ColumnRole.OTHERS, ColumnRole.SPOOFED, ColumnRole.INFRASTRUCTURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """The columns that say something about a row's indicator, by their numbers from 0."""

    types: tuple[int, ...] = ()
    parties: tuple[int, ...] = ()
    actions: ActionColumns = field(default_factory=ActionColumns)
    status: tuple[int, ...] = ()
    ticked: frozenset[int] = frozenset()  #: those of `status` in which any row says something
    ends: int | None = None  #: the one whose dates can be taken
    unclear_ends: tuple[int, ...] = ()  #: several that say until when, so that none can be taken
    starts: tuple[int, ...] = ()  #: that say from when on it counts
    expiries: tuple[int, ...] = ()  #: all that say until when the row counts
    scopes: tuple[int, ...] = ()
    ports: tuple[int, ...] = ()
    remarks: tuple[int, ...] = ()
    spoken: tuple[int, ...] = ()  #: those in which somebody may say that a row isn't to be blocked


_PORTS = frozenset(
    {
        *("port", "ports", "dstport", "destinationport", "srcport", "sourceport", "tcpport", "udpport", "remoteport"),
        *("serverport", "portnumber", "puerto", "porta", "poort"),
    }
)
#: Columns whose texts others wrote than who made the table.
_THEIRS = """
    subject messagesubject mailsubject emailsubject betreff objet asunto oggetto onderwerp assunto displayname
    sendername senderdisplayname fromname anzeigename filename filenames attachment attachments attachmentname
    dateiname useragent threats threat malware malwareprintable signature tags url link reference references city
    country asname asn isp
"""
_OF_THEIRS = frozenset(_THEIRS.split())


def beside_of(sheet: Sheet, layout: Layout | None) -> Beside:
    """The columns beside the indicators: as a known layout has them, or by their names and what stands in them."""
    names = sheet.names
    ports = tuple(column for column, name in enumerate(names) if name in _PORTS)
    starts = tuple(column for column, name in enumerate(sheet.header) if role_of(name) is ColumnRole.START)
    if layout is not None:
        at = {name: column for column, name in reversed(list(enumerate(names)))}
        return Beside(
            types=(at[layout.type],) if layout.type in at else (),
            actions=action_columns(
                sheet,
                [at[layout.action]] if layout.action in at else [],
                [column for column, name in enumerate(sheet.header) if role_of(name) is not ColumnRole.ACTION],
            ),
            status=tuple(at[name] for name in layout.status if name in at),
            ends=at.get(layout.ends),
            expiries=(at[layout.ends],) if layout.ends in at else (),
            starts=starts,
            ports=ports,
            remarks=tuple(at[name] for name in layout.remarks if name in at),
            spoken=tuple(
                column
                for column, name in enumerate(names[:MOST_COLUMNS])
                if name not in _OF_THEIRS and (name in layout.remarks or role_of(name) is ColumnRole.REMARK)
            ),
        )
    roles = [role_of(name) for name in sheet.header]

    def of(role: ColumnRole) -> tuple[int, ...]:
        return tuple(column for column, other in enumerate(roles) if other is role)

    expiries = tuple(
        column
        for column, role in enumerate(roles)
        if (role is ColumnRole.ENDS or names[column] in EXPIRED) and not _has_indicators(sheet, column)
    )
    filled = [column for column in expiries if roles[column] is ColumnRole.ENDS and _is_filled(sheet, column)]
    lengths = [column for column in of(ColumnRole.LENGTH) if _is_filled(sheet, column)]
    ends = filled or lengths
    status = tuple(
        column for column, role in enumerate(roles) if role is ColumnRole.STATUS or is_of_answers(sheet.header[column])
    )
    return Beside(
        types=of(ColumnRole.TYPE),
        parties=of(ColumnRole.PARTY),
        actions=action_columns(sheet, (), [column for column, role in enumerate(roles) if role in _OF_INDICATORS]),
        status=status,
        ticked=frozenset(column for column in status if _is_filled(sheet, column)),
        ends=ends[0] if len(ends) == 1 else None,
        unclear_ends=tuple(ends) if len(ends) > 1 else (),
        expiries=expiries,
        scopes=tuple(column for column, name in enumerate(sheet.header) if is_of_scope(name)),
        starts=starts,
        ports=ports,
        remarks=of(ColumnRole.REMARK),
        spoken=tuple(
            column
            for column, name in enumerate(names[:MOST_COLUMNS])
            if name not in _OF_THEIRS and roles[column] in {None, ColumnRole.REMARK}
        ),
    )


def _is_filled(sheet: Sheet, column: int) -> bool:
    return any(column < len(row.cells) and row.cells[column] for row in sheet.rows)


def _has_indicators(sheet: Sheet, column: int) -> bool:
    """Whether what stands first in a column is an indicator: `Bis` can be the last address of a range."""
    first = next((row.cell(column) for row in sheet.rows if row.cell(column) and row.aside is None), "")
    return shape_of(first) is not None
