"""Looking through the entries of the lists: what matches, in which order, and how an entry is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.entries import Entry
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.browsing import browse, entry_called, entry_id
from bot.domain.requests.known_entry import KnownEntry

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def sender(value: str, **changes: object) -> Entry:
    return replace(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value), **changes)  # type: ignore[arg-type]


SOON = sender("soon.example", expires=NOW + timedelta(days=2), notes="Case 4711")
LATE = sender("late.example", expires=NOW + timedelta(days=60))
NEVER = sender("never.example")
BY_USE = sender("used.example", action=Action.ALLOW, bounded_by_use=True)
ENDED = sender("ended.example", expires=NOW - timedelta(seconds=1))
FILTERED = Entry(list=ListName.CONNECTION_FILTER, action=Action.BLOCK, value="203.0.113.7", policy="Default")
IN_ANOTHER_POLICY = replace(FILTERED, policy="Branch")
ENTRIES = (NEVER, LATE, ENDED, SOON, BY_USE, FILTERED, IN_ANOTHER_POLICY)
KNOWN = KnownEntry(
    list=ListName.CONNECTION_FILTER,
    action=Action.BLOCK,
    value="203.0.113.7",
    requester="U0REQUEST1",
    request_id=42,
    reason="Spray",
    since=NOW,
    expires=NOW + timedelta(days=5),
    notes="Ours",
)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (ListQuery(), ["soon.example", "203.0.113.7", "late.example", "never.example", "used.example"]),
        (ListQuery(words=("SOON",)), ["soon.example"]),
        (ListQuery(words=("4711",)), ["soon.example"]),
        (ListQuery(words=("ours",)), ["203.0.113.7"]),
        (ListQuery(words=("example", "late")), ["late.example"]),
        (ListQuery(words=("nothing",)), []),
        (ListQuery(lists=frozenset({ListName.CONNECTION_FILTER})), ["203.0.113.7"]),
        (ListQuery(action=Action.ALLOW), ["used.example"]),
        (ListQuery(ends_within=7), ["soon.example", "203.0.113.7"]),
        (ListQuery(ends_within=2), ["soon.example"]),
        (ListQuery(without_end=True), ["never.example"]),
        (ListQuery(without_note=True), ["late.example", "never.example", "used.example"]),
        (ListQuery(asked_here=True), ["203.0.113.7"]),
        (ListQuery(asked_here=False, action=Action.BLOCK), ["soon.example", "late.example", "never.example"]),
    ],
)
def test_what_matches_those_that_end_first(query: ListQuery, found: list[str]) -> None:
    assert [row.entry.value for row in browse(ENTRIES, [KNOWN], query, now=NOW)] == found


def test_what_is_on_record_is_found_however_it_is_spelled() -> None:
    spelled = replace(FILTERED, value="203.0.113.0/24")
    known = replace(KNOWN, value="203.0.113.0-203.0.113.255")
    [row] = browse([spelled], [known], ListQuery(), now=NOW)
    assert row.known is known
    assert (row.end, row.note) == (known.expires, "Ours")


def test_an_entry_is_found_by_its_name_and_by_no_other() -> None:
    names = {entry_id(entry) for entry in ENTRIES}
    assert len(names) == len(ENTRIES) - 1, "two policies hold one of them"
    assert all(entry_called(ENTRIES, entry_id(entry)) in {entry, FILTERED} for entry in ENTRIES)
    assert entry_called(ENTRIES, "0" * 16) is None
    assert entry_id(SOON) != entry_id(replace(SOON, action=Action.ALLOW))
    assert entry_id(SOON) == entry_id(replace(SOON, expires=None, notes="another"))
