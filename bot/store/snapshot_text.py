"""The snapshot of the tenant's lists, in parts and as text: what is kept of a reading, and what was kept last.

A full tenant has some 60,000 entries. Writing and reading them takes a second of computing, so it is done line by line
in a thread, and only for the parts that changed: a part is known by the digest of its text.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields
from datetime import datetime
from itertools import chain, islice
from types import MappingProxyType
from typing import Any, TypeAlias, overload

from bot.aside import aside
from bot.domain.auditing.events import iso
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import PlaceReading
from bot.domain.overrides.places import Place
from bot.store.place_text import place_in, place_out

#: Kept beside the lists: the connection filter's policies, and the tenant's own domains.
POLICIES = "filter_policies"
DOMAINS = "accepted_domains"

#: A place beside the lists is a part of its own, under its name with this in front.
_PLACE = "place:"
_PLACES = {f"{_PLACE}{place.value}": place for place in Place}

#: Every part of a snapshot, in the order of the lists.
PARTS: tuple[str, ...] = (*(name.value for name in ListName), POLICIES, DOMAINS, *_PLACES)

#: What a part holds: entries, policies, the names of domains, or the one reading of a place.
Contents: TypeAlias = tuple[Entry, ...] | tuple[FilterPolicy, ...] | tuple[str, ...] | tuple[PlaceReading, ...]

_TIMES = ("expires", "last_used", "created", "modified")

#: Of these a full tenant's entries have a handful of different texts: each is kept once.
_REPEATED = ("modified_by", "policy", "subtype", "spoof_type")

#: So many records are read at once: one by one takes twice as long, and all at once holds the event loop.
_AT_ONCE = 250

#: About so long is the text of an entry.
_OF_AN_ENTRY = 100

_ACTIONS = {action.value: action for action in Action}
_DEFAULTS = {each.name: each.default for each in fields(Entry) if each.default is not MISSING}

#: How the fields of an entry are set past its constructor, which takes three times as long: of a full tenant's 60,000
#: entries that is a fifth of a second for which a bot that starts answers nobody.
_SET: Mapping[str, Callable[[Entry, object], None]] = {
    each.name: getattr(Entry, each.name).__set__ for each in fields(Entry)
}
_SET_LIST, _SET_ACTION, _SET_VALUE = _SET["list"], _SET["action"], _SET["value"]
_SET_TIMES = [(_SET[name], name) for name in _TIMES]
_SET_REPEATED = [(_SET[name], name) for name in _REPEATED]
_SET_OTHERS = [(_SET[name], name, default) for name, default in _DEFAULTS.items() if name not in {*_TIMES, *_REPEATED}]
_new_entry: Callable[[type[Entry]], Entry] = object.__new__

#: In ASCII, with everything else escaped: both databases take it as it is.
_as_text = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotPart:
    """One part of a reading, ready to be kept."""

    name: str
    contents: Contents = field(repr=False)
    #: A line of JSON for each record; None where this process has seen the same last: `text_of` makes it, if it has to
    #: be written after all. Of a full list it is megabytes, which nearly every reading would take for nothing.
    text: str | None = field(repr=False)
    digest: str
    error: str = ""  #: why it couldn't be read


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedSnapshot:
    """A reading of the lists, ready to be kept."""

    as_of: datetime
    parts: tuple[SnapshotPart, ...]
    is_whole: bool = True  #: False: a reading of some lists, which says nothing of the others


class SnapshotMemory:
    """What the parts held when they were last saved or loaded: what hasn't changed since needn't be parsed again."""

    def __init__(self) -> None:
        #: Held while parts are fetched, so that many who need the same ones parse them once.
        self.fetching = asyncio.Lock()
        self._known: dict[str, tuple[str, Contents]] = {}
        self._assembled: tuple[object, Snapshot] | None = None

    def assembled(self, of: object, make: Callable[[], Snapshot]) -> Snapshot:
        """The lists that were put together of these parts, `of` naming them all; put together only where others were
        last time: a full tenant's entries take a while, and whoever compares them finds the same object."""
        if self._assembled is None or self._assembled[0] != of:
            self._assembled = (of, make())
        return self._assembled[1]

    def digests(self) -> Mapping[str, str]:
        """By what each part is known that is remembered."""
        return {name: digest for name, (digest, _) in self._known.items()}

    def get(self, name: str, digest: str) -> Contents | None:
        """What a part with this digest holds; None if it isn't remembered."""
        known = self._known.get(name)
        return known[1] if known is not None and known[0] == digest else None

    def put(self, name: str, digest: str, contents: Contents) -> None:
        """Remember what a part holds, instead of what it held before.

        Where that is the same, it stays the same objects: the lists that were put together have them too, and others
        would take as many megabytes again.
        """
        known = self._known.get(name)
        if known is None or known[0] != digest:
            self._known[name] = (digest, contents)


async def prepare(
    lists: Snapshot, names: Collection[ListName] | None = None, *, known: Mapping[str, str] = MappingProxyType({})
) -> PreparedSnapshot:
    """Make a reading ready to be kept. Takes a second for a full tenant: do it outside transactions.

    `names` are the lists that were read, where it wasn't all of them with the accepted domains; `known` the digests of
    the parts that need no text if they are still so.
    """
    size = len(lists.entries) + sum(len(reading.overrides) for reading in lists.places)
    return await aside(size, _prepared, lists, names, known)


async def text_of(part: SnapshotPart) -> str:
    """The text of a part, which may have to be made yet."""
    if part.text is not None:
        return part.text
    made, _ = await aside(len(part.contents), _written, part.name, part.contents)
    return made


