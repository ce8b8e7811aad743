"""The dates in a column, as the last days of entries.

Each is read as a date that somebody types, but for one thing: of `3/4/2030` the order of day and month is told by the
whole column, where another cell has a number above 12 in one of the two places. Where none has, nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.reading.dates import date_at
from bot.domain.reading.durations import MAX_DAYS

_FIGURES = re.compile(r"([0-9]{1,2})[./-]\s?([0-9]{1,2})[./-]")
_WEEKDAY = re.compile(r"[^\W\d_]{2,10}\.?,\s{1,2}(?=[0-9])")
_TIME = re.compile(r"[\s,T][0-9:.,\s]{0,20}(?:[AaPp]\.?[Mm]\.?)?\s?(?:Z|UTC|GMT)?")
_JSON = re.compile(r"/Date\(([0-9]{10,14})\)/")
_LONGEST = 40
_NEVER = frozenset(
    {
        "never",
        "none",
        "null",
        "no",
        "noexpiration",
        "neverexpires",
        "nie",
        "jamais",
        "nunca",
        "mai",
        "nooit",
        "unlimited",
    }
)


@dataclass(frozen=True, slots=True)
class DateColumn:
    """The dates of a column, one for each cell; None where a cell has none. `unread` are cells with another text."""

    dates: tuple[date | None, ...]
    unread: frozenset[int] = frozenset()  #: which cells, from 0

    @property
    def dated(self) -> int:
        """How many cells have a date."""
        return sum(value is not None for value in self.dates)


def read_dates(cells: Sequence[str]) -> DateColumn | None:
    """The dates of a column; None where no cell has one, or most can't be told, as where day and month look alike."""
    day_first = _order(cells)
    dates: list[date | None] = []
    unread: set[int] = set()
    for at, cell in enumerate(cells):
        text = cell.strip()
        value = _date(text, day_first) if len(text) <= _LONGEST else None
        if value is None and text and not _is_never(text):
            unread.add(at)
        dates.append(value)
    found = DateColumn(tuple(dates), frozenset(unread))
    return found if found.dated > len(unread) else None


def is_possible_end(value: date, today: date) -> bool:
    """Whether an entry can still get this as its last day."""
    return today <= value <= today + timedelta(days=MAX_DAYS)


def _is_never(text: str) -> bool:
    return re.sub(r"[^a-z]", "", text.lower()) in _NEVER or not any(character.isalnum() for character in text)


def _order(cells: Iterable[str]) -> bool | None:
    """Whether the day goes first in dates of figures; None where they don't tell, or contradict each other."""
    firsts, seconds = 0, 0
    for cell in cells:
        if len(cell) <= _LONGEST and (match := _FIGURES.match(cell.strip())):
            firsts = max(firsts, int(match[1]))
            seconds = max(seconds, int(match[2]))
    if (firsts > 12) == (seconds > 12):
        return None
    return firsts > 12


def _date(text: str, day_first: bool | None) -> date | None:
    if match := _JSON.fullmatch(text):
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[1]))).date()
    if weekday := _WEEKDAY.match(text):
        text = text[weekday.end() :]
    typed = date_at(text, 0)
    if typed is None or not typed.days:
        return None
    tail = text[typed.end :]
    if tail and not _TIME.fullmatch(tail):
        return None
    if len(typed.days) == 1:
        return typed.days[0]
    figures = _FIGURES.match(text)
    if day_first is None or figures is None:
        return None
    day, month = (1, 2) if day_first else (2, 1)
    meant = [found for found in typed.days if (found.day, found.month) == (int(figures[day]), int(figures[month]))]
    return meant[0] if len(meant) == 1 else None
