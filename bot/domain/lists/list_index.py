"""A whole snapshot of the tenant's lists, arranged so that one indicator is judged without a look at every entry.

A full tenant has some 60,000 entries. Arranging them takes a quarter of a second of computing, once for each list and
each change of it; after that a verdict looks at a handful. Never changes once it is made, so that many may use one at
a time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.coverage import concerned_lists, read_pair
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.entry_index import EntryIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.lists.url_pattern import read_url


class ListIndex:
    """The entries of every list, arranged for `concerning`."""

    def __init__(self, lists: Snapshot, *, before: ListIndex | None = None) -> None:
        """Arrange the lists. What `before` has of a list that hasn't changed since is taken from there."""
        self.entries = lists.entries  #: what it was made of: the same entries need no other index
        held: dict[ListName, list[Entry]] = defaultdict(list)
        for entry in lists.entries:
            held[entry.list].append(entry)
        self._held: Mapping[ListName, tuple[Entry, ...]] = {name: tuple(entries) for name, entries in held.items()}
        self._indexes: Mapping[ListName, EntryIndex] = {
            name: (before.of(name, entries) if before is not None else None) or EntryIndex(name, entries)
            for name, entries in self._held.items()
        }

    def of(self, name: ListName, entries: tuple[Entry, ...]) -> EntryIndex | None:
        """The index of one list, if these are its entries."""
        return self._indexes.get(name) if self._held.get(name) == entries else None

    def held(self, name: ListName) -> tuple[Entry, ...]:
        """The entries of one list."""
        return self._held.get(name, ())

    def near(self, name: ListName, indicator: Indicator) -> Sequence[Entry]:
        """Every entry of one list that can cover the indicator or a part of it, and few others."""
        index = self._indexes.get(name)
        return () if index is None else index.near(indicator)

    def counts(self, name: ListName) -> Mapping[tuple[Action, str], int]:
        """How many entries a list has of each action, in each connection filter policy (elsewhere the policy is "")."""
        index = self._indexes.get(name)
        return {} if index is None else index.counts

    def concerning(self, indicator: Indicator) -> Iterator[Entry]:
        """Every entry that can matter for a verdict on the indicator, of its own list and the related ones."""
        for name in concerned_lists(indicator.kind):
            index = self._indexes.get(name)
            if index is None:
                continue
            if name is not ListName.SENDER or name is list_for(indicator.kind):
                yield from index.near(indicator)
            elif (sender := _sender_of(indicator)) is not None:
                yield from index.covering(sender)


def _sender_of(indicator: Indicator) -> Indicator | None:
    """Whom a sender entry has to cover to matter for a URL, which is its host, or for a pair, which is its user."""
    if indicator.kind is Kind.URL:
        url = read_url(indicator.value)
        return None if url is None else Indicator(kind=Kind.DOMAIN, value=url.host)
    pair = read_pair(indicator.value)
    return None if pair is None else Indicator(kind=Kind.ADDRESS, value=pair.user)
