"""The odd ways in which Exchange Online spells one field, each read into one plain Python type.

For pydantic models of what the cmdlets return, over REST or through `ConvertTo-Json`. A spelling that can't be read
raises ValueError, which pydantic turns into an error that names the field.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BeforeValidator

_DOTNET_DATE = re.compile(r"^/Date\((?P<milliseconds>-?\d+)(?:[+-]\d{4})?\)/$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SHOWN = 120
_IN_PLACE_OF_VALUES = re.compile(r"@\{.*\}|(?:Deserialized\.)?(?:System|Microsoft)\.[\w.`+\[\], =]+", re.DOTALL)
_SEPARATORS = re.compile(r"[,;\s]+")


def read_date(value: object) -> datetime | None:
    """A date as the service spells it, aware and in UTC; None for null, the empty text and .NET's extreme dates.

    Reads ISO 8601 with any number of fraction digits (seven are usual), `/Date(milliseconds)/`, and the object that
    Windows PowerShell 5.1 makes of a date. A date without a zone is UTC. ValueError for anything else.
    """
    if isinstance(value, Mapping):  # Windows PowerShell 5.1: {"value": "/Date(…)/", "DateTime": "Sunday, 1 March …"}
        value = value.get("value")
    if value is None:
        return None
    moment = value if isinstance(value, datetime) else _date_from_text(str(value).strip())
    if moment is None:
        return None
    if moment.year in {1, 9999}:  # DateTime.MinValue and MaxValue stand for "none"
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _date_from_text(text: str) -> datetime | None:
    if not text:
        return None
    dotnet = _DOTNET_DATE.match(text)
    try:
        if dotnet:
            return _EPOCH + timedelta(milliseconds=int(dotnet["milliseconds"]))
        return datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValueError(f"{shortened(repr(text))} is no date that can be read for certain") from None


def read_date_if_possible(value: object) -> datetime | None:
    """Like `read_date`, but None for what can't be read: for dates that are only shown, and decide nothing."""
    try:
        return read_date(value)
    except ValueError:
        return None


def read_switch(value: object) -> bool:
    """A switch: a boolean, 0 or 1, or one of these as text. Null and missing are off."""
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower().removeprefix("$")
    if text in {"true", "1"}:
        return True
    if text in {"false", "0", ""}:
        return False
    raise ValueError(f"{shortened(repr(value))} is neither true nor false")


def read_text(value: object) -> str:
    """A text without surrounding blanks; null is the empty text, a number is its digits."""
    if value is None:
        return ""
    if isinstance(value, Mapping | list | tuple):
        raise ValueError("is a structure where a text is due")  # noqa: TRY004 - pydantic takes only ValueError
    return str(value).strip()


def read_values(value: object) -> tuple[str, ...]:
    """The values of a list: null, missing and the empty text are none; a bare value is one; junk stays as its text.

    An empty list is written in many ways (`[]`, `{}`, `[null]`, `[""]`), and none of them is an entry that anybody
    could see or remove.

    Addresses that `ConvertTo-Json` joined into one text because the object was nested too deeply are taken apart again.
    """
    if isinstance(value, Mapping) and "value" in value:  # Windows PowerShell 5.1: {"value": […], "Count": 2}
        value = value["value"]
    if value is None:
        return ()
    if isinstance(value, str):
        parts = [part for part in _SEPARATORS.split(value.strip()) if part]
        if len(parts) > 1 and all(_is_ip_text(part) for part in parts):
            return tuple(parts)
        return (value.strip(),) if value.strip() else ()
    if isinstance(value, list | tuple):
        return tuple(text for item in value if (text := _item_text(item)))
    return () if value == {} else (str(value),)


def is_cut_short(value: object) -> bool:
    """Whether an export has something else in place of a list's values, or of one of them.

    `ConvertTo-Json` writes the name of a type (`System.Collections.ArrayList`) or `@{…}` for what is nested deeper than
    it was told to go. An object that is no list of PowerShell's is no value either.
    """
    if isinstance(value, Mapping):
        return bool(value) and ("value" not in value or is_cut_short(value["value"]))
    if isinstance(value, list | tuple):
        return any(is_cut_short(item) for item in value)
    return isinstance(value, str) and _IN_PLACE_OF_VALUES.fullmatch(value.strip()) is not None


def _item_text(item: object) -> str:
    return "" if item is None or item == {} else str(item).strip()


def _is_ip_text(text: str) -> bool:
    try:
        for part in text.split("-", 1):
            ipaddress.ip_network(part, strict=False)
    except ValueError:
        return False
    return True


def plain_keys(record: object) -> object:
    """A record with lower-case keys, without sidecars such as `X@data.type`, and with malformed keys repaired.

    `LastUsedDate(DateTime])` stands for `LastUsedDate` where that is missing or null.
    """
    if not isinstance(record, Mapping):
        return record
    plain: dict[str, object] = {}
    repaired: dict[str, object] = {}
    for key, value in record.items():
        name = str(key)
        if "@" in name:
            continue
        base, malformed, _ = name.partition("(")
        (repaired if malformed else plain)[base.strip().lower()] = value
    for name, value in repaired.items():
        if plain.get(name) is None:
            plain[name] = value
    return plain


def shortened(text: str) -> str:
    """A text for an error's message: what a record holds can be of any length."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


OddDate = Annotated[datetime | None, BeforeValidator(read_date)]
ShownDate = Annotated[datetime | None, BeforeValidator(read_date_if_possible)]
Switch = Annotated[bool, BeforeValidator(read_switch)]
Text = Annotated[str, BeforeValidator(read_text)]
Values = Annotated[tuple[str, ...], BeforeValidator(read_values)]
