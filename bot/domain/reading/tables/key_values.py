"""A text of names and values as a table: `Domain: evil.example` above `Action: Block`, YAML, INI, `domain=… action=…`.

Each record becomes a row for each of its indicators, with what else it says in columns of their own, so that an
`Action: Allow` counts for the domain above it. A line that is no pair is a row by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.indicators.indicator import Kind
from bot.domain.indicators.labels import take_label
from bot.domain.lists.traits import Action
from bot.domain.reading.command_tokens import is_comment
from bot.domain.reading.import_text import MOST_IMPORTED, is_skipped
from bot.domain.reading.names import normal_name
from bot.domain.reading.sections import section_of
from bot.domain.reading.shapes import Shape, shape_of
from bot.domain.reading.tables.column_names import ColumnRole, role_of
from bot.domain.reading.tables.halves import is_of_half
from bot.domain.reading.tables.row_words import is_of_answers
from bot.domain.reading.tables.scopes import is_of_scope
from bot.domain.reading.tables.sheet import Sheet, SheetRow
from bot.domain.reading.tables.verdict_words import is_of_verdicts
from bot.errors import InvalidInput

_KEY = r"[\"']?([^\W\d_][\w ()/-]{0,39}?)[\"']?"
_PAIR = re.compile(rf"\s*(-\s+|[*•]\s+)?{_KEY}\s{{0,3}}[:=](?!//)\s*(.*)", re.DOTALL)
_MARKER = re.compile(r"\s*(?:\[[^\[\]@.]{1,60}\]|-{3,}|={3,}|-)\s*")
_PARTS = re.compile(r"\s*[;,|\t]\s*")
#: Pairs with nothing but spaces between them.
_SPACED = re.compile(r"\s+(?=[^\W\d_][\w-]{0,39}=)")
_QUOTED = re.compile(r"([\"'])(.*)\1,?")
#: Longer lines are no pairs.
_LONGEST = 3_000
_MOST_PAIRS = 40
_MOST_KEYS = 60

_BY_SHAPE: Mapping[Shape | None, frozenset[Kind]] = {
    Shape.DOMAIN: frozenset({Kind.DOMAIN}),
    Shape.ADDRESS: frozenset({Kind.ADDRESS}),
    Shape.URL: frozenset({Kind.URL}),
    Shape.FILE: frozenset({Kind.FILE}),
}
_SAYS_MORE = frozenset(
    {
        *(ColumnRole.ACTION, ColumnRole.STATUS, ColumnRole.TYPE, ColumnRole.PARTY, ColumnRole.ENDS, ColumnRole.LENGTH),
        ColumnRole.REMARK,
    }
)


@dataclass(slots=True)
class _Record:
    """One record: its indicators with the lines on which they stand, and what else it says."""

    number: int
    says: Action | None
    indicators: list[tuple[int, str]] = field(default_factory=list)
    others: dict[str, tuple[str, str]] = field(default_factory=dict)  #: key and value, by the key's normal name
    lines: list[str] = field(default_factory=list)


def read_records(lines: Sequence[str]) -> Sheet | None:
    """The table that a text of names and values is; None for a text in which no indicator has anything beside it.

    Raises InvalidInput when there are more records than one import takes.
    """
    if not _has_records(lines):
        return None
    records = _Records()
    for number, line in enumerate(lines, 1):
        records.take(number, line)
    return records.sheet()


def _has_records(lines: Sequence[str]) -> bool:
    """Whether a key says what the text is about, and another one something of it."""
    has_indicator = has_more = False
    for line in lines:
        if len(line) > _LONGEST or ("=" not in line and ":" not in line) or is_skipped(line):
            continue
        for key, value in _pairs_of(line):
            if value:
                has_indicator = has_indicator or role_of(key) is ColumnRole.INDICATOR
                has_more = has_more or _says_more(key)
        if has_indicator and has_more:
            return True
    return False


def _says_more(key: str) -> bool:
    if role_of(key) in _SAYS_MORE:
        return True
    return is_of_answers(key) or is_of_verdicts(key) or is_of_scope(key) or is_of_half(key)


class _Records:
    """Goes through the lines of a text."""

    def __init__(self) -> None:
        self._records: list[_Record] = []
        self._section: Action | None = None
        self._is_apart = True  #: the next pair begins a record
        self._is_blank = False
        self._begins_with_indicator: bool | None = None

    def take(self, number: int, line: str) -> None:
        """Take a line."""
        if not line.strip():
            self._is_blank = True
            return
        if _MARKER.fullmatch(line) or is_skipped(line) or is_comment(line):
            self._section = section_of(line) or self._section
            self._is_apart = self._is_apart or not is_skipped(line)
            return
        pairs = _pairs_of(line)
        if len(pairs) == 1 and not pairs[0][1]:
            self._section = section_of(line) or self._section
            self._is_apart = True
        elif not pairs or (len(pairs) == 1 and not self._belongs(pairs[0][0])):
            self._section = section_of(line) or self._section
            self._begin(number, line).indicators.append((number, line.strip()))
            self._is_apart = True
        else:
            is_whole = len(pairs) > 1
            self._is_apart = self._is_apart or is_whole or line.lstrip().startswith(("- ", "* ", "• "))
            for key, value in pairs:
                self._pair(number, line, key, value, is_whole=is_whole)
            self._is_apart = is_whole
        self._is_blank = False

    def _belongs(self, key: str) -> bool:
        return role_of(key) is not None or _says_more(key) or (bool(self._records) and not self._is_apart)

    def _pair(self, number: int, line: str, key: str, value: str, *, is_whole: bool) -> None:
        is_indicator = role_of(key) in {ColumnRole.INDICATOR, ColumnRole.SPOOFED, ColumnRole.INFRASTRUCTURE}
        if self._begins_with_indicator is None:
            self._begins_with_indicator = is_indicator
        record = self._records[-1] if self._records else None
        if record is None or self._is_apart or (not is_whole and self._begins_another(record, key, is_indicator)):
            record = self._begin(number, line)
            self._is_apart = False
        elif line not in record.lines[-1:]:
            record.lines.append(line)
        self._is_blank = False
        if is_indicator:
            record.indicators.append((number, _labelled(key, value)))
        else:
            name = normal_name(key) or key
            before = record.others.get(name)
            record.others[name] = (key, value if before is None else f"{before[1]}; {value}")

    def _begins_another(self, record: _Record, key: str, is_indicator: bool) -> bool:
        if self._begins_with_indicator:
            return is_indicator and (bool(record.others) or self._is_blank)
        return not is_indicator and normal_name(key) in record.others and bool(record.indicators)

    def _begin(self, number: int, line: str) -> _Record:
        record = _Record(number, self._section, lines=[line])
        self._records.append(record)
        if len(self._records) > MOST_IMPORTED + 1:
            raise InvalidInput(
                f"There are more than {MOST_IMPORTED:,} records; at most {MOST_IMPORTED:,} indicators are imported at "
                "a time.",
                "Split them, and import one part after the other.",
            )
        return record

    def sheet(self) -> Sheet:
        """All records as a table, a row for each indicator; one for a record that has none."""
        keys: dict[str, str] = {}
        for record in self._records:
            for name, (key, _) in record.others.items():
                if len(keys) < _MOST_KEYS:
                    keys.setdefault(name, key)
        rows = tuple(row for record in self._records for row in _rows(record, list(keys)))
        return Sheet(rows=rows, header=("Indicator", *keys.values()), what="a list of names and values")


def _rows(record: _Record, names: Sequence[str]) -> Iterator[SheetRow]:
    beside = tuple(record.others[name][1] if name in record.others else "" for name in names)
    typed = "\n".join(record.lines)
    for number, value in record.indicators or [(record.number, "")]:
        yield SheetRow(number, (value, *beside), typed, None, record.says)


def _labelled(key: str, value: str) -> str:
    """An indicator, with its key in front where that may say something else of it than its looks do."""
    text = f"{key}: {value}"
    label = take_label(text) if value else None
    if label is None:
        return value
    shape = shape_of(value)
    kinds = _BY_SHAPE.get(shape, frozenset())
    if shape is Shape.IP:
        kinds = frozenset({Kind.IPV6 if value.count(":") > 1 else Kind.IPV4})
    return value if label.kinds & kinds else text


def _pairs_of(line: str) -> list[tuple[str, str]]:
    """The names and values of a line: several where it has several, none where it is no such line."""
    line = line.strip()
    if len(line) > _LONGEST:
        return []
    if line[:1] == "{" and line[-1:] == "}":
        line = line[1:-1]
    first = _PAIR.fullmatch(line)
    if first is None or shape_of(line) is not None:
        return []
    parts = [part for piece in _PARTS.split(line) for part in _SPACED.split(piece)][:_MOST_PAIRS]
    pairs: list[tuple[str, str]] = []
    for part in parts:
        match = _PAIR.fullmatch(part)
        if match is not None and shape_of(part) is None and (role_of(match[2]) is not None or _says_more(match[2])):
            pairs.append((match[2].strip(), _unquoted(match[3])))
        elif not pairs:
            return [(first[2].strip(), _unquoted(first[3]))]
        else:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}, {part}".strip(", "))
    has_more = any(_says_more(key) for key, _ in pairs)
    is_about = any(role_of(key) is ColumnRole.INDICATOR for key, _ in pairs)
    return pairs if len(pairs) > 1 and has_more and is_about else [(first[2].strip(), _unquoted(first[3]))]


def _unquoted(value: str) -> str:
    match = _QUOTED.fullmatch(value.strip())
    return match[2] if match else value.strip().rstrip(",")
