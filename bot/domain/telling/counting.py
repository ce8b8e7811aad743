"""So many of something, in words: `1 sender`, `1,000 policies`."""

from __future__ import annotations

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName


def plural(count: int, noun: str, nouns: str = "") -> str:
    """`1 entry`, `1,000 entries`. `nouns` is needed only where it is more than `noun` with an s."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"


def counted(count: int, *, operation: Operation, list_name: ListName) -> str:
    """So many of what a request of this operation on this list is about: `2 senders`, `2 policies`."""
    if operation is Operation.SAFE_LIST_OFF:
        return plural(count, "policy", "policies")
    words = list_name.traits.words
    return plural(count, words.noun, words.nouns)
