"""The entries of the lists as people look through them: with what is on record of each, filtered and in order."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import Entry, has_ended
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry as the tenant had it, and what Portcullis has on record of it; None: nothing."""

    entry: Entry
    known: KnownEntry | None = None
    number: int | None = None  #: of the proposal that its request is a part of; None: not looked up
    card_url: str = ""  #: where the card of that is read; empty where it isn't known

    @property
    def end(self) -> datetime | None:
        """When it ends: by the tenant, or by Portcullis where the list keeps no ends. None: never, or by its use."""
        if self.entry.list.traits.keeps_ends:
            return self.entry.expires
        return None if self.known is None else self.known.expires

    @property
    def note(self) -> str:
        """The note with it: the tenant's, or ours where the list keeps none."""
        return self.entry.notes or ("" if self.known is None else self.known.notes)


def entry_id(entry: Entry) -> str:
    """A short name of an entry, the same for as long as its list has it: for buttons, which carry no values."""
    named = f"{entry.list.value}\n{entry.action.value}\n{entry.value}"
    return hashlib.sha256(named.encode("utf-8", "replace")).hexdigest()[:16]


def place_mark(row: ListedEntry) -> str:
    """A short name of a row's place among the others, which is another once it ends otherwise: for turning pages."""
    named = f"{entry_id(row.entry)}\n{'' if row.end is None else row.end.isoformat()}"
    return hashlib.sha256(named.encode()).hexdigest()[:10]


def turned_to(rows: Sequence[ListedEntry], marks: Sequence[str], *, position: int, back: bool, page: int) -> int:
    """Where the page begins that follows one with these marks, or stands before it, among the rows as they are now.

    What was added or is gone meanwhile neither hides a row nor shows one twice. Where none of the rows of that page is
    left in its place, it goes by the `position` that was meant then.
    """
    at = {place_mark(row): index for index, row in enumerate(rows)} if marks else {}
    there = [at[mark] for mark in marks if mark in at]
    if there:
        return max(0, there[0] - page) if back else there[-1] + 1
    return position


def entry_called(entries: Iterable[Entry], name: str) -> Entry | None:
    """The entry that `entry_id` calls so; None where there is none any more."""
    return next((entry for entry in entries if entry_id(entry) == name), None)


def browse(
    entries: Iterable[Entry], known: Collection[KnownEntry], query: ListQuery, *, now: datetime
) -> list[ListedEntry]:
    """The entries that a query is about: those that end first, then those that never do, each by value.

    What has ended is left out, and what stands in several connection filter policies comes once.
    """
    on_record = {_key(entry.list, entry.action, entry.value): entry for entry in known}
    found = [row for row in _rows(entries, on_record, now) if _matches(row, query, now)]
    return sorted(found, key=lambda row: (row.end is None, row.end or now, row.entry.value.casefold()))


_Key: TypeAlias = tuple[ListName, Action, object]
_Record: TypeAlias = Mapping[_Key, KnownEntry]


def _key(name: ListName, action: Action, value: str) -> _Key:
    """What an entry is known by: where one value has several spellings, by what they have in common."""
    return name, action, value_key(name, value) if name.traits.spellings_vary else value


def _rows(entries: Iterable[Entry], on_record: _Record, now: datetime) -> Iterator[ListedEntry]:
    seen: set[_Key] = set()
    for entry in entries:
        key = _key(entry.list, entry.action, entry.value)
        if key in seen or has_ended(entry, now):
            continue
        seen.add(key)
        yield ListedEntry(entry, on_record.get(key))


def _matches(row: ListedEntry, query: ListQuery, now: datetime) -> bool:
    entry, end = row.entry, row.end
    text = f"{entry.value}\n{row.note}".casefold()
    return (
        (not query.lists or entry.list in query.lists)
        and query.action in {None, entry.action}
        and (query.ends_within is None or (end is not None and end <= now + timedelta(days=query.ends_within)))
        and not (query.without_end and (end is not None or entry.bounded_by_use))
        and not (query.without_note and row.note.strip())
        and (query.asked_here is None or query.asked_here is (row.known is not None))
        and all(word.casefold() in text for word in query.words)
    )
