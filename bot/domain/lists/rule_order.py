"""Which rules stand elsewhere among the others than they did, by their positions in two readings.

A rule that comes or goes moves all others by one, which is no change of theirs: only the order among those that are in
both readings counts. Of the rules that changed places as few are named as explain it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import TypeVar

_Name = TypeVar("_Name")


def moved(before: Mapping[_Name, int], after: Mapping[_Name, int]) -> frozenset[_Name]:
    """The rules that moved past others: without them all others stand in the order in which they stood."""
    both = sorted((name for name in before if name in after), key=lambda name: (before[name], after[name]))
    kept = _longest_in_order([after[name] for name in both])
    return frozenset(name for index, name in enumerate(both) if index not in kept)


def _longest_in_order(positions: Sequence[int]) -> frozenset[int]:
    """The indexes of a longest run of positions that never goes down."""
    ends: list[int] = []  # the smallest last position of a run of each length
    indexes: list[int] = []  # of those positions
    previous: list[int | None] = []
    for index, position in enumerate(positions):
        length = bisect_right(ends, position)
        previous.append(indexes[length - 1] if length else None)
        ends[length:] = [position, *ends[length + 1 :]]
        indexes[length:] = [index, *indexes[length + 1 :]]
    found: set[int] = set()
    last = indexes[-1] if indexes else None
    while last is not None:
        found.add(last)
        last = previous[last]
    return frozenset(found)
