"""The ways in which a table can be read: which of its columns could be meant, and which one plainly is.

A column is taken without asking where the table's layout is known, or where exactly one column's name says it and its
cells read. Everything else is a question for a person, with what each way would give. Columns of recipients, of what is
protected, and of links to reports stand behind all others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.traits import Action
from bot.domain.reading.aside import Aside
from bot.domain.reading.names import normal_name
from bot.domain.reading.sections import allows, section_of
from bot.domain.reading.shapes import Shape, shape_of
from bot.domain.reading.tables.beside import Beside, beside_of
from bot.domain.reading.tables.column_names import ColumnRole, is_for_any_kind, kind_of, kinds_of, role_of
from bot.domain.reading.tables.halves import Halves, halves_of, question_of
from bot.domain.reading.tables.layouts import Layout, Takes, layout_of
from bot.domain.reading.tables.sheet import MOST_COLUMNS, Sheet, SheetRow
from bot.errors import InvalidInput

#: So many rows are looked at to find the columns that could be meant.
_SAMPLE = 200

#: A column without a telling name could be meant when so many in a hundred of its filled cells look like indicators.
_LEAST_SHARE = 50


@dataclass(frozen=True, slots=True)
class Source:
    """A column to take indicators from."""

    column: int  #: from 0
    kind: Kind | None = None  #: as which its bare hosts are read
    kinds: frozenset[Kind] | None = None  #: the only ones that stand in it, where its name says so
    says: Action | None = None  #: what is done about all that stands in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to read a table."""

    key: str
    title: str
    sources: tuple[Source, ...]
    takes: Takes = Takes.IT  #: `IT`: each row's first source that is filled
    several: bool = False  #: a cell holds several, each by itself
    halves: Halves | None = None  #: the columns whose cells make one value together, with the only source

    def cells(self, row: SheetRow) -> list[tuple[str, Source]]:
        """What a row has in the way's columns, as far as it is filled."""
        cells = row.cells
        if self.halves is not None:
            text = self.halves.joined(cells)
            return [(text, self.sources[0])] if text else []
        filled = [
            (cells[source.column], source)
            for source in self.sources
            if source.column < len(cells) and cells[source.column]
        ]
        return filled[:1] if self.takes is Takes.IT else filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The ways to read one table, the likely ones first. Without `chosen`, `question` says why."""

    sheet: Sheet
    what: str
    ways: tuple[Way, ...]
    beside: Beside
    chosen: Way | None = None
    question: str = ""


def ways_of(sheet: Sheet) -> Ways:
    """The ways in which a table can be read."""
    layout = layout_of(sheet.names)
    beside = beside_of(sheet, layout)
    looks = _looks(sheet)
    if layout is not None:
        return _by_layout(sheet, layout, beside, looks)
    return _by_names(sheet, beside, looks)


def way_named(sheet: Sheet, name: str, ways: Ways) -> Way:
    """The way that a person named: by a way's key, a column's name in any spelling, or its number from 1.

    Any column can be named, also one that nothing was found in. Raises InvalidInput when there is no such column.
    """
    for way in ways.ways:
        if way.key == name:
            return way
    wanted = normal_name(name)
    for way in ways.ways:
        if wanted and normal_name(way.key) == wanted:
            return way
    if wanted in sheet.names:
        return _way(sheet, sheet.names.index(wanted))
    if name.strip().isascii() and name.strip().isdigit() and 1 <= int(name.strip()[:6]) <= sheet.width:
        return _way(sheet, int(name) - 1)
    raise InvalidInput(
        f"There is no column ‘{name[:80]}’.",
        f"Name one of: {', '.join(way.key for way in ways.ways[:20])}." if ways.ways else "Leave the column out.",
    )


def column_title(sheet: Sheet, column: int) -> str:
    """A column for people: `column Sender`, `column 3`."""
    name = sheet.header[column][:80] if column < len(sheet.header) else ""
    return f"column {name or column + 1}"


def column_key(sheet: Sheet, column: int) -> str:
    """What a person names a column by: its name, or its number from 1 where that is missing or stands there twice."""
    name = sheet.header[column] if column < len(sheet.header) else ""
    normal = sheet.names[column] if column < len(sheet.header) else ""
    return name if normal and len(name) <= 80 and sheet.names.count(normal) == 1 else str(column + 1)


def _way(sheet: Sheet, column: int, kind: Kind | None = None) -> Way:
    name = sheet.header[column] if column < len(sheet.header) else ""
    return Way(
        key=column_key(sheet, column),
        title=column_title(sheet, column),
        sources=(
            Source(
                column,
                kind or kind_of(name),
                None if kind else kinds_of(name),
                Action.ALLOW if allows(name) or section_of(sheet.name) is Action.ALLOW else None,
            ),
        ),
        several=False,
    )


def _looks(sheet: Sheet) -> list[list[Shape | None]]:
    """For each column, what its filled cells look like, of the first rows."""
    looks: list[list[Shape | None]] = [[] for _ in range(min(sheet.width, MOST_COLUMNS))]
    for row in sheet.rows[:_SAMPLE]:
        if row.aside is None:
            for column, cell in enumerate(row.cells[:MOST_COLUMNS]):
                if cell:
                    looks[column].append(shape_of(cell))
    return looks


def _by_layout(sheet: Sheet, layout: Layout, beside: Beside, looks: Sequence[Sequence[Shape | None]]) -> Ways:
    what = sheet.what or layout.what
    if layout.takes is Takes.NONE:
        why = Aside("no_list", f"It is {what}, and none of the tenant's lists takes any.")
        sheet = replace(sheet, rows=tuple(replace(row, aside=row.aside or why) for row in sheet.rows))
    columns = [sheet.names.index(name) for name in layout.values if name in sheet.names]
    sources = tuple(
        Source(
            column,
            layout.kind or kind_of(sheet.header[column]),
            kinds_of(sheet.header[column]),
            layout.says[at]
            if layout.says
            else section_of(sheet.name)
            if section_of(sheet.name) is Action.ALLOW
            else None,
        )
        for at, column in enumerate(columns)
    )
    if layout.takes is Takes.ASK:
        ways = [
            Way(key=column_key(sheet, source.column), title=column_title(sheet, source.column), sources=(source,))
            for source in sources
            if source.column < len(looks) and any(looks[source.column])
        ]
        rest = _others(sheet, looks, {source.column for source in sources})
        if len(ways) == 1:
            return Ways(sheet=sheet, what=what, ways=(*ways, *rest), beside=beside, chosen=ways[0])
        question = f"It is {what}, and has several columns that could be meant."
        return Ways(sheet=sheet, what=what, ways=(*ways, *rest), beside=beside, question=question)
    if layout.of_one_list and len(sources) == 1 and (asked := _senders_or_urls(sheet, sources[0].column)):
        return Ways(sheet=sheet, what=what, ways=asked[0], beside=beside, chosen=asked[1], question=asked[2])
    way = _joined(sheet, sources, layout)
    if layout.takes is Takes.PAIR:
        return Ways(sheet=sheet, what=what, ways=(way,), beside=beside, chosen=way)
    rest = _others(sheet, looks, {source.column for source in sources})
    return Ways(sheet=sheet, what=what, ways=(way, *rest), beside=beside, chosen=way)


def _joined(sheet: Sheet, sources: tuple[Source, ...], layout: Layout) -> Way:
    keys = [column_key(sheet, source.column) for source in sources]
    titles = [column_title(sheet, source.column).removeprefix("column ") for source in sources]
    title = f"column {titles[0]}" if len(titles) == 1 else f"columns {' and '.join(titles)}"
    if layout.takes is Takes.PAIR:
        title += ", as pairs"
    return Way(key=" + ".join(keys), title=title, sources=sources, takes=layout.takes, several=layout.several)


def _senders_or_urls(sheet: Sheet, column: int) -> tuple[tuple[Way, ...], Way | None, str] | None:
    """The ways to read an export of one list that doesn't say which: a domain is an entry of senders and of URLs."""
    shapes = {
        shape_of(row.cells[column]): row.cells[column]
        for row in sheet.rows
        if column < len(row.cells) and row.cells[column]
    }
    is_of_urls = Shape.URL in shapes or any(
        shape is Shape.IP and "." in cell and ":" not in cell for shape, cell in shapes.items()
    )
    senders = _way(sheet, column)
    urls = _way(sheet, column, Kind.URL)
    if Shape.DOMAIN not in shapes:
        return (senders,), (urls if is_of_urls else senders), ""
    if is_of_urls != (Shape.ADDRESS in shapes):
        chosen = urls if is_of_urls else senders
        return (chosen,), chosen, ""
    key, title = senders.key, senders.title
    ways = (
        Way(key=f"{key} as senders", title=f"{title}, as senders", sources=senders.sources),
        Way(key=f"{key} as URLs", title=f"{title}, as URLs", sources=urls.sources),
    )
    question = (
        "Nothing in the export says of which list it is, and a domain can be an entry of the senders and of the URLs."
    )
    return ways, None, question


