"""Finding the few entries of a long list that can have to do with an indicator, without a look at all the others.

A Tenant Allow/Block List holds up to 15,000 entries of a kind, and an import up to 10,000 indicators, many of them at
one and the same host or mail provider. The index only narrows down: what an entry covers, `bot.domain.lists.coverage`
says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.entries import Entry
from bot.domain.lists.pair_index import PairIndex
from bot.domain.lists.sender_index import SenderIndex, put
from bot.domain.lists.span_index import SpanIndex
from bot.domain.lists.traits import Action, ListName
from bot.domain.lists.url_index import UrlIndex

Near: TypeAlias = Callable[[Indicator], Sequence[Entry]]

_Lookup: TypeAlias = Callable[[str], Iterable[Entry]]

#: For so few indicators it takes longer to arrange a list of any length than to look through it.
FEW = 5


def nearby(name: ListName, entries: Sequence[Entry], indicators: Sequence[Indicator]) -> Near:
    """A way to find, for each of some indicators, the entries of *one* list that can have to do with it.

    For a few that is the whole list, for many an index of it.
    """
    if len(indicators) <= FEW:
        return lambda _: entries
    return EntryIndex(name, entries).near


def counted(entries: Iterable[Entry]) -> Mapping[tuple[Action, str], int]:
    """How many entries there are of each action, in each connection filter policy."""
    return Counter((entry.action, entry.policy) for entry in entries)


class EntryIndex:
    """The entries of *one* list, arranged for `near`."""

    def __init__(self, name: ListName, entries: Iterable[Entry]) -> None:
        self._name = name
        self._entries = tuple(entry for entry in entries if entry.list is name)
        self._same_text: dict[str, list[Entry]] = {}
        for entry in self._entries:
            put(self._same_text, _text(entry.value), entry)
        self._near, self._covering = _arranged(name, self._entries)
        self.counts: Mapping[tuple[Action, str], int] = counted(self._entries)

    def near(self, indicator: Indicator) -> list[Entry]:
        """Every entry that can cover the indicator or a part of it, and few others.

        An indicator of another list's kind is looked for as what it is: a domain among URLs is a host. Among spoof
        pairs, which have two sides and are at most 1,024, it may be on either: that is all of them.
        """
        if self._name is ListName.SPOOF and indicator.kind is not Kind.SPOOF_PAIR:
            return list(self._entries)
        return self._found(indicator.value, self._near)

    def covering(self, indicator: Indicator) -> list[Entry]:
        """Every entry that can cover the indicator as a whole, and few others: of a domain not all its addresses."""
        return self._found(indicator.value, self._covering)

    def _found(self, value: str, lookup: _Lookup) -> list[Entry]:
        found = (*self._same_text.get(_text(value), ()), *lookup(value))
        return list(dict(zip(map(id, found), found, strict=True)).values())


def _arranged(name: ListName, entries: Sequence[Entry]) -> tuple[_Lookup, _Lookup]:
    """What finds the entries that cover a value or a part of it, and what finds those that cover it as a whole."""
    near: _Lookup
    match name:
        case ListName.SENDER:
            senders = SenderIndex(entries)
            return senders.near, senders.covering
        case ListName.URL:
            near = UrlIndex(entries).near
        case ListName.SPOOF:
            near = PairIndex(entries).near
        case ListName.CONNECTION_FILTER | ListName.IP:
            near = SpanIndex(entries, lambda entry: entry.value).meeting
        case ListName.FILE:
            near = _none
    return near, near


def _none(_value: str) -> Iterable[Entry]:
    return ()


def _text(value: str) -> str:
    return value.strip().casefold()
