"""The last snapshot of the tenant's lists with its indexes, kept in memory, so that a question is answered at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from operator import is_

from bot.aside import aside
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.reading.listed import Listed


class IndexCache:
    """The indexes of the snapshot that was last asked about: one by what entries cover, one by their text.

    Each is made anew, in a thread, when the entries are other objects: a full tenant takes a second. The store gives
    out what it has in memory as it is, so that a snapshot that has not changed is known by that alone.
    """

    def __init__(self) -> None:
        self._index: ListIndex | None = None
        self._listed: tuple[Sequence[Entry], Listed] | None = None
        self._making = asyncio.Lock()

    def has(self, lists: Snapshot) -> bool:
        """Whether both are there, and nobody has to wait."""
        return self._of(lists) is not None and self._listed_of(lists) is not None

    async def index(self, lists: Snapshot) -> ListIndex:
        """The index of these lists. Many who need it at the same time have it made once."""
        if (index := self._of(lists)) is not None:
            return index
        async with self._making:
            if (index := self._of(lists)) is None:
                index = await aside(len(lists.entries), ListIndex, lists, before=self._index)
                self._index = index
            return index

    async def listed(self, lists: Snapshot) -> Listed:
        """The entries of these lists by their text. Many who need it at the same time have it made once."""
        if (listed := self._listed_of(lists)) is not None:
            return listed
        async with self._making:
            if (listed := self._listed_of(lists)) is None:
                listed = await aside(len(lists.entries), Listed, lists.entries)
                self._listed = (lists.entries, listed)
            return listed

    def _of(self, lists: Snapshot) -> ListIndex | None:
        index = self._index
        return index if index is not None and _are_same(index.entries, lists.entries) else None

    def _listed_of(self, lists: Snapshot) -> Listed | None:
        of = self._listed
        return of[1] if of is not None and _are_same(of[0], lists.entries) else None


def _are_same(some: Sequence[Entry], others: Sequence[Entry]) -> bool:
    return some is others or (len(some) == len(others) and all(map(is_, some, others)))
