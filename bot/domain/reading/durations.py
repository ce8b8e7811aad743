"""How long an entry is to last: `30d`, `2w`, `48h`, `never`, or an end date such as `2026-12-31`.

Whole days only: nothing that Portcullis writes needs an end to the hour, and a tenant's entry takes minutes to act.
Which lifetimes a list permits is policy's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import plain_quotes, quoted
from bot.errors import InvalidDuration

MAX_DAYS = 3650

_LENGTH = re.compile(r"([0-9]{1,9})\s?(h|hours?|d|days?|w|weeks?|min|minutes?|m|mo|months?|y|years?)", re.IGNORECASE)
_COUNT = re.compile(r"[0-9]{1,9}")
_UNIT = re.compile(r"hours?|days?|weeks?", re.IGNORECASE)
_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_NEVER = "never"
_LONGEST = 60  # characters; anything longer is prose
_FORMS = "Type a number of days or weeks such as 7d, 30d or 2w, an end date such as 2030-12-31, or never."


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long an entry lasts: a number of days, or to the end of a date (UTC), or, with neither, for ever."""

    days: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.days is not None and self.until is not None:
            raise ValueError("a lifetime has days or an end date, not both")

    @property
    def is_never(self) -> bool:
        """Whether the entry never ends."""
        return self.days is None and self.until is None

    def __str__(self) -> str:
        if self.until is not None:
            return self.until.isoformat()
        return _NEVER if self.days is None else f"{self.days}d"


NEVER = Lifetime()


def looks_like_duration(token: str) -> bool:
    """Whether the token can only be meant as a lifetime, sound or not: `0d` and `2020-01-01` look like one too."""
    token = _plain(token)
    return token.lower() == _NEVER or bool(_LENGTH.fullmatch(token) or _DATE.fullmatch(token))


def looks_like_length(count: str, unit: str) -> bool:
    """Whether two words next to each other are a length of time: `7 days`, `2 weeks`, `48 hours`."""
    return bool(_COUNT.fullmatch(count) and _UNIT.fullmatch(_plain(unit)))


def read_lifetime(text: str, *, today: date) -> Lifetime:
    """Read a lifetime. `today` (UTC) is what an end date must not be before.

    Hours are taken when they make whole days. Months and years are refused, because their lengths differ. Raises
    InvalidDuration, and nothing else, whatever the text.
    """
    plain = _plain(text)
    if plain.lower() == _NEVER:
        return NEVER
    if match := _LENGTH.fullmatch(plain):
        return Lifetime(days=_days(int(match[1]), match[2].lower(), typed=text))
    if match := _DATE.fullmatch(plain):
        return Lifetime(until=_end_date(match, today, typed=text))
    raise InvalidDuration(f"{quoted(text)} is no length of time." if plain else "No length of time was typed.", _FORMS)


def expires_at(lifetime: Lifetime, now: datetime) -> datetime | None:
    """When an entry made now ends (aware, UTC), or None for never. An end date counts to its last moment.

    Raises ValueError when `now` has no time zone.
    """
    if now.tzinfo is None:
        raise ValueError("now needs a time zone")
    if lifetime.days is not None:
        return now.astimezone(UTC) + timedelta(days=lifetime.days)
    if lifetime.until is not None:
        return datetime.combine(lifetime.until + timedelta(days=1), time(), tzinfo=UTC)
    return None


def _plain(text: str) -> str:
    return unwrap(plain_quotes(text)) if len(text) <= _LONGEST else text


def _days(number: int, unit: str, *, typed: str) -> int:
    if unit.startswith(("m", "y")):
        raise InvalidDuration(
            f"{quoted(typed)} isn't counted in days: minutes are too short, and months and years differ in length.",
            _FORMS,
        )
    days = number
    if unit.startswith("w"):
        days = number * 7
    elif unit.startswith("h"):
        days, rest = divmod(number, 24)
        if rest:
            raise InvalidDuration(
                f"{quoted(typed)} isn't a whole number of days.", f"Type for instance {max(days, 1)}d."
            )
    if not 1 <= days <= MAX_DAYS:
        raise InvalidDuration(
            f"{quoted(typed)} is {'no time at all' if days < 1 else f'more than {MAX_DAYS} days'}.", _FORMS
        )
    return days


def _end_date(match: re.Match[str], today: date, *, typed: str) -> date:
    try:
        until = date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise InvalidDuration(f"{quoted(typed)} is no date of the calendar.", _FORMS) from None
    if until < today:
        raise InvalidDuration(f"{quoted(typed)} is in the past.", f"Type a date from {today.isoformat()} on.")
    if (until - today).days > MAX_DAYS:
        raise InvalidDuration(f"{quoted(typed)} is more than {MAX_DAYS} days away.", _FORMS)
    return until
