"""The last snapshot of the tenant's lists with its index, kept in memory, so that a question is answered at once."""

from __future__ import annotations

import asyncio
from operator import is_

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex


class IndexCache:
    """The index of the snapshot that was last asked about.

    It is made anew, in a thread, when the entries are other objects: a full tenant takes a second. The store gives out
    what it has in memory as it is, so that a snapshot that has not changed is known by that alone.
    """

    def __init__(self) -> None:
        self._index: ListIndex | None = None
        self._making = asyncio.Lock()

    async def index(self, lists: Snapshot) -> ListIndex:
        """The index of these lists. Many who need it at the same time have it made once."""
        if (index := self._of(lists)) is not None:
            return index
        async with self._making:
            if (index := self._of(lists)) is None:
                index = await asyncio.to_thread(ListIndex, lists, before=self._index)
                self._index = index
            return index

    def _of(self, lists: Snapshot) -> ListIndex | None:
        index = self._index
        if index is None or len(index.entries) != len(lists.entries):
            return None
        return index if all(map(is_, index.entries, lists.entries)) else None
