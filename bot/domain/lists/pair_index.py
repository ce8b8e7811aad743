"""Spoof pairs, arranged by what can cover a pair and what a pair can cover."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.domain.lists.coverage import Pair, read_pair
from bot.domain.lists.entries import Entry

#: The size of the networks that the service takes in a pair, a /24. Equal ones are spelled alike.
_USUAL_SIZE = 256


class PairIndex:
    """The pairs of the spoofed senders' list. What is known of one side leaves few to look at."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._same: dict[tuple[str, str], list[Entry]] = defaultdict(list)
        self._at: dict[tuple[str, str], list[Entry]] = defaultdict(list)  #: addresses, by their domain
        self._of_user: dict[str, list[Entry]] = defaultdict(list)
        self._from: dict[str, list[Entry]] = defaultdict(list)
        self._odd: list[Entry] = []
        for entry in entries:
            pair = read_pair(entry.value)
            if pair is None:
                continue
            if _is_odd(pair):
                self._odd.append(entry)
                continue
            self._same[pair.user, pair.infrastructure].append(entry)
            self._from[pair.infrastructure].append(entry)
            for user in {pair.user, _domain(pair.user)}:
                self._of_user[user].append(entry)
            if "@" in pair.user:
                self._at[_domain(pair.user), pair.infrastructure].append(entry)

    def near(self, value: str) -> Iterator[Entry]:
        """The entries that can cover what a value names, or a part of it."""
        pair = read_pair(value)
        if pair is None:
            return
        yield from self._odd
        if _is_odd(pair):
            for held in self._from.values():
                yield from held
        elif pair.user == "*":
            yield from self._from.get(pair.infrastructure, ())
        elif pair.infrastructure == "*":
            yield from self._of_user.get(pair.user, ())
            yield from self._same.get((_domain(pair.user), "*"), ())
        else:
            for user in (pair.user, _domain(pair.user), "*"):
                yield from self._same.get((user, pair.infrastructure), ())
                yield from self._same.get((user, "*"), ())
            yield from self._at.get((pair.user, pair.infrastructure), ())


def _is_odd(pair: Pair) -> bool:
    """Whether it is one that the service doesn't take, as only an odd record is: it may meet any other."""
    if pair.user == pair.infrastructure == "*":
        return True
    return pair.network is not None and pair.network.size != _USUAL_SIZE


def _domain(user: str) -> str:
    return user.rpartition("@")[2]
