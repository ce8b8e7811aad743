"""The kinds of values that settings have: how each is read from text, and what is refused.

What is refused is told without its value wherever that could be a secret, also one that landed in the wrong place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from ipaddress import ip_address
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, SecretStr
from pydantic_settings import NoDecode

from bot.errors import StoreError
from bot.logs import redacted
from bot.store.addresses import normalise
from bot.tls import is_loopback

_LONGEST = 3650 * 86400
_LONGEST_PATH = 4096
#: What `mention` shows of a text.
_LONGEST_SAID = 80
#: What Slack takes of choices in a form.
_MOST_REASONS, _LONGEST_REASON = 10, 75
#: Ids, handles and names of channels are hardly longer; signing secrets, client secrets and tokens are.
_LONGEST_SHOWN = 24
_HOURS_A_DAY = 24
#: Of a token that people choose themselves.
_SHORTEST_TOKEN = 16
_MINUTES_A_DAY = 24 * 60
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def _read_duration(value: object) -> object:
    if isinstance(value, str):
        match = re.fullmatch(r"\s*(\d{1,9})\s*([smhdw]?)\s*", value, re.ASCII)
        if match is None:
            raise ValueError("write a whole number with a unit, such as 30s, 15m, 12h or 7d")
        seconds = int(match[1]) * _UNITS[match[2] or "s"]
        if seconds > _LONGEST:
            raise ValueError("is more than ten years")
        return timedelta(seconds=seconds)
    return value


def _read_switch(value: object) -> object:
    if isinstance(value, str):
        if value.strip().lower() not in {"on", "off"}:
            raise ValueError("write on or off")
        return value.strip().lower() == "on"
    return value


def _read_names(value: object) -> object:
    if isinstance(value, str):
        return tuple(dict.fromkeys(part for part in re.split(r"[\s,;]+", value) if part))
    return value


def _read_reasons(value: object) -> object:
    if isinstance(value, str):
        return tuple(dict.fromkeys(" ".join(part.split()) for part in value.split(";") if part.strip()))
    return value


def _check_reasons(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(value) > _MOST_REASONS:
        raise ValueError(f"has {len(value)} reasons, and a form shows {_MOST_REASONS} at most")
    if too_long := next((reason for reason in value if len(reason) > _LONGEST_REASON), None):
        raise ValueError(f"has a reason of {len(too_long)} characters, more than {_LONGEST_REASON}")
    return value


def read_servers(given: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """Addresses of servers for DNS, each with its port: 53 where none is given. Raises ValueError."""
    return tuple(map(_server, given))


def _server(text: str) -> tuple[str, int]:
    match = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+))(?::([0-9]{1,5}))?|([0-9a-fA-F:.]+)", text)
    if match is None:
        raise ValueError("write addresses of servers, such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:5353")
    port = int(match[3] or 53)
    if not 1 <= port <= 65535:
        raise ValueError(f"has a port that is none: {port}")
    try:
        return str(ip_address(match[1] or match[2] or match[4])), port
    except ValueError:
        raise ValueError("has an address that is none") from None


def _check_servers(value: tuple[str, ...]) -> tuple[str, ...]:
    read_servers(value)
    return value


def _shown(value: str) -> str:
    """A wrong value for its line, unless it may be a secret that landed in the wrong place: those are longer."""
    return repr(redacted(value)) if len(value) <= _LONGEST_SHOWN else f"a text of {len(value)} characters"


@dataclass(frozen=True, slots=True)
class NoSecret:
    """Given in a secret's place: one that could not be taken, and why. It makes the setting a wrong one."""

    why: str


def _read_secret(value: object) -> object:
    if isinstance(value, NoSecret):
        raise ValueError(value.why)  # noqa: TRY004 — pydantic makes a line of a ValueError only
    if isinstance(value, str):
        if not value.strip():
            raise ValueError("is empty")
        return value.strip()
    return value


