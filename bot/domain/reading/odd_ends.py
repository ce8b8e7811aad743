"""What looks like a lifetime in a spelling that isn't read as one: `phish/30d`, `20271231`, `--days 30`, `May 2027`.

It is asked about wherever it stands, since an entry would have another end than the one that somebody typed.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from bot.domain.reading.dates import names_month
from bot.domain.reading.durations import lifetime_at, looks_like_duration
from bot.domain.reading.lengths import Unit, length_at

#: A number behind one of these is that of something.
NUMBERED = frozenset(
    {
        *("ticket", "case", "cve", "pr", "inc", "incident", "ref", "id", "no", "nr", "number", "bug", "issue", "order"),
        *("invoice", "rechnung", "vorgang", "fall", "sr", "chg", "rfc", "kb", "account", "version", "build", "release"),
    }
)
_LONGEST = 48
_GLUED = re.compile(
    r"(?:[^\W\d_]{1,20}[-/=:_+~]{1,2}|[-‐‑‒–—−+~=<>_/@*]{1,2}|(?:until|till?|bis|for|exp(?:ires)?))?"
    r"([0-9]{1,4}[^\W\d_]{1,9}|[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[-/_=:.]?[^\W\d_]{1,20}|[_/*])?"
)
_TOO_SHORT = frozenset({Unit.MINUTES, Unit.HOURS, Unit.UNSURE})
_IN_ONE = re.compile(r"(20[0-9]{2})([0-9]{2})([0-9]{2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})\s([0-9]{1,2})\s(20[0-9]{2})(?!\w)")
_YEAR_FIRST = re.compile(r"(20[0-9]{2})\s([0-9]{1,2})\s([0-9]{1,2})(?!\w)")
_MONTH = re.compile(r"(?:([^\W\d_]{3,10})\.?\s|(0?[1-9]|1[0-2])[/.])(20[0-9]{2})(?![\w/]|[.,-][0-9])")
_UNIT_FIRST = re.compile(
    r"(?:days|weeks|months|years|tage|wochen|monate|jahre|jours|semaines|días|giorni)(\s?[:=]\s?|\s)[0-9]{1,4}(?![\w.])",
    re.IGNORECASE,
)
#: What begins with no figure may be a unit with its number behind it, or a month, which is three letters or more.
_MAY_BEGIN = re.compile(r"[^\W\d_]{3,10}\.?\Z|[^\W\d_]{4,8}[:=]")


def odd_end_at(text: str, start: int, end: int, *, before: str, leads: bool, today: date) -> int | None:
    """Where what looks like an end ends that starts with the word `text[start:end]`; None when nothing does.

    `before` is the word before it, in small letters; `leads` when it is the first one. `today` (UTC) is what a date has
    to be after: what was isn't meant.
    """
    word = text[start:end]
    if end - start > _LONGEST:
        return _behind_separator(text, start, end)
    is_odd = any(map(str.isdecimal, word))
    if not word.isascii() and is_odd and looks_like_duration(unicodedata.normalize("NFKC", word)):
        return end
    if not (leads or is_odd or _MAY_BEGIN.match(word)):
        return None
    found = _date(text, start, end, today) if before not in NUMBERED else None
    found = found or _unit_first(text, start, leads=leads) or _month(text, start, leads=leads, today=today)
    return found or (end if _is_glued(word, today) else _behind_separator(text, start, end))


def _unit_first(text: str, start: int, *, leads: bool) -> int | None:
    match = _UNIT_FIRST.match(text, start)
    if match is None or not (leads or match[1].strip() or text[start - 1 : start] == "-"):
        return None
    return match.end()


def _month(text: str, start: int, *, leads: bool, today: date) -> int | None:
    match = _MONTH.match(text, start)
    if match is None or not _is_to_come(match, today):
        return None
    return match.end() if leads or not text[match.end() :].strip(" .,;)!") else None


def _date(text: str, start: int, end: int, today: date) -> int | None:
    if not text[start].isdigit():
        return None
    if (match := _IN_ONE.fullmatch(text, start, end)) and _any_after(today, [match.groups()]):
        return end
    if (match := _YEAR_LAST.match(text, start)) and _any_after(today, [match.groups()[::-1], _swapped(match)]):
        return match.end()
    if (match := _YEAR_FIRST.match(text, start)) and _any_after(today, [match.groups()]):
        return match.end()
    return None


def _swapped(match: re.Match[str]) -> tuple[str, str, str]:
    return match[3], match[1], match[2]


def _any_after(today: date, days: list[tuple[str | None, ...]]) -> bool:
    for year, month, day in days:
        try:
            if date(int(year or 0), int(month or 0), int(day or 0)) > today:
                return True
        except ValueError:
            continue
    return False


def _is_to_come(match: re.Match[str], today: date) -> bool:
    if match[1] is not None and not names_month(match[1]):
        return False
    return int(match[3]) > today.year or (
        int(match[3]) == today.year and match[1] is None and int(match[2]) > today.month
    )


def _is_glued(word: str, today: date) -> bool:
    match = _GLUED.fullmatch(word)
    if match is None:
        return False
    if "-" in match[1]:
        return _any_after(today, [tuple(match[1].split("-"))])
    length = length_at(match[1], 0)
    return length is not None and length.unit not in _TOO_SHORT


def _behind_separator(text: str, start: int, end: int) -> int | None:
    """`https://report.example/1,30d`: it may be a part of the link."""
    at = max(text.rfind(",", start, end), text.rfind(";", start, end), text.rfind("|", start, end)) + 1
    if at <= start or not text[at:end][:1].isalnum():
        return None
    found = lifetime_at(text, at)
    return end if found is not None and found.end >= end else None