async def parse(name: str, text: str) -> Contents:
    """What the text of a part says."""
    return await aside(len(text) // _OF_AN_ENTRY, _contents, name, text)


def assemble(*, as_of: datetime, contents: Mapping[str, Contents], unreadable: Mapping[ListName, str]) -> Snapshot:
    """The lists from what their parts hold; a part that isn't there is empty."""
    lists: Any = [contents.get(name.value, ()) for name in ListName]
    policies: Any = contents.get(POLICIES, ())
    domains: Any = contents.get(DOMAINS, ())
    places: Any = [contents.get(name, ()) for name in _PLACES]
    return Snapshot(
        as_of=as_of,
        policies=policies,
        entries=tuple(chain.from_iterable(lists)),
        unreadable=unreadable,
        accepted_domains=frozenset(domains),
        places=tuple(chain.from_iterable(places)),
    )


def _prepared(lists: Snapshot, names: Collection[ListName] | None, known: Mapping[str, str]) -> PreparedSnapshot:
    if names is None:
        return PreparedSnapshot(as_of=lists.as_of, parts=tuple(_parts(lists, set(PARTS), known)))
    read = {name.value for name in names} | ({POLICIES} if ListName.CONNECTION_FILTER in names else set())
    return PreparedSnapshot(as_of=lists.as_of, parts=tuple(_parts(lists, read, known)), is_whole=False)


def _parts(lists: Snapshot, read: Collection[str], known: Mapping[str, str]) -> Iterator[SnapshotPart]:
    entries: dict[str, list[Entry]] = {name.value: [] for name in ListName if name not in lists.unreadable}
    for entry in lists.entries:
        if entry.list in entries:
            entries[entry.list].append(entry)
    places = {reading.place: reading for reading in lists.places}
    contents: dict[str, Contents] = {name.value: tuple(entries.get(name, ())) for name in ListName}
    contents[POLICIES] = () if ListName.CONNECTION_FILTER in lists.unreadable else lists.policies
    contents[DOMAINS] = tuple(sorted(lists.accepted_domains))
    contents |= {part: (places[place],) if place in places else () for part, place in _PLACES.items()}
    errors = {name.value: why for name, why in lists.unreadable.items()}
    for name in PARTS:
        if name in read:
            text, digest = _written(name, contents[name], known.get(name))
            yield SnapshotPart(name=name, contents=contents[name], text=text, digest=digest, error=errors.get(name, ""))


@overload
def _written(name: str, contents: Contents) -> tuple[str, str]: ...
@overload
def _written(name: str, contents: Contents, known: str | None) -> tuple[str | None, str]: ...
def _written(name: str, contents: Contents, known: str | None = None) -> tuple[str | None, str]:
    """The text of a part and its digest, in pieces, as both are large; without the text where that is known."""
    records = _records_out(name, contents)
    pieces: list[str] = []
    digest = hashlib.sha256()
    while lines := [_as_text(record) for record in islice(records, _AT_ONCE)]:
        if pieces:
            digest.update(b"\n")
        pieces.append("\n".join(lines))
        digest.update(pieces[-1].encode("ascii"))
    found = digest.hexdigest()
    return (None if found == known else "\n".join(pieces)), found


def _records_out(name: str, contents: Any) -> Iterator[object]:  # noqa: ANN401 - of the kind that the part holds
    if name == DOMAINS:
        return iter(contents)
    if name == POLICIES:
        return map(asdict, contents)
    if name in _PLACES:
        return chain.from_iterable(map(place_out, contents))
    return map(_entry_out, contents)


def _contents(name: str, text: str) -> Contents:
    records = _records(text)
    if name == DOMAINS:
        return tuple(map(str, records))
    if name == POLICIES:
        return tuple(_policy_in(record) for record in records)
    if name in _PLACES:
        return place_in(_PLACES[name], records)
    list_name = ListName(name)
    kept: dict[str, str] = {}
    return tuple(_entry_in(list_name, record, kept) for record in records)


def _records(text: str) -> Iterator[Any]:
    lines = text.split("\n") if text else []
    for begin in range(0, len(lines), _AT_ONCE):
        # Our own text, whose digest stands beside it.
        yield from json.loads(f"[{','.join(lines[begin : begin + _AT_ONCE])}]")  # noqa: TID251


def _entry_out(entry: Entry) -> dict[str, Any]:
    """What an entry has beyond the defaults. Its list is the part's."""
    record: dict[str, Any] = {"action": entry.action.value, "value": entry.value}
    for name, default in _DEFAULTS.items():
        value = getattr(entry, name)
        if value != default:
            record[name] = iso(value) if isinstance(value, datetime) else value
    return record


def _entry_in(list_name: ListName, record: Mapping[str, Any], kept: dict[str, str]) -> Entry:
    entry, said, read_time = _new_entry(Entry), record.get, datetime.fromisoformat
    _SET_LIST(entry, list_name)
    _SET_ACTION(entry, _ACTIONS[record["action"]])
    _SET_VALUE(entry, record["value"])
    for set_time, name in _SET_TIMES:
        at = said(name)
        set_time(entry, None if at is None else read_time(at))
    for set_text, name in _SET_REPEATED:
        text = said(name, "")
        set_text(entry, kept.setdefault(text, text))
    for set_field, name, default in _SET_OTHERS:
        set_field(entry, said(name, default))
    return entry


def _policy_in(record: Mapping[str, Any]) -> FilterPolicy:
    return FilterPolicy(**{**record, "allow": tuple(record["allow"]), "block": tuple(record["block"])})
