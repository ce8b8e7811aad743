"""Whether two spellings are the same entry to the service.

The service gives values back in its own spelling: other letter case, other forms of the same IPv6 address, percent-
encoding that comes and goes, host bits that were set in a network.
"""

from __future__ import annotations

from functools import lru_cache

from bot.domain.lists.coverage import value_key
from bot.domain.lists.traits import ListName


def same_value(name: ListName, one: str, other: str) -> bool:
    """Whether two spellings stand for the same entry of this list."""
    return one == other or comparable(name, one) == comparable(name, other)


@lru_cache(maxsize=65_536)  # the same lists are read again and again
def comparable(name: ListName, value: str) -> object:
    """A form of a value in which two spellings of the same entry are equal: the one that policy goes by as well."""
    return value_key(name, value)
