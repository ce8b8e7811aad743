"""Times on the command line: so long ago, or a day and a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from bot.errors import InvalidInput

_AGO = re.compile(r"([0-9]{1,6})\s*([mhdw])", re.IGNORECASE)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

TimeOption = Annotated[str, typer.Option(metavar="TIME", help="7d, 12h, or a time such as 2030-12-31T08:00Z.")]


def read_time(text: str, *, now: datetime) -> datetime:
    """A time from `7d`, `12h`, `30m`, `2w` (so long ago) or ISO 8601 (UTC unless it says otherwise).

    Raises InvalidInput.
    """
    remedy = "Type so long ago, as 30m, 12h, 7d or 2w, or a time such as 2030-12-31 or 2030-12-31T08:00Z."
    try:
        if match := _AGO.fullmatch(text.strip()):
            return now - timedelta(**{_UNITS[match[2].lower()]: int(match[1])})
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"“{text}” is no time.", remedy) from error
