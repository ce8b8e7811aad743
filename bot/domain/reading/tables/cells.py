"""What one cell of a table gives: its indicators with what stands beside them, or why it has none.

A cell is read by the grammar of lines. What the column, or the row's type, says that it holds is a demand on what comes
out: a column of IP addresses never gives a URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode, distinct
from bot.domain.indicators.typed_text import quoted
from bot.domain.reading.aside import Aside
from bot.domain.reading.filter_exceptions import exception_in
from bot.domain.reading.import_allowance import TOO_MANY, TOO_MUCH_TEXT, Allowance
from bot.domain.reading.import_text import has_many_layers, is_too_long, storable
from bot.domain.reading.line_reading import LineReading, words_problem
from bot.domain.reading.lines import read_line
from bot.domain.reading.listed import Listed, read_listed
from bot.domain.reading.shapes import Shape, says_nothing, shape_of
from bot.domain.reading.tables.type_words import Form, TypeWord
from bot.domain.reading.tables.ways import Source
from bot.errors import InvalidIndicator

_TYPE_NAME = re.compile(r"(?:System|Microsoft|Deserialized)\.[\w.`+]{1,200}(?:\[.{0,200}\])?")
_PAIR = frozenset({Kind.SPOOF_PAIR})
_CUT_SHORT = re.compile(r"(?:\.\.\.|…)\}?$")
_PARTS = re.compile(r"[\s,;|]+")
_BAR = re.compile(r"\S\|\S")
_PORT = re.compile(r"(\[[0-9a-fA-F:.]{2,45}\]|[^:|]{1,255})[:|][0-9]{1,5}")

#: Kinds of which a text may be, and be read as another one all the same: a type decides.
_AS_THEY_ARE = (frozenset({Kind.URL}), _PAIR)

#: So many values of one cell are read.
_MOST_VALUES = 2_000


@dataclass(frozen=True, slots=True)
class CellPart:
    """One indicator of a cell, or why a part of it is none."""

    found: Indicator | Aside
    remark: str = ""  #: what the cell itself says beside it


@dataclass(frozen=True, slots=True, kw_only=True)
class CellReader:
    """Reads the cells of one table, as far as the allowance goes."""

    allowance: Allowance
    accepted_domains: frozenset[str]
    listed: Listed | None  #: the entries that exist, where the rows are about such
    several: bool  #: a cell holds several, with any separators

    def read(self, text: str, source: Source, word: TypeWord | None) -> Iterator[CellPart]:
        """The parts of a cell, at least one. `word` is what the row's type says. Never raises."""
        if _TYPE_NAME.fullmatch(text):
            yield _aside(
                "no_values",
                f"The export has the name of a type, {quoted(text)}, instead of the values. Export it as JSON, "
                "or join the values in the command that exports.",
            )
        elif self.listed is None and (aside := exception_in(text)) is not None:
            yield CellPart(aside)
        elif self.several:
            yield from map(CellPart, self._several(text.strip("{}"), source, word))
        elif word is not None and word.form is Form.WITH_PORT and (match := _PORT.fullmatch(text)):
            yield CellPart(_without_port(self._one(match[1], source, word), text))
        elif word is not None and word.form in {Form.NAMED_FILE, Form.TWO}:
            yield from (CellPart(self._one(part, source, word)) for part in _parts_of(text, word.form))
        else:
            yield from self._as_a_line(text, source, word)

    def _several(self, text: str, source: Source, word: TypeWord | None) -> Iterator[Indicator | Aside]:
        if _CUT_SHORT.search(text):
            yield Aside("cut_short", "The cell ends in dots: whatever wrote it has left out the rest.")
            return
        parts = [part for part in _PARTS.split(text) if part]
        for part in parts[:_MOST_VALUES]:
            found = self._one(part, source, word)
            yield found
            if found is TOO_MANY:
                return
        if len(parts) > _MOST_VALUES:
            yield Aside("too_long", f"The cell has {len(parts):,} values; {_MOST_VALUES:,} of them were read.")

    def _as_a_line(self, text: str, source: Source, word: TypeWord | None) -> Iterator[CellPart]:
        if is_too_long(text):
            yield _aside("too_long", "The cell is too long to be read: write one indicator a row.")
            return
        kinds = word.kinds if word is not None else source.kinds
        is_pair = kinds == _PAIR or source.kind is Kind.SPOOF_PAIR
        is_entry = self.listed is not None and bool(self.listed.find(text))
        if is_pair or is_entry or not _PARTS.search(text) or says_nothing(text):
            yield CellPart(self._one(text, source, word))
            return
        spent = TOO_MANY if not self.allowance.take(0) else None if self._may_read(text) else TOO_MUCH_TEXT
        if spent is not None:
            yield CellPart(spent)
            return
        line = read_line(text, accepted_domains=self.accepted_domains, listed=self.listed)
        remark = storable(line.remark)
        if (aside := _unclear(text, line)) is not None or not line.indicators:
            yield CellPart(aside or self._one(text, source, word))
            return
        if not self.allowance.take(max(len(line.typed), len(line.indicators))):
            yield CellPart(TOO_MANY)
            return
        kind = self._kind(source, word)
        if kind is None or all(found.kind is kind for found in line.indicators):
            yield from (CellPart(_demanded(found, found.value, source, word), remark) for found in line.indicators)
        else:
            yield from (CellPart(self._read(typed, source, word), remark) for typed in line.typed)

    def _one(self, text: str, source: Source, word: TypeWord | None) -> Indicator | Aside:
        if not self.allowance.take():
            return TOO_MANY
        if self.listed is None and says_nothing(text):
            return Aside("unreadable", f"{quoted(text)} names nothing to list.")
        return self._read(text, source, word) if self._may_read(text) else TOO_MUCH_TEXT

    def _may_read(self, text: str) -> bool:
        has_its_shape = shape_of(text) is not None and not has_many_layers(text)
        return has_its_shape or self.allowance.take_odd(text)

    def _read(self, text: str, source: Source, word: TypeWord | None) -> Indicator | Aside:
        kind = self._kind(source, word)
        if kind is Kind.URL and self.listed is None and shape_of(text) is Shape.ADDRESS:
            what = "the row's type" if word is not None else "what the column has"
            return Aside("type_differs", f"{quoted(text)} reads as a mail address, which isn't {what}.")
        try:
            found = read_listed(text, self.listed, kind=kind, accepted_domains=self.accepted_domains)
        except InvalidIndicator as error:
            return Aside("unreadable", str(error))
        return _demanded(found, text, source, word)

    def _kind(self, source: Source, word: TypeWord | None) -> Kind | None:
        """As which kind a text is read that could be of several."""
        if word is not None and word.kinds in _AS_THEY_ARE:
            (kind,) = word.kinds
            return kind
        return source.kind if word is None or source.kind in word.kinds else None


