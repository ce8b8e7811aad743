"""Times on the command line: so long ago, or a day and a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Annotated

import typer

from bot.errors import InvalidInput

_AGO = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.IGNORECASE)
_DAYS = {"today": 0, "yesterday": 1}
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

TimeOption = Annotated[str, typer.Option(metavar="TIME", help="7d, 12h, yesterday, or as 2030-12-31T08:00Z.")]


def read_time(text: str, *, now: datetime) -> datetime:
    """A time from `7d`, `12h`, `30m`, `2w` (so long ago), `today` and `yesterday` (when that day began, in UTC) or ISO
    8601 (UTC unless it says otherwise).

    Raises InvalidInput.
    """
    remedy = "Type 30m, 12h, 7d or 2w (ago), today, yesterday, or a time such as 2030-12-31 or 2030-12-31T08:00Z."
    try:
        if match := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
        if (days := _DAYS.get(text.strip().lower())) is not None:
            return datetime.combine(now.astimezone(UTC).date() - timedelta(days=days), time(), UTC)
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"“{text}” isn't a time.", remedy) from error
