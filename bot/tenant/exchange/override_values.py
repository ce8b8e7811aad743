"""The values of overrides in the many ways in which they may be spelled: texts, arrays, objects, collections.

How they come over REST is not documented. What can be read is, and what can't is counted: it is never taken for
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from bot.domain.indicators.ip_span import read_span
from bot.domain.lists.sender_pattern import same_host

#: The keys under which an object may have its value, the plainest first. `Sender` and `Entries` lead to another object.
_KEYS = ("address", "primarysmtpaddress", "smtpaddress", "domain", "ipaddress", "name", "value", "sender", "entries")
_DEEPEST = 6
_LONGEST = 320
_BELOW = "includesubdomains"

#: A text in its normal form; empty for what it can't be.
_Normal: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class ReadValues:
    """The values that could be read, each once, and how many could not."""

    values: tuple[str, ...] = ()
    unread: int = 0

    def __bool__(self) -> bool:
        """Whether something was given at all, readable or not."""
        return bool(self.values or self.unread)


def read_domains(given: object) -> ReadValues:
    """Domains in their normal form; `*.` in front for the subdomains that one includes."""
    return _read(given, _domain)


def read_addresses(given: object) -> ReadValues:
    """Addresses in their normal form."""
    return _read(given, _address)


def read_spans(given: object) -> ReadValues:
    """IP addresses, ranges and networks as they are spelled."""
    return _read(given, lambda text: text if read_span(text) is not None else "")


def read_words(given: object) -> ReadValues:
    """Any texts."""
    return _read(given, lambda text: text)


def read_guid(record: Mapping[str, object]) -> str:
    """The id by which a record is named elsewhere, in small letters; empty where it says none that is one."""
    for key in ("guid", "exchangeobjectid", "immutableid"):
        if isinstance(given := record.get(key), str):
            with suppress(ValueError):
                return str(UUID(given.strip()))
    return ""


def is_given(given: object) -> bool:
    """Whether a property says anything: null, false, and empty texts, lists and objects don't."""
    return any(True for _ in _texts(given, 0)) if given is not False else False


def all_texts(given: object) -> tuple[str, ...]:
    """All that a property says, in one order, however long it is: to tell whether it says something else later."""
    return tuple(sorted(text or "" for text, _ in _texts(given, 0)))


def _read(given: object, normal: _Normal) -> ReadValues:
    found: dict[str, None] = {}
    unread = 0
    for text, below in _texts(given, 0):
        value = normal(text) if text is not None and len(text) <= _LONGEST else ""
        if not value:
            unread += 1
            continue
        found[value] = None
        if below:
            found[f"*.{value}"] = None
    return ReadValues(tuple(found), unread)


def _texts(given: object, depth: int) -> Iterator[tuple[str | None, bool]]:
    """Each text, and whether it includes what is below it; None for what can't be read."""
    if given is None or given is False or given == "":
        return
    if depth > _DEEPEST:
        yield None, False
    elif isinstance(given, str):
        yield from ((part.strip(), False) for part in given.split(",") if part.strip())
    elif isinstance(given, bool | int | float):
        yield str(given), False
    elif isinstance(given, list | tuple):
        for item in given:
            yield from _texts(item, depth + 1)
    elif isinstance(given, Mapping):
        yield from _texts_of_object(given, depth)
    else:
        yield None, False


def _texts_of_object(given: Mapping[object, object], depth: int) -> Iterator[tuple[str | None, bool]]:
    plain = {str(key).lower(): value for key, value in given.items() if "@" not in str(key)}
    if not plain:
        return
    below = str(plain.get(_BELOW, "")).lower() == "true"
    for key in _KEYS:
        # One that says nothing, such as an empty object, hides no other.
        if told := list(_texts(plain.get(key), depth + 1)):
            yield from ((text, below or its_below) for text, its_below in told)
            return
    if any(value not in (False, 0) and any(True for _ in _texts(value, depth + 1)) for value in plain.values()):
        yield None, False


def _domain(text: str) -> str:
    """Also `smtp:contoso.com;1`, as connectors have it, and `@contoso.com`."""
    text = text.lower().removeprefix("smtp:").partition(";")[0].strip().removeprefix("@")
    if text == "*":
        return text
    below = text.startswith("*.")
    host = same_host(text[2:] if below else text)
    if not host or "." not in host or any(character in host for character in ' */\\@:"'):
        return ""
    return f"*.{host}" if below else host


def _address(text: str) -> str:
    local, _, host = text.lower().removeprefix("smtp:").rpartition("@")
    domain = _domain(host) if local else ""
    return f"{local}@{domain}" if domain and " " not in local and "*" not in domain else ""
