"""Sender entries, arranged by what can cover a sender and what a sender can cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from bot.domain.lists.entries import Entry
from bot.domain.lists.sender_pattern import read_sender

_Key = TypeVar("_Key")


class SenderIndex:
    """A provider's domain may have thousands of addresses listed: an address looks only for itself among them.

    What only the rarer lookups need is arranged when the first of them comes.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        #: By the part before the @, the domain, and whether its subdomains are meant: plain texts are found soonest.
        self._same: dict[tuple[str, str, bool], list[Entry]] = {}
        for entry in entries:
            sender = read_sender(entry.value)
            if sender is not None:
                put(self._same, (sender.local, sender.domain, sender.below), entry)

    def near(self, value: str) -> Iterator[Entry]:
        """The entries that can cover what a value names, or a part of it, and those that stand beside it."""
        yield from self.covering(value)
        sender = read_sender(value)
        if sender is None:
            return
        if sender.below:
            yield from self._below.get(sender.domain, ())
        elif not sender.local:
            yield from self._at.get(sender.domain, ())

    def covering(self, value: str) -> Iterator[Entry]:
        """The entries that can cover all that a value names, and those that stand beside it."""
        sender = read_sender(value)
        if sender is None:
            return
        same, domain = self._same, sender.domain
        yield from same.get((sender.local, domain, sender.below), ())
        if sender.local:
            yield from same.get(("", domain, False), ())
        for top in upwards(domain):
            yield from same.get(("", top, True), ())
            if top != domain:
                yield from same.get(("", top, False), ())

    @cached_property
    def _at(self) -> Mapping[str, Sequence[Entry]]:
        at: dict[str, list[Entry]] = defaultdict(list)
        for (_, domain, _), entries in self._same.items():
            at[domain] += entries
        return at

    @cached_property
    def _below(self) -> Mapping[str, Sequence[Entry]]:
        below: dict[str, list[Entry]] = defaultdict(list)
        for (_, domain, _), entries in self._same.items():
            for top in upwards(domain):
                below[top] += entries
        return below


def put(held: dict[_Key, list[Entry]], key: _Key, entry: Entry) -> None:
    """Add an entry to those that have the key. Nearly always it is the only one: a list of one takes the least room
    where it is made of that one.
    """
    if key in held:
        held[key].append(entry)
    else:
        held[key] = [entry]


def upwards(host: str) -> Iterator[str]:
    """The host, and every domain that it is below of, up to the top-level domain."""
    while True:
        yield host
        _, dot, host = host.partition(".")
        if not dot:
            return
