"""Taking many items a few at a time, so that no transaction is long: SQLite has one writer, and people wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

#: How many items one transaction records.
RECORDED_AT_ONCE = 250

#: More items than so many are told of in a file of their own, beside the card.
LARGE = 100

_Thing = TypeVar("_Thing")


def strides(things: Sequence[_Thing], size: int = RECORDED_AT_ONCE) -> Iterator[Sequence[_Thing]]:
    """The things in their order, at most `size` at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