def _check_token(value: SecretStr, *, not_a: str, instead: str) -> SecretStr:
    """Refuse what is plainly the other token. How a token begins is Slack's to change, so nothing else is."""
    token = value.get_secret_value()
    if token.startswith(not_a):
        raise ValueError(f"holds the other token; it takes {instead}")
    if not re.fullmatch(r"[!-~]+", token):
        raise ValueError("holds characters that no token has")
    return value


def _check_bot_token(value: SecretStr) -> SecretStr:
    return _check_token(value, not_a="xapp-", instead="the bot token (OAuth & Permissions)")


def _check_app_token(value: SecretStr) -> SecretStr:
    return _check_token(value, not_a="xoxb-", instead="the app-level token (Basic Information)")


def _check_metrics_token(value: SecretStr) -> SecretStr:
    token = value.get_secret_value()
    # What an Authorization header takes: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
    if len(token) < _SHORTEST_TOKEN or not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token):
        raise ValueError(
            f"must have {_SHORTEST_TOKEN} characters or more, letters and digits: make one with `openssl rand -hex 24`"
        )
    return value


def _check_path(value: str) -> str:
    # The value isn't repeated: who mistakes this for the token itself has put a secret here.
    if value.startswith("eyJ") or len(value) > _LONGEST_PATH:
        raise ValueError("is no path of a file; the platform writes the token into a file")
    return value


def _check_database(value: str) -> str:
    try:
        normalise(value)
    except StoreError as error:
        raise ValueError(str(error)) from None
    return value