def _by_names(sheet: Sheet, beside: Beside, looks: Sequence[Sequence[Shape | None]]) -> Ways:
    what = sheet.what or "a table"
    named = [column for column, name in enumerate(sheet.header[:MOST_COLUMNS]) if role_of(name) is ColumnRole.INDICATOR]
    reading = [column for column in named if column < len(looks) and any(looks[column])]
    of_any_kind = [column for column in reading if is_for_any_kind(sheet.header[column])]
    first = [_way(sheet, column) for column in (reading or named)]
    rest = _others(sheet, looks, set(reading or named))
    ways = (*first, *rest)
    chosen: Way | None = None
    if len(of_any_kind) == 1:
        chosen = next(way for way in first if way.sources[0].column == of_any_kind[0])
    elif len(first) == 1 and (reading or not rest):
        chosen = first[0]
    elif len(reading) > 1 and _complete_each_other(sheet, reading):
        sources = tuple(source for way in first for source in way.sources)
        titles = [way.title.removeprefix("column ") for way in first]
        chosen = Way(key=" + ".join(way.key for way in first), title=f"columns {' and '.join(titles)}", sources=sources)
        ways = (chosen, *ways)
    candidates = reading or [way.sources[0].column for way in rest]
    halves = halves_of(sheet, [source.column for source in chosen.sources] if chosen is not None else candidates)
    if halves is not None:
        together = _together(sheet, halves)
        ways = (together, *(way for way in ways if way.halves is None))
        if set(reading) <= set(halves.columns):
            chosen = together if halves.is_plain else None
            question = "" if halves.is_plain else question_of(sheet, halves)
            return Ways(sheet=sheet, what=what, ways=ways, beside=beside, chosen=chosen, question=question)
        chosen = None
    question = "" if chosen is not None else _question(sheet, reading, rest)
    return Ways(sheet=sheet, what=what, ways=ways, beside=beside, chosen=chosen, question=question)


