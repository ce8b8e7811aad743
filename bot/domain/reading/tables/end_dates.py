"""The dates in a column, as the last days of entries.

ISO dates are read as they are, and dates with a month's name. Of `3/4/2030` the order of day and month is told by the
whole column: where another cell has a number above 12 in one of the two places. Where none has, nobody can tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.domain.reading.durations import MAX_DAYS

_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})"
    r"(?:[T ]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?\s?(Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_NUMBERS = re.compile(
    r"([0-9]{1,2})([./-])([0-9]{1,2})\2([0-9]{4})(?:,?\s[0-9:.]{4,12}(?:\s?[AaPp]\.?[Mm]\.?)?)?(?:\s?(?:Z|UTC))?"
)
_JSON = re.compile(r"/Date\(([0-9]{10,14})\)/")
_NAMED = re.compile(
    r"(?:[^\W\d_]{2,10}\.?,?\s)?([0-9]{1,2})\.?[\s-]([^\W\d_]{3,12})\.?[\s-]([0-9]{4})(?:[\s,].{0,20})?", re.IGNORECASE
)
_NAMED_FIRST = re.compile(
    r"(?:[^\W\d_]{2,10}\.?,?\s)?([^\W\d_]{3,12})\.?\s([0-9]{1,2}),?\s([0-9]{4})(?:[\s,].{0,20})?", re.IGNORECASE
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero gennaio januari janeiro",
            "feb february februar fevrier febrero febbraio februari fevereiro",
            "mar march marz mars marzo maart marco",
            "apr april avril abril aprile",
            "may mai mayo maggio mei maio",
            "jun june juni juin junio giugno junho",
            "jul july juli juillet julio luglio julho",
            "aug august aout agosto augustus",
            "sep sept september septembre septiembre settembre setembro",
            "oct october okt oktober octobre octubre ottobre outubro",
            "nov november novembre noviembre novembro",
            "dec december dez dezember decembre diciembre dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
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
    """Whether the day goes first in dates of numbers; None where they don't tell, or contradict each other."""
    firsts, seconds = 0, 0
    for cell in cells:
        if len(cell) > _LONGEST:
            continue
        if match := _NUMBERS.fullmatch(cell.strip()):
            firsts = max(firsts, int(match[1]))
            seconds = max(seconds, int(match[3]))
    if (firsts > 12) == (seconds > 12):
        return None
    return firsts > 12


def _date(text: str, day_first: bool | None) -> date | None:  # noqa: PLR0911 - a return for each way to write one
    try:
        if match := _ISO.fullmatch(text):
            return _iso(match)
        if match := _NUMBERS.fullmatch(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            if first == second:
                return date(year, first, second)
            if day_first is None:
                return None
            return date(year, second, first) if day_first else date(year, first, second)
        if match := _JSON.fullmatch(text):
            return datetime.fromtimestamp(int(match[1]) / 1000, UTC).date()
        if match := _NAMED.fullmatch(text):
            return _of_month(match[1], match[2], match[3])
        if match := _NAMED_FIRST.fullmatch(text):
            return _of_month(match[2], match[1], match[3])
    except (ValueError, OverflowError, OSError):
        return None
    return None


def _iso(match: re.Match[str]) -> date:
    day = date(int(match[1]), int(match[2]), int(match[3]))
    zone = match[7]
    if not zone or zone in {"Z", "UTC", "GMT"}:
        return day
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    moment = datetime(day.year, day.month, day.day, int(match[4]), int(match[5]), tzinfo=UTC)
    return (moment - offset if zone[0] == "+" else moment + offset).date()


def _of_month(day: str, name: str, year: str) -> date | None:
    month = _MONTHS.get(name.lower().replace("ä", "a").replace("é", "e").replace("û", "u").replace("ç", "c"))
    return date(int(year), month, int(day)) if month else None
