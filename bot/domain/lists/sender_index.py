"""Sender entries, arranged by what can cover a sender and what a sender can cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.domain.lists.entries import Entry
from bot.domain.lists.sender_pattern import SenderPattern, read_sender


class SenderIndex:
    """A provider's domain may have thousands of addresses listed: an address looks only for itself among them.

    What only the rarer lookups need is arranged when the first of them comes.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._same: dict[SenderPattern, list[Entry]] = defaultdict(list)
        for entry in entries:
            sender = read_sender(entry.value)
            if sender is not None:
                self._same[sender].append(entry)

    def near(self, value: str) -> Iterator[Entry]:
        """The entries that can cover what a value names, or a part of it, and those that stand beside it."""
        sender = read_sender(value)
        if sender is None:
            return
        yield from self._same.get(sender, ())
        if sender.local:
            yield from self._same.get(SenderPattern(domain=sender.domain), ())
        for top in upwards(sender.domain):
            yield from self._same.get(SenderPattern(domain=top, below=True), ())
            if top != sender.domain:
                yield from self._same.get(SenderPattern(domain=top), ())
        if sender.below:
            yield from self._below.get(sender.domain, ())
        elif not sender.local:
            yield from self._at.get(sender.domain, ())

    @cached_property
    def _at(self) -> Mapping[str, Sequence[Entry]]:
        at: dict[str, list[Entry]] = defaultdict(list)
        for sender, entries in self._same.items():
            at[sender.domain] += entries
        return at

    @cached_property
    def _below(self) -> Mapping[str, Sequence[Entry]]:
        below: dict[str, list[Entry]] = defaultdict(list)
        for sender, entries in self._same.items():
            for top in upwards(sender.domain):
                below[top] += entries
        return below


def upwards(host: str) -> Iterator[str]:
    """The host, and every domain that it is below of, up to the top-level domain."""
    while True:
        yield host
        _, dot, host = host.partition(".")
        if not dot:
            return
