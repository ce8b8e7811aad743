"""Whether a list as the tenant returned it holds a value, however the service spells it.

The service gives values back in its own spelling: other letter case, other forms of the same IPv6 address, percent-
encoding that comes and goes, host bits that were set in a network.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from bot.domain.coverage import value_key
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
def comparable(name: ListName, value: str) -> object:
    """A form of a value in which two spellings of the same entry are equal: the one that policy goes by as well."""
    return value_key(name, value)
