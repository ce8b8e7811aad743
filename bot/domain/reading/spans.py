"""When something happened, as people say it: `7d`, `last 7 days`, `since monday`, `yesterday`, `until 2030-12-31`.

Days begin at midnight UTC: nobody here knows where the reader is. A date in figures that can mean two days is asked
about, as everywhere (`bot.domain.reading.dates`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.reading.dates import add_months, date_at
from bot.errors import InvalidInput

_AMOUNT = re.compile(r"([0-9]{1,6})([a-z]*)")
_TIME_OF_DAY = re.compile(r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:z|[+-][0-9]{2}:[0-9]{2})?")
_UNITS = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), timedelta(minutes=1)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), timedelta(hours=1)),
    **dict.fromkeys(("d", "day", "days"), timedelta(days=1)),
    **dict.fromkeys(("w", "wk", "week", "weeks"), timedelta(weeks=1)),
}
_MONTHS = frozenset({"mo", "month", "months"})
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SINCE, _AFTER, _UNTIL, _BEFORE = ("since", "from"), ("after",), ("until", "till", "to", "through"), ("before",)
_FROM_HERE = frozenset({*_SINCE, *_AFTER, *_UNTIL, *_BEFORE})
_REMEDY = "Write 7d, today, yesterday, since monday, or since 2030-12-31 until 2031-01-15."
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, aware: `since` is in it, `until` isn't. None: without an end on that side."""

    since: datetime | None = None
    until: datetime | None = None


def span_at(words: Sequence[str], at: int, *, now: datetime) -> tuple[Span, int] | None:
    """The time that is said from a word on, and behind which word it ends; None where none is said there.

    `words` are in small letters. Raises InvalidInput for what says a time in a way that can't be used.
    """
    if words[at] in _FROM_HERE:
        return _from_a_word(words, at, now)
    return _so_far(words, at, now) or _within(words, at, now)


def _so_far(words: Sequence[str], at: int, now: datetime) -> tuple[Span, int] | None:
    """`7d`, `last 7 days`, `this week`: from some time until now."""
    first, second = words[at], words[at + 1] if at + 1 < len(words) else ""
    if first == "this" and second in {"week", "month"}:
        today = now.astimezone(UTC).date()
        begins = today - timedelta(days=today.weekday()) if second == "week" else today.replace(day=1)
        return Span(since=_midnight(begins)), at + 2
    is_last = first in {"last", "past"}
    if is_last and second in {*_UNITS, *_MONTHS}:
        raise InvalidInput(f"“{first} {second}” can mean two times.", _REMEDY)
    amount = _amount(words, at + 1 if is_last else at)
    return None if amount is None else (Span(since=_back(amount, now)), _behind(words, amount[2]))


def _within(words: Sequence[str], at: int, now: datetime) -> tuple[Span, int] | None:
    """A day by itself."""
    on = at + 1 if words[at] == "on" else at
    moment = _moment(words, on, now) if on < len(words) else None
    if moment is None:
        return None
    begins_at, ends_at, end = moment
    if begins_at == ends_at:
        raise InvalidInput(f"“{' '.join(words[on:end])}” is one moment.", "Write since or until in front of it.")
    return Span(since=begins_at, until=ends_at), end


def joined(span: Span, other: Span) -> Span:
    """Both said together. Raises InvalidInput where they say two beginnings, two ends, or leave no time between."""
    for first, second in ((span.since, other.since), (span.until, other.until)):
        if first is not None and second is not None and first != second:
            raise InvalidInput("Two different times were given.", _REMEDY)
    both = Span(since=span.since or other.since, until=span.until or other.until)
    if both.since is not None and both.until is not None and both.since >= both.until:
        raise InvalidInput("The time that was given ends before it begins.", _REMEDY)
    return both


def _from_a_word(words: Sequence[str], at: int, now: datetime) -> tuple[Span, int] | None:
    """`since …`, `until …` and their like. Without a time behind it the word isn't about time."""
    word = words[at]
    if (amount := _amount(words, at + 1)) is not None:
        moment = _back(amount, now)
        found = (moment, moment, _behind(words, amount[2]))
    elif words[at + 1 : at + 2] == ["now"]:
        found = (now, now, at + 2)
    else:
        day = _moment(words, at + 1, now) if at + 1 < len(words) else None
        if day is None:
            return None
        found = day
    begins, ends, end = found
    if word in {*_SINCE, *_AFTER}:
        return Span(since=begins if word in _SINCE else ends), end
    return Span(until=ends if word in _UNTIL else begins), end


def _amount(words: Sequence[str], at: int) -> tuple[int, str, int] | None:
    """`7d`, `7 days`: how many, of what, and where it ends."""
    match = _AMOUNT.fullmatch(words[at]) if at < len(words) else None
    if match is None:
        return None
    unit, end = match[2], at + 1
    if not unit and end < len(words):
        unit, end = words[end], end + 1
    if unit not in _UNITS and unit not in _MONTHS:
        return None
    return int(match[1]), unit, end


def _back(amount: tuple[int, str, int], now: datetime) -> datetime:
    count, unit, _ = amount
    try:
        if count and unit in _MONTHS:
            moment = now.astimezone(UTC)
            return datetime.combine(add_months(moment.date(), -count), moment.timetz())
        if count:
            return now - count * _UNITS[unit]
    except (OverflowError, ValueError):
        pass
    raise InvalidInput(f"“{count} {unit}” isn't a time to look back over.", _REMEDY)


def _behind(words: Sequence[str], at: int) -> int:
    """`ago` says nothing new."""
    return at + 1 if words[at : at + 1] == ["ago"] else at


def _moment(words: Sequence[str], at: int, now: datetime) -> tuple[datetime, datetime, int] | None:
    """A day, or a time of one: when it begins and ends, and behind which word it is over."""
    today = now.astimezone(UTC).date()
    word = words[at]
    if word in {"today", "yesterday"}:
        return _whole(today if word == "today" else today - _DAY, at + 1)
    if word in _WEEKDAYS:
        return _whole(today - timedelta(days=(today.weekday() - _WEEKDAYS.index(word)) % 7), at + 1)
    text = " ".join(words[at:])
    found = date_at(text, 0)
    if found is None or text[found.end : found.end + 1] not in {"", " "}:
        return None
    if not found.days:
        raise InvalidInput(f"“{text[: found.end]}” is no day of the calendar.", _REMEDY)
    if len(found.days) > 1:
        days = " or ".join(day.isoformat() for day in found.days)
        raise InvalidInput(f"“{text[: found.end]}” can mean two days.", f"Write {days}.")
    if (timed := _timed(words, at)) is not None:
        return timed
    return _whole(found.days[0], at + text[: found.end].count(" ") + 1)


def _timed(words: Sequence[str], at: int) -> tuple[datetime, datetime, int] | None:
    """`2030-12-31T08:00Z` or `2030-12-31 08:00`; UTC unless it says otherwise."""
    text, end = words[at], at + 1
    if "t" not in text:
        if end >= len(words) or not _TIME_OF_DAY.fullmatch(words[end]):
            return None
        text, end = f"{text} {words[end].zfill(5) if words[end].count(':') == 1 else words[end]}", end + 1
    try:
        moment = datetime.fromisoformat(text.upper())
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return moment, moment, end


def _whole(day: date, end: int) -> tuple[datetime, datetime, int]:
    return _midnight(day), _midnight(day) + _DAY, end


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=UTC)
