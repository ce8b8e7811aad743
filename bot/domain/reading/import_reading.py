"""What an import can be read as: the ways there are, the one that was chosen, and the lines that it gives.

A text or a file may be read in several ways, by one column or another. Where only a person can tell which one was
meant, none is chosen and `question` says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.domain.reading.import_lines import Line, read_import_lines
from bot.domain.reading.import_text import decode, demand_fits
from bot.domain.reading.listed import Listed
from bot.errors import InvalidInput

#: The key of the reading that takes each line as a whole.
WHOLE_LINES = "lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One way to read what was given, with what it would give."""

    key: str  #: what a person names it by and what travels: a column's name, its number from 1, or `WHOLE_LINES`
    title: str  #: for people: `column Sender`, `each line as a whole`
    total: int  #: how many rows or lines there are
    read: int  #: how many of them give an indicator
    first: tuple[str, ...] = ()  #: the first three indicators, in their normal form

    @property
    def set_aside(self) -> int:
        return self.total - self.read


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsColumn:
    """A column whose dates can be taken as the entries' ends, if the person says so."""

    key: str  #: as a `Choice`'s
    title: str
    dated: int  #: how many rows have a date in it that can be an end
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReading:
    """What was given, read by the way that was chosen. Without one, `lines` is empty and `question` isn't."""

    what: str  #: for people: `plain lines`, `a table`, `an export of Defender's indicators`
    choices: tuple[Choice, ...]
    chosen: Choice | None
    lines: tuple[Line, ...] = ()
    question: str = ""
    ends: EndsColumn | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What was given: the bytes of a file, or a text that was pasted; and the file's name, or an empty one."""

    content: bytes | str
    name: str = ""


def read_import(
    given: Given,
    *,
    today: date,  # noqa: ARG001 - for the dates of `ends`
    accepted_domains: frozenset[str] = frozenset(),
    listed: Listed | None = None,
    column: str = "",
    take_ends: bool = False,
) -> ImportReading:
    """Read what was given, by the `column` that a person named (a `Choice`'s key), or else by the one that is plain.

    With `take_ends` each line that has a date in the column of `ends` gets it as its end. `listed` has the entries that
    exist, where what is given is about such (a removal, another end): see `read_listed`. Raises InvalidInput when it is
    no text and no table, when it is more than one import takes, and when there is no such column.
    """
    if (column and column != WHOLE_LINES) or take_ends:
        raise InvalidInput("It has no such column.", "Leave the column out.")
    text = decode(given.content) if isinstance(given.content, bytes) else demand_fits(given.content)
    lines = tuple(read_import_lines(text, accepted_domains=accepted_domains, listed=listed))
    read = [line.indicator.value for line in lines if line.indicator is not None]
    choice = Choice(
        key=WHOLE_LINES, title="each line as a whole", total=len(lines), read=len(read), first=tuple(read[:3])
    )
    return ImportReading(what="plain lines", choices=(choice,), chosen=choice, lines=lines)
