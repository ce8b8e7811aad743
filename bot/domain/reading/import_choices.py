"""One way to read what was given, with what it would give: for a person to choose among."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.reading.import_lines import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to read what was given, with what it would give."""

    key: str  #: what a person names it by and what travels: a column's name, its number from 1, or `WHOLE_LINES`
    title: str  #: for people: `column Sender`, `each line as a whole`
    total: int  #: how many rows or lines there are
    read: int  #: how many of them give an indicator; of a large table's columns that weren't chosen, by their looks
    first: tuple[str, ...] = ()  #: the first three indicators, in their normal form

    @property
    def set_aside(self) -> int:
        return self.total - self.read


def choice_of(key: str, title: str, lines: Sequence[Line]) -> Choice:
    """A choice of which all lines were read. A row counts once, however many indicators it gives."""
    values = [line.indicator.value for line in lines if line.indicator is not None]
    return Choice(
        key=key,
        title=title,
        total=len({line.number for line in lines}),
        read=len({line.number for line in lines if line.indicator is not None}),
        first=tuple(values[:3]),
    )
