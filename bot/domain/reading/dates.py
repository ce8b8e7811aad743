"""Dates as people write them: `2027-12-31`, `31.12.2027`, `12/31/2027`, `31 Dec 2027`, `31. Dezember 2027`.

A date in figures can mean two days: `03/04/2027` is one in America and another one in Europe. Nothing is guessed here:
what comes out has every day that can be meant, and whoever uses it takes one only where there is no other.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier janv enero ene gennaio gen januari janeiro",
            "feb february februar février fév febrero febbraio februari fevereiro fev",
            "mar march märz mrz mär mars marzo maart março",
            "apr april avril avr abril abr aprile",
            "may mai mayo maggio mag mei maio",
            "jun june juni juin junio giugno giu junho",
            "jul july juli juillet juil julio luglio lug julho",
            "aug august août aout agosto ago augustus",
            "sep sept september septembre septiembre settembre set setembro",
            "oct october oktober okt octobre octubre ottobre ott outubro out",
            "nov november novembre noviembre novembro",
            "dec december dezember dez décembre déc diciembre dic dicembre dezembro",
        ),
        1,
    )
    for name in names.split()
}
_NOT_AFTER = r"(?![\w/]|[.-][0-9])"
_YEAR_FIRST = re.compile(
    r"([0-9]{4})([-‐‑‒–—−/.])([0-9]{1,2})\2([0-9]{1,2})"
    r"(?:(?:T|t|\s)([0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)(?:\s?(Z|z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?)?"
    + _NOT_AFTER
)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-‐‑‒–—−/]|\.\s?)([0-9]{1,2})\2([0-9]{4}|[0-9]{2})" + _NOT_AFTER)
_DAY_AND_NAME = re.compile(
    r"([0-9]{1,2})(?:st|nd|rd|th|er|\.|º|ª)?(?:\s{0,2}|[-‐‑/])(?:de\s|of\s)?([^\W\d_]{3,10})\.?,?(?:\s{0,2}|[-‐‑/])(?:de\s)?"
    r"([0-9]{4}|[0-9]{2})(?![\w/]|[.,:-][0-9])",
    re.IGNORECASE,
)
_NAME_AND_DAY = re.compile(
    r"([^\W\d_]{3,10})\.?(?:\s{1,2}|-)([0-9]{1,2})(?:st|nd|rd|th)?(?:,\s{0,2}|\s{1,2}|-)([0-9]{4})(?![\w/]|[.,:-][0-9])",
    re.IGNORECASE,
)
_CENTURY = 2000


@dataclass(frozen=True, slots=True)
class TypedDate:
    """A date that stands in a text, up to `end`, with every day that it can mean, the first one first.

    No day: it is written like a date and is none of the calendar, such as `30/30/2027`.
    """

    days: tuple[date, ...]
    end: int


def date_at(text: str, position: int) -> TypedDate | None:
    """The date that starts at a position of the text. None when nothing there is written like one."""
    first = text[position : position + 1]
    if first.isdigit():
        if match := _YEAR_FIRST.match(text, position):
            return TypedDate(_year_first(match), match.end())
        if (match := _YEAR_LAST.match(text, position)) and not _is_part_of_address(match):
            return TypedDate(_year_last(match), match.end())
        match = _DAY_AND_NAME.match(text, position)
        day, name, year = (match[1], match[2], match[3]) if match else ("", "", "")
    elif first.isalpha():
        match = _NAME_AND_DAY.match(text, position)
        day, name, year = (match[2], match[1], match[3]) if match else ("", "", "")
    else:
        return None
    month = _MONTHS.get(name.lower())
    if match is None or month is None:
        return None
    meant = [_day(year, month, day)]
    if len(year) < len("2027"):
        meant.append(_day(day, month, year))
    return TypedDate(_sorted(meant), match.end())


def names_month(word: str) -> bool:
    """Whether a word is the name of a month, in one of the languages that are read."""
    return word.rstrip(".,").lower() in _MONTHS


def add_months(day: date, count: int) -> date:
    """The same day, so many months later; the month's last one where it has no such day.

    Raises OverflowError beyond the calendar.
    """
    years, month = divmod(day.month - 1 + count, 12)
    if day.year + years > date.max.year:
        raise OverflowError("beyond the calendar")
    first = date(day.year + years, month + 1, 1)
    following = first.replace(day=28) + timedelta(days=4)
    last = following - timedelta(days=following.day)
    return first.replace(day=min(day.day, last.day))


def _year_first(match: re.Match[str]) -> tuple[date, ...]:
    day = _day(match[1], match[3], match[4])
    if day is None or match[5] is None:
        return _sorted([day])
    offset = (match[6] or "").upper().replace("Z", "").replace("UTC", "").replace("GMT", "")
    try:
        hour = match[5].zfill(5) if match[5].count(":") == 1 else match[5].zfill(8)
        moment = datetime.fromisoformat(f"{day.isoformat()}T{hour[:8]}{offset or '+00:00'}")
        return (moment.astimezone(UTC).date(),)
    except (ValueError, OverflowError):
        return ()


def _year_last(match: re.Match[str]) -> tuple[date, ...]:
    first, second, year = match[1], match[3], match[4]
    meant = [_day(year, second, first), _day(year, first, second)]
    if len(year) < len("2027"):
        meant.append(_day(first, second, year))
    return _sorted(meant)


def _is_part_of_address(match: re.Match[str]) -> bool:
    """`10.20.30` is rather the beginning of an IP address: nobody writes the month first with full stops."""
    first, separator, second, year = match.groups()
    return separator == "." and len(year) == len("27") and _day(year, second, first) is None


def _day(year: str, month: str | int, day: str) -> date | None:
    number = int(year)
    try:
        return date(number if len(year) > 2 else _CENTURY + number, int(month), int(day))
    except ValueError:
        return None


def _sorted(days: list[date | None]) -> tuple[date, ...]:
    return tuple(sorted({day for day in days if day is not None}))
