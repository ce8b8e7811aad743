"""URL entries, arranged by what can cover a URL and what a URL entry can cover."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from bot.domain.lists.entries import Entry
from bot.domain.lists.sender_index import put, upwards
from bot.domain.lists.url_pattern import Hosts, UrlPattern, read_url

#: Possessive, and from the start of a word only: linear in whatever stands in a path.
_HOST = re.compile(r"(?<![a-z0-9_-])[a-z0-9_-]++(?:\.[a-z0-9_-]++)+")
_PATH_ENDS = re.compile(r"[/?#]")


class UrlIndex:
    """A file-sharing host may have thousands of pages listed: a page looks only along its own path among them.

    What only the rarer lookups need is arranged when the first of them comes.
    """

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._urls: list[tuple[UrlPattern, Entry]] = []
        self._placed: dict[tuple[str, str], list[Entry]] = {}
        self._paths: dict[str, _Paths] = {}
        for entry in entries:
            url = read_url(entry.value)
            if url is not None:
                self._urls.append((url, entry))
                put(self._placed, (url.host, _key(url.path)), entry)

    def near(self, value: str) -> Iterator[Entry]:
        """The entries that can cover what a value names, or a part of it."""
        url = read_url(value)
        if url is None:
            return
        key = _key(url.path)
        # What covers it: on its host or above, on its path or above; of the hosts that its path mentions, bare ones.
        above = _above(url.path)
        for top in upwards(url.host):
            for path in above:
                yield from self._placed.get((top, path), ())
        for host in _mentioned(url.path):
            for top in upwards(host):
                yield from self._placed.get((top, ""), ())
        # What it covers. A bare host can mean all that is below it, and each URL that mentions it.
        if not key or url.hosts is not Hosts.ITSELF:
            yield from self._below.get(url.host, ())
        elif url.host in self._on_host:
            yield from self._paths_on(url.host).below(key)

    @cached_property
    def _below(self) -> Mapping[str, Sequence[Entry]]:
        """By host, what is on it, below it, or mentions either: since a bare block covers such mentions."""
        below: dict[str, list[Entry]] = defaultdict(list)
        for url, entry in self._urls:
            for top in {top for host in (url.host, *_mentioned(url.path)) for top in upwards(host)}:
                below[top].append(entry)
        return below

    @cached_property
    def _on_host(self) -> Mapping[str, Sequence[tuple[str, Entry]]]:
        on_host: dict[str, list[tuple[str, Entry]]] = defaultdict(list)
        for url, entry in self._urls:
            on_host[url.host].append((_key(url.path), entry))
        return on_host

    def _paths_on(self, host: str) -> _Paths:
        if host not in self._paths:
            self._paths[host] = _Paths(self._on_host[host])
        return self._paths[host]


class _Paths:
    """The entries on one host, in the order of their paths."""

    def __init__(self, held: Iterable[tuple[str, Entry]]) -> None:
        in_order = sorted(held, key=lambda pair: pair[0])
        self._paths = [path for path, _ in in_order]
        self._entries = [entry for _, entry in in_order]

    def below(self, path: str) -> Iterator[Entry]:
        at = bisect_left(self._paths, path)
        while at < len(self._paths) and self._paths[at].startswith(path):
            yield self._entries[at]
            at += 1


def _key(path: str) -> str:
    return path.rstrip("/")


def _above(path: str) -> set[str]:
    """The path, and every path that it is below of, up to the bare host."""
    return {"", _key(path), *(_key(path[: mark.start()]) for mark in _PATH_ENDS.finditer(path))}


def _mentioned(path: str) -> Sequence[str]:
    return _HOST.findall(path) if "." in path else ()
