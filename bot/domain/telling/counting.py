"""So many of something, in words: `1 sender`, `1,000 policies`."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName

_NOUNS: dict[ListName, tuple[str, str]] = {
    ListName.CONNECTION_FILTER: ("IP", "IPs"),
    ListName.SENDER: ("sender", "senders"),
    ListName.URL: ("URL", "URLs"),
    ListName.FILE: ("file", "files"),
    ListName.IP: ("IPv6 address or network", "IPv6 addresses or networks"),
    ListName.SPOOF: ("spoof pair", "spoof pairs"),
}

_POLICIES = ("policy", "policies")


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 entry`, `1,000 entries`. `nouns` is needed only where it is more than `noun` with an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def counted(count: int, *, operation: Operation, list_name: ListName) -> str:
    """So many of what a request of this operation on this list is about: `2 senders`, `2 policies`."""
    return plural(count, *(_POLICIES if operation is Operation.SAFE_LIST_OFF else _NOUNS[list_name]))
