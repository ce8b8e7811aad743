"""The dates in a column, as the last days of entries.

Each is read as a date that somebody types, but for one thing: of `3/4/2030` the order of day and month is told by the
whole column, where another cell has a number above 12 in one of the two places, and separates them alike. Where none
has, nobody can tell. The numbers by which spreadsheets and programs count days, seconds and milliseconds are dates too,
and lengths (`30 days`, `90` below `Duration (days)`) begin today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.reading.dates import date_at
from bot.domain.reading.durations import MAX_DAYS, read_lifetime
from bot.errors import InvalidDuration

_FIGURES = re.compile(r"([0-9]{1,2})([./-])\s?([0-9]{1,2})[./-]")
_WEEKDAY = re.compile(r"[^\W\d_]{2,10}\.?,\s{1,2}(?=[0-9])")
_TIME = re.compile(r"[\s,T][0-9:.,\s]{0,20}(?:[AaPp]\.?[Mm]\.?)?\s?(?:Z|UTC|GMT)?")
_JSON = re.compile(r"/Date\(([0-9]{10,14})\)/")
#: How spreadsheets count days, from the end of 1899; so many are in the years 2000 to 2099.
_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]{1,12})?")
_SERIALS = range(36526, 73051)
_SERIAL_START = date(1899, 12, 30)
#: How programs count seconds and milliseconds, from 1970; likewise.
_EPOCH = re.compile(r"([0-9]{9,10}|[0-9]{12,13})(?:[.,][0-9]{1,9})?")
_EPOCHS = range(946_684_800, 4_102_444_800)
_DAYS = re.compile(r"([0-9]{1,4})(?:[.,]0{1,4})?")
_LONGEST = 40
_NEVER = frozenset(
    {
        "never",
        "permanent",
        "dauerhaft",
        "unbefristet",
        "permanente",
        "illimite",
        "forever",
        "infinite",
        "noexpiration",
        "noexpiry",
        "neverexpires",
        "nie",
        "jamais",
        "nunca",
        "mai",
        "nooit",
        "unlimited",
    }
)
#: How programs write that there is nothing.
_NOTHING = frozenset({"none", "null", "no"})
_ENDED = frozenset(
    {
        "yesterday",
        "expired",
        "ended",
        "past",
        "gestern",
        "abgelaufen",
        "hier",
        "expire",
        "caducado",
        "scaduto",
        "verlopen",
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


def read_dates(cells: Sequence[str], *, today: date | None = None, in_days: bool = False) -> DateColumn | None:
    """The dates of a column; None where no cell has one, or most can't be told, as where day and month look alike.

    With `today`, lengths are read too; `in_days` where the column's name says that its numbers are days.
    """
    orders = _orders(cells)
    dates: list[date | None] = []
    unread: set[int] = set()
    for at, cell in enumerate(cells):
        text = cell.strip()
        value = _date(text, orders) if len(text) <= _LONGEST and not in_days else None
        if value is None and today is not None and text:
            value = _end_of_length(text, today, in_days=in_days)
        if value is None and text and not _says_none(text):
            unread.add(at)
        dates.append(value)
    found = DateColumn(tuple(dates), frozenset(unread))
    return found if found.dated > len(unread) else None


def _end_of_length(text: str, today: date, *, in_days: bool) -> date | None:
    """The last day of a length that begins today; None for anything else, and for one without an end."""
    if in_days and (days := _DAYS.fullmatch(text)):
        return today + timedelta(days=int(days[1])) if int(days[1]) else None
    if len(text) > _LONGEST or not any(character.isalpha() for character in text):
        return None
    try:
        lifetime = read_lifetime(text, today=today)
    except InvalidDuration:
        return None
    return lifetime.until or (today + timedelta(days=lifetime.days) if lifetime.days else None)


def is_possible_end(value: date, today: date) -> bool:
    """Whether an entry can still get this as its last day."""
    return today <= value <= today + timedelta(days=MAX_DAYS)


def is_never(text: str) -> bool:
    """Whether a cell says that there is no end: `never`, `No expiration`."""
    return _word(text) in _NEVER


def has_ended(text: str, today: date) -> bool:
    """Whether a cell's end has passed, whichever of its days is meant: `01/02/2020`, `2020-01-31 10:00`, `expired`."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return False
    days = _possible(text)
    return max(days) < today if days else _word(text) in _ENDED


def begins_later(text: str, today: date) -> bool:
    """Whether a cell has a date that is still to come, whichever of its days is meant."""
    days = _possible(text.strip()) if len(text) <= _LONGEST else ()
    return bool(days) and min(days) > today


def _word(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower()) if len(text) <= _LONGEST else ""


def _says_none(text: str) -> bool:
    return _word(text) in _NEVER | _NOTHING or not any(character.isalnum() for character in text)


def _orders(cells: Iterable[str]) -> dict[str, bool | None]:
    """Whether the day goes first in dates of figures, by what separates them; None where that contradicts itself.

    Those with full stops say nothing of those with slashes: the column was filled by two programs, or by two people.
    """
    most: dict[str, tuple[int, int]] = {}
    for cell in cells:
        if len(cell) <= _LONGEST and (match := _FIGURES.match(cell.strip())):
            firsts, seconds = most.get(match[2], (0, 0))
            most[match[2]] = max(firsts, int(match[1])), max(seconds, int(match[3]))
    return {mark: first > 12 if (first > 12) != (second > 12) else None for mark, (first, second) in most.items()}


def _possible(text: str) -> tuple[date, ...]:
    """Every day that a text can mean which is nothing but a date, with or without a time; none for another."""
    if match := _JSON.fullmatch(text):
        return ((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(match[1]))).date(),)
    if text[:9].isdigit() and text.isascii() and (match := _EPOCH.fullmatch(text)):
        seconds = int(match[1]) // (1000 if len(match[1]) > 10 else 1)
        return (datetime.fromtimestamp(seconds, UTC).date(),) if seconds in _EPOCHS else ()
    if match := _SERIAL.fullmatch(text):
        return (_SERIAL_START + timedelta(days=int(match[1])),) if int(match[1]) in _SERIALS else ()
    if weekday := _WEEKDAY.match(text):
        text = text[weekday.end() :]
    typed = date_at(text, 0)
    if typed is None or (text[typed.end :] and not _TIME.fullmatch(text[typed.end :])):
        return ()
    return typed.days


def _date(text: str, orders: Mapping[str, bool | None]) -> date | None:
    days = _possible(text)
    if len(days) < 2:
        return days[0] if days else None
    figures = _FIGURES.match(text)
    day_first = orders.get(figures[2]) if figures is not None else None
    if day_first is None or figures is None:
        return None
    day, month = (1, 3) if day_first else (3, 1)
    meant = [found for found in days if (found.day, found.month) == (int(figures[day]), int(figures[month]))]
    return meant[0] if len(meant) == 1 else None
