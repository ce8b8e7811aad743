"""Whether a list as the tenant returned it holds a value, however the service spells it.

The service gives values back in its own spelling: other letter case, other forms of the same IPv6 address, percent-
encoding that comes and goes, host bits that were set in a network.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from urllib.parse import unquote

from bot.domain.lists import Action, Entry, ListName


def holds(
    entries: Iterable[Entry],
    value: str,
    action: Action,
    *,
    now: datetime | None = None,
    list_name: ListName | None = None,
) -> Entry | None:
    """The entry that holds this value with this action, or None.

    `entries` may be of one list or of several; `list_name` then picks one. With `now`, entries that have expired by
    then don't count: the service goes on listing them for a while. Coverage (an address in a listed network) is not
    asked here: see bot.domain.verdict.
    """
    for entry in entries:
        if (
            entry.action is action
            and (list_name is None or entry.list is list_name)
            and not (now is not None and entry.expires is not None and entry.expires <= now)
            and same_value(entry.list, entry.value, value)
        ):
            return entry
    return None


def same_value(name: ListName, one: str, other: str) -> bool:
    """Whether two spellings stand for the same entry of this list."""
    return one == other or comparable(name, one) == comparable(name, other)


@lru_cache(maxsize=65_536)  # a list of 15,000 entries is held against up to 20 values at a time
def comparable(name: ListName, value: str) -> str:
    """A form of a value in which two spellings of the same entry are equal. Not for people, and not for the tenant."""
    return _FORMS[name](value.strip())


def _ip(value: str) -> str:
    """One network, or two ends of a range; anything else as it stands, because a list can hold junk."""
    first, dash, last = value.partition("-")
    try:
        if dash:
            low, high = ipaddress.ip_address(first.strip()), ipaddress.ip_address(last.strip())
            return str(low) + "/32" if low == high else f"{low}-{high}"
        return str(ipaddress.ip_network(value, strict=False))
    except ValueError:
        return value.casefold()


def _sender(value: str) -> str:
    return unquote(value).casefold()


def _text(value: str) -> str:
    return value.casefold()


def _pair(value: str) -> str:
    user, _, infrastructure = value.partition(",")
    return f"{_sender(user.strip())},{_ip(infrastructure.strip())}"


_FORMS: Mapping[ListName, Callable[[str], str]] = {
    ListName.CONNECTION_FILTER: _ip,
    ListName.IP: _ip,
    ListName.SENDER: _sender,
    # How the service keeps a path's letter case is undocumented; a comparison that minded it could report a change as
    # failed that was made.
    ListName.URL: _text,
    ListName.FILE: _text,
    ListName.SPOOF: _pair,
}
