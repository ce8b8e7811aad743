"""Finding which of many spans of IP addresses have an address in common with one, without a look at all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from bot.domain.indicators.ip_span import IpSpan, read_span

_Held = TypeVar("_Held")


class SpanIndex(Generic[_Held]):
    """Things that name a span of addresses, by it; what names none is left out."""

    def __init__(self, held: Iterable[_Held], value: Callable[[_Held], str]) -> None:
        by_version: dict[int, list[tuple[IpSpan, _Held]]] = defaultdict(list)
        for entry in held:
            span = read_span(value(entry))
            if span is not None:
                by_version[span.version].append((span, entry))
        self._by_version = {version: _Spans(pairs) for version, pairs in by_version.items()}

    def meeting(self, value: str) -> Iterator[_Held]:
        """Everything whose span meets the one that a value names. Nothing, when it names none."""
        span = read_span(value)
        if span is not None and span.version in self._by_version:
            yield from self._by_version[span.version].meeting(span)


class _Spans(Generic[_Held]):
    """Spans of one IP version, by their first address; a tree over them knows how far those below it reach."""

    def __init__(self, pairs: list[tuple[IpSpan, _Held]]) -> None:
        self._pairs = sorted(pairs, key=lambda pair: pair[0].first)
        self._size = 1 << (len(pairs) - 1).bit_length() if pairs else 1
        self._furthest = [-1] * (2 * self._size)
        for at, (span, _) in enumerate(self._pairs):
            self._furthest[self._size + at] = span.last
        for node in range(self._size - 1, 0, -1):
            self._furthest[node] = max(self._furthest[2 * node], self._furthest[2 * node + 1])

    def meeting(self, wanted: IpSpan) -> Iterator[_Held]:
        # In the order of first addresses: down to every span that reaches as far as what is wanted, until one begins
        # beyond it. A wide span holds up nobody but itself.
        waiting = [1]
        while waiting:
            node = waiting.pop()
            if self._furthest[node] < wanted.first:
                continue
            if node < self._size:
                waiting += (2 * node + 1, 2 * node)
                continue
            span, held = self._pairs[node - self._size]
            if span.first > wanted.last:
                return
            yield held