def _check_somebody(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("names nobody; without approvers nothing can ever be approved")
    return values


def _check_people(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"[UWS][A-Z0-9_]+", value):
            raise ValueError(
                f"{_shown(value)} is neither a user id (U…) nor a user group id (S…); handles and names don't work"
            )
    return values


def _check_channel(value: str) -> str:
    if not re.fullmatch(r"[CG][A-Z0-9_]+", value):
        raise ValueError(f"{_shown(value)} is no channel id (C…); copy it from the channel's details in Slack")
    return value


def _check_name(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z._-]{1,255}", value):
        raise ValueError(f"{_shown(value)} can't be an id: they are made of letters, digits, dots and dashes")
    return value


def _check_said(value: str) -> str:
    said = " ".join(value.split())
    if not said.isprintable() or len(said) > _LONGEST_SAID:
        raise ValueError(f"is shown to people: {_LONGEST_SAID} characters at most, all of which can be seen")
    return said


def _check_url(value: str, *, takes_query: bool = False) -> str:
    # The value isn't repeated: an address is where a password hides.
    unreadable = ValueError("is no address; write https://HOST")
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise unreadable from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise unreadable
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ValueError("an address here carries no user, password or fragment")
    if parts.query and not takes_query:
        raise ValueError("an address here carries no query")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("plain http is accepted for loopback addresses only; write https://")
    return value.rstrip("/")


def _check_whole_url(value: str) -> str:
    """Nothing is put behind this one: a receiver may tell `/events/` from `/events`, and take its key in the query."""
    _check_url(value, takes_query=True)
    return value


def read_period(text: str) -> timedelta | None:
    """A period: `90d`, or a number of days; None for `off`. Raises ValueError."""
    if text.strip().lower() == "off":
        return None
    read = _read_duration(f"{text}d" if text.strip().isdecimal() else text)
    if not isinstance(read, timedelta) or read < timedelta(seconds=1):
        raise ValueError("write a number of days such as 90d, or off")
    return read


def read_waits(text: str) -> tuple[timedelta, ...]:
    """Waits, none of them shorter than the one before: `1h, 4h, 1d`; none for `never`. Raises ValueError."""
    if text.strip().lower() == "never":
        return ()
    waits = [_read_duration(part) for part in re.split(r"[\s,;]+", text.strip())]
    read = tuple(wait for wait in waits if isinstance(wait, timedelta))
    if any(wait < timedelta(minutes=1) for wait in read):
        raise ValueError("a wait is a minute at least")
    if list(read) != sorted(read):
        raise ValueError("each wait is as long as the one before, or longer")
    return read


def read_hours(text: str) -> tuple[time, time]:
    """From when to when: `8-18`, `08:30-17:00`, `22-6`. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,2})(?::(\d\d))?\s*[-–]\s*(\d{1,2})(?::(\d\d))?", text.strip(), re.ASCII)
    if match is None:
        raise ValueError("write from when to when, such as 8-18 or 08:30-17:00")
    return _read_time(match[1], match[2] or "00"), _read_time(match[3], match[4] or "00")


def _read_time(hour: str, minute: str) -> time:
    at = 60 * int(hour) + int(minute)
    if int(minute) >= 60 or at > _MINUTES_A_DAY:
        raise ValueError("a day has 24 hours of 60 minutes")
    return time(*divmod(at % _MINUTES_A_DAY, 60))


def read_days(text: str) -> frozenset[int]:
    """Days of the week, Monday as 0: `mon-fri`, `mon,tue,sat`, `sun-thu`. Raises ValueError."""
    days: set[int] = set()
    for part in filter(None, re.split(r"[\s,;]+", text.strip().lower())):
        named = part.replace("–", "-").split("-")
        if len(named) > 2 or set(named) - set(_DAYS):
            raise ValueError(f"write days as {', '.join(_DAYS)}, or from one to another: mon-fri")
        begins, ends = _DAYS.index(named[0]), _DAYS.index(named[-1])
        days |= {day % 7 for day in range(begins, ends + 1 if ends >= begins else ends + 8)}
    if not days:
        raise ValueError("names no day")
    return frozenset(days)


def read_weekly(text: str) -> tuple[int, int] | None:
    """A day of the week, Monday as 0, and an hour of it: `mon 8`, `fri 16:00`; None for `off`. Raises ValueError."""
    if text.strip().lower() == "off":
        return None
    match = re.fullmatch(r"([a-z]{3})\s+(\d{1,2})(?::00)?", text.strip().lower(), re.ASCII)
    if match is None or match[1] not in _DAYS or int(match[2]) >= _HOURS_A_DAY:
        raise ValueError("write a day and an hour, such as mon 8, or off")
    return _DAYS.index(match[1]), int(match[2])


_ReadT = TypeVar("_ReadT")


def _readable(read: Callable[[str], _ReadT]) -> Callable[[str], str]:
    """Keeps a text as it was written, once it can be read."""

    def check(text: str) -> str:
        read(text)
        return text

    return check


Period = Annotated[str, AfterValidator(_readable(read_period))]
Waits = Annotated[str, AfterValidator(_readable(read_waits))]
Hours = Annotated[str, AfterValidator(_readable(read_hours))]
Days = Annotated[str, AfterValidator(_readable(read_days))]
Weekly = Annotated[str, AfterValidator(_readable(read_weekly))]
Duration = Annotated[timedelta, BeforeValidator(_read_duration)]
Switch = Annotated[bool, BeforeValidator(_read_switch)]
Reasons = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_reasons), AfterValidator(_check_reasons)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_names)]
Servers = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_read_names), AfterValidator(_check_servers)]
People = Annotated[Names, AfterValidator(_check_people)]
Somebody = Annotated[People, AfterValidator(_check_somebody)]
Channel = Annotated[str, AfterValidator(_check_channel)]
Address = Annotated[str, AfterValidator(_check_url)]
WholeAddress = Annotated[str, AfterValidator(_check_whole_url)]
DatabaseAddress = Annotated[str, BeforeValidator(_read_secret), AfterValidator(_check_database)]
Secret = Annotated[SecretStr, BeforeValidator(_read_secret)]
BotToken = Annotated[Secret, AfterValidator(_check_bot_token)]
FilePath = Annotated[str, AfterValidator(_check_path)]
AppToken = Annotated[Secret, AfterValidator(_check_app_token)]
MetricsToken = Annotated[Secret, AfterValidator(_check_metrics_token)]
Name = Annotated[str, AfterValidator(_check_name)]
Said = Annotated[str, AfterValidator(_check_said)]