def _unclear(text: str, line: LineReading) -> Aside | None:
    """Why a cell that was read as a line names nothing for sure: a part of it can't be used, or told."""
    if line.problems or line.unplaced:
        return Aside("unreadable", str(line.problems[0] if line.problems else words_problem(line.unplaced)))
    if line.remark and _BAR.search(text) and any(found.kind is Kind.URL for found in line.indicators):
        return Aside(
            "unreadable",
            f"{quoted(text)} can be one URL with a bar in it, or a URL and a note. Put each into a cell of its own, "
            "or write the bar as %7C.",
        )
    return None


def _demanded(found: Indicator, text: str, source: Source, word: TypeWord | None) -> Indicator | Aside:
    """The indicator, where it is of a kind that the row's type or else the column has."""
    if word is not None and found.kind not in word.kinds:
        return Aside("type_differs", f"{quoted(text)} reads as {_name(found.kind)}, which isn't the row's type.")
    if word is None and source.kinds is not None and found.kind not in source.kinds:
        return Aside("type_differs", f"{quoted(text)} reads as {_name(found.kind)}, which isn't what the column has.")
    return found


def _aside(code: str, text: str) -> CellPart:
    return CellPart(Aside(code, text))


def _without_port(found: Indicator | Aside, text: str) -> Indicator | Aside:
    """The indicator, with a note of the port that stood behind it."""
    if isinstance(found, Aside):
        return found
    note = Note(code=NoteCode.PORT_STRIPPED, text=f"The port in {quoted(text)} was left out: an entry has none.")
    return replace(found, notes=distinct(found.notes, (note,)))


def _parts_of(text: str, form: Form) -> list[str]:
    match form:
        case Form.NAMED_FILE:
            return [text.rpartition("|")[2]]
        case _:
            return [part for part in text.split("|") if part.strip()]


def _name(kind: Kind) -> str:
    return kind.replace("_", " ")