def _together(sheet: Sheet, halves: Halves) -> Way:
    """The way that takes columns together which are the parts of one value."""
    name = sheet.header[halves.of]
    says = Action.ALLOW if allows(name) or section_of(sheet.name) is Action.ALLOW else None
    titles = [column_title(sheet, column).removeprefix("column ") for column in halves.columns]
    return Way(
        key=" + ".join(column_key(sheet, column) for column in halves.columns),
        title=f"columns {' and '.join(titles)} together",
        sources=(Source(halves.of, halves.kind, None, says),),
        halves=halves,
    )


def _question(sheet: Sheet, reading: Sequence[int], rest: Sequence[Way]) -> str:
    if len(reading) > 1:
        return "It is a table with several columns that could be meant."
    if not rest and not reading:
        return "It is a table, and none of its columns has anything that reads as an indicator."
    if not sheet.header:
        return "It is a table without names above its columns, so none of them says that it is meant."
    return "It is a table, and the name of none of its columns says that it is meant."


def _complete_each_other(sheet: Sheet, columns: Sequence[int]) -> bool:
    """Whether no row has more than one of the columns filled, so that all of them together are what is meant."""
    return all(
        sum(column < len(row.cells) and bool(row.cells[column]) for column in columns) <= 1 for row in sheet.rows
    )


def _others(sheet: Sheet, looks: Sequence[Sequence[Shape | None]], besides: set[int]) -> list[Way]:
    """All further columns that could be meant; last the ones that are about somebody else."""
    found: list[tuple[bool, int]] = []
    for column, shapes in enumerate(looks):
        alike = sum(shape is not None for shape in shapes)
        if column in besides or not alike or alike * 100 < len(shapes) * _LEAST_SHARE:
            continue
        role = role_of(sheet.header[column]) if column < len(sheet.header) else None
        found.append((role in {ColumnRole.OTHERS, ColumnRole.SPOOFED}, column))
    return [_way(sheet, column) for _, column in sorted(found)]
