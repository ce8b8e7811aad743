"""Finding the few entries of a long list that can have to do with an indicator, without a look at all the others.

A Tenant Allow/Block List holds up to 15,000 entries of a kind, and a proposal up to a hundred indicators. The index
only narrows down: what an entry covers is `bot.domain.coverage`'s to say.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TypeAlias

from bot.domain.indicators import Indicator
from bot.domain.ip_span import IpSpan, read_span
from bot.domain.lists import Entry, ListName
from bot.domain.sender_pattern import read_sender
from bot.domain.url_pattern import read_url

Near: TypeAlias = Callable[[Indicator], Sequence[Entry]]

#: Possessive, and from the start of a word only: linear in whatever stands in a path.
_HOST = re.compile(r"(?<![a-z0-9_-])[a-z0-9_-]++(?:\.[a-z0-9_-]++)+")


#: For so few indicators it takes longer to arrange a list of any length than to look through it.
FEW = 5


def nearby(name: ListName, entries: Sequence[Entry], indicators: Sequence[Indicator]) -> Near:
    """A way to find, for each of some indicators, the entries of *one* list that can have to do with it.

    For a few that is the whole list, for many an index of it.
    """
    if len(indicators) <= FEW:
        return lambda _: entries
    return EntryIndex(name, entries).near


class EntryIndex:
    """The entries of *one* list, arranged for `near`."""

    def __init__(self, name: ListName, entries: Iterable[Entry]) -> None:
        self._name = name
        self._entries = tuple(entry for entry in entries if entry.list is name)
        self._same_text: dict[str, list[Entry]] = defaultdict(list)
        self._at_host: dict[str, list[Entry]] = defaultdict(list)
        self._below_host: dict[str, list[Entry]] = defaultdict(list)
        self._spans: dict[int, _Spans] = {}
        for entry in self._entries:
            self._same_text[_text(entry.value)].append(entry)
        if name in {ListName.SENDER, ListName.URL}:
            self._arrange_by_host()
        elif name in {ListName.CONNECTION_FILTER, ListName.IP}:
            self._arrange_by_address()

    def near(self, indicator: Indicator) -> list[Entry]:
        """Every entry that can cover the indicator or a part of it, and few others."""
        if self._name is ListName.SPOOF:  # at most 1,024, and `*` on either side
            return list(self._entries)
        found = {id(entry): entry for entry in self._same_text.get(_text(indicator.value), ())}
        if self._name in {ListName.SENDER, ListName.URL}:
            for host in _hosts(self._name, indicator.value):
                for entry in self._below_host.get(host, ()):
                    found[id(entry)] = entry
                for top in _upwards(host):
                    for entry in self._at_host.get(top, ()):
                        found[id(entry)] = entry
        else:
            span = read_span(indicator.value)
            spans = self._spans.get(span.version) if span is not None else None
            if span is not None and spans is not None:
                found.update((id(entry), entry) for entry in spans.meeting(span))
        return list(found.values())

    def _arrange_by_host(self) -> None:
        for entry in self._entries:
            for host in _hosts(self._name, entry.value):
                self._at_host[host].append(entry)
                for top in _upwards(host):
                    self._below_host[top].append(entry)

    def _arrange_by_address(self) -> None:
        by_version: dict[int, list[tuple[IpSpan, Entry]]] = defaultdict(list)
        for entry in self._entries:
            span = read_span(entry.value)
            if span is not None:
                by_version[span.version].append((span, entry))
        self._spans = {version: _Spans(spans) for version, spans in by_version.items()}


class _Spans:
    """Spans of one IP version, by their first address."""

    def __init__(self, spans: list[tuple[IpSpan, Entry]]) -> None:
        self._spans = sorted(spans, key=lambda pair: pair[0].first)
        self._firsts = [span.first for span, _ in self._spans]
        self._furthest = list(accumulate((span.last for span, _ in self._spans), max))

    def meeting(self, wanted: IpSpan) -> Iterator[Entry]:
        # Backwards from the last span that begins early enough, as far as any span reaches up to what is wanted.
        at = bisect_right(self._firsts, wanted.last) - 1
        while at >= 0 and self._furthest[at] >= wanted.first:
            span, entry = self._spans[at]
            if span.last >= wanted.first:
                yield entry
            at -= 1


def _text(value: str) -> str:
    return value.strip().casefold()


def _hosts(name: ListName, value: str) -> set[str]:
    """The hosts that a value names: for a URL those in its path too, since a bare block covers such mentions."""
    if name is ListName.SENDER:
        sender = read_sender(value)
        return {sender.domain} if sender is not None else set()
    url = read_url(value)
    return {url.host, *_HOST.findall(url.path)} if url is not None else set()


def _upwards(host: str) -> Iterator[str]:
    """The host, and every domain that it is below of, up to the top-level domain."""
    while True:
        yield host
        _, dot, host = host.partition(".")
        if not dot:
            return
