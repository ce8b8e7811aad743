"""Finding the column with the indicators, when what is imported is a table: CSV, or with tabs, semicolons or bars."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.indicators.indicator import Kind
from bot.domain.reading.command_text import read_lines
from bot.domain.reading.import_text import is_skipped, is_too_long

#: Columns of whatever kind: the first of these that a header has is the one.
_ANY = (
    "indicator",
    "indicatorvalue",
    "ioc",
    "iocvalue",
    "observable",
    "observablevalue",
    "value",
    "entry",
    "entries",
    "item",
)

#: Columns of one kind. Of several, each row's first that isn't empty is taken.
_OF_A_KIND = frozenset(
    [
        *("address", "ip", "ipaddress", "ipaddr", "ipv4", "ipv6", "srcip", "sourceip", "sourceipaddress", "senderip"),
        *("network", "cidr", "range", "domain", "domainname", "host", "hostname", "fqdn", "url", "uri", "link"),
        *("email", "emailaddress", "mail", "mailaddress", "sender", "senderaddress", "from", "fromaddress"),
        *("sha256", "filehash", "hash", "filesha256", "sha256hash", "pair", "spoofpair"),
    ]
)
_URLS = frozenset({"url", "uri", "link"})

_DELIMITERS = ("\t", ",", ";", "|")

#: So many rows without a header are looked at, to find the column.
_SAMPLE = 50

#: So many columns of such a row are looked at.
_MOST_COLUMNS = 40

#: A quoted field that goes on for more lines than this was never closed.
_LONGEST_RECORD = 20


@dataclass(frozen=True, slots=True)
class Cell:
    """What one row has in the column with the indicators. `kind` is given where the column's name says it."""

    number: int  #: of the row's first line, from 1
    text: str  #: empty when the row has nothing there
    row: str  #: the whole row as it stands in the text
    kind: Kind | None = None


@dataclass(frozen=True, slots=True)
class ImportTable:
    """Where the indicators stand in a text that is a table."""

    delimiter: str
    columns: tuple[tuple[int, Kind | None], ...]  #: which to look in, in this order
    starts: int  #: the first line below the header, from 0

    def cells(self, lines: Sequence[str]) -> Iterator[Cell]:
        """A cell for each row; blank rows and comments are left out."""
        at = self.starts
        while at < len(lines):
            if is_skipped(lines[at]):
                at += 1
                continue
            fields, count = _record(lines, at, self.delimiter)
            if any(field.strip() for field in fields):
                text, kind = self._pick(fields)
                yield Cell(at + 1, text, "\n".join(lines[at : at + count]), kind)
            at += count

    def _pick(self, fields: Sequence[str]) -> tuple[str, Kind | None]:
        for column, kind in self.columns:
            if column < len(fields) and fields[column].strip():
                return fields[column].strip(), kind
        return "", None


def find_table(lines: Sequence[str]) -> ImportTable | None:
    """The table that a text is, by its header or, without one, by its rows. None for a plain text."""
    first = next((at for at, line in enumerate(lines) if not is_skipped(line)), None)
    if first is None:
        return None
    return _by_header(lines, first) or _by_rows(lines[first:], starts=first)


def _by_header(lines: Sequence[str], first: int) -> ImportTable | None:
    for delimiter in _DELIMITERS:
        fields, count = _record(lines, first, delimiter)
        names = [re.sub(r"[^a-z0-9]", "", field.casefold()) for field in fields]
        columns = _named(names)
        if columns and not any(map(_reads, fields[:_MOST_COLUMNS])):
            return ImportTable(delimiter, columns, first + count)
    return None


def _named(names: Sequence[str]) -> tuple[tuple[int, Kind | None], ...]:
    for name in _ANY:
        if name in names:
            return ((names.index(name), None),)
    return tuple(
        (column, Kind.URL if name in _URLS else None) for column, name in enumerate(names) if name in _OF_A_KIND
    )


def _by_rows(lines: Sequence[str], *, starts: int) -> ImportTable | None:
    """A text is a table when half of its first lines have an indicator in one field, and something else in another."""
    sample = [at for at, line in enumerate(lines) if not is_skipped(line)][:_SAMPLE]
    for delimiter in _DELIMITERS:
        found: Counter[int] = Counter()
        rows = 0
        for at in sample:
            fields, _ = _record(lines, at, delimiter)
            filled = [column for column, field in enumerate(fields[:_MOST_COLUMNS]) if field.strip()]
            readable = [column for column in filled if _reads(fields[column])]
            if readable and len(readable) < len(filled) and not _reads(lines[at]):
                rows += 1
                found.update(readable)
        if rows * 2 >= len(sample):
            most = max(found.values())
            return ImportTable(delimiter, ((min(column for column in found if found[column] == most), None),), starts)
    return None


def _record(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """The fields of the row that starts at a line, and over how many lines it goes."""
    if lines[at].count('"') % 2:
        reader = csv.reader(
            (f"{line}\n" for line in lines[at : at + _LONGEST_RECORD]), delimiter=delimiter, strict=True
        )
        try:
            return next(reader), reader.line_num
        except (csv.Error, StopIteration):
            pass  # a quotation mark that is nothing but that: the line stands alone
    try:
        return next(csv.reader([lines[at]], delimiter=delimiter)), 1
    except (csv.Error, StopIteration):
        return [lines[at]], 1


def _reads(text: str) -> bool:
    """Whether a text is one or more indicators, and nothing else."""
    if is_too_long(text):
        return False
    indicators, problems = read_lines(text)
    return bool(indicators) and not problems
