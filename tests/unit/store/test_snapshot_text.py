"""What the text of a snapshot's part says is what was kept: each entry, with all of its fields."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.store.snapshot_text import parse, prepare, text_of

#: As early as a time of four digits goes; hypothesis wants it without a zone.
EARLIEST = datetime(1000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
NOW = datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)

#: Something of each type that a field has.
_OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "ListName": st.sampled_from(ListName),
    "Action": st.sampled_from(Action),
    "str": st.text(),
    "bool": st.booleans(),
    "datetime | None": st.none() | st.datetimes(min_value=EARLIEST, timezones=st.just(UTC)),
}

entries = st.builds(Entry, **{each.name: _OF_TYPE[str(each.type)] for each in fields(Entry)})


async def kept(*held: Entry) -> tuple[object, ...]:
    prepared = await prepare(Snapshot(as_of=NOW, entries=held))
    found: tuple[object, ...] = ()
    for part in prepared.parts:
        if part.name in set(ListName):
            found += await parse(part.name, await text_of(part))
    return found


@given(st.lists(entries, max_size=4))
async def test_every_field_of_every_entry_comes_back(held: list[Entry]) -> None:
    in_order = [entry for name in ListName for entry in held if entry.list is name]
    assert await kept(*held) == tuple(in_order)


@pytest.mark.parametrize("name", [each.name for each in fields(Entry)])
async def test_an_entry_that_was_read_is_one_as_it_is_made(name: str) -> None:
    plain = Entry(list=ListName.SENDER, action=Action.BLOCK, value="evil.example")
    [found] = await kept(plain)
    assert getattr(found, name) == getattr(plain, name)
    with pytest.raises(AttributeError):
        setattr(found, name, "another")


async def test_texts_that_many_entries_have_are_kept_once() -> None:
    by = "app"
    held = [
        Entry(list=ListName.SENDER, action=Action.BLOCK, value=f"evil{number}.example", modified_by=by)
        for number in range(2)
    ]
    one, other = await kept(*held)
    assert isinstance(one, Entry)
    assert isinstance(other, Entry)
    assert one.modified_by is other.modified_by


async def test_what_was_the_same_before_needs_no_text_and_gets_it_where_it_has_to_be_written() -> None:
    lists = Snapshot(
        as_of=NOW,
        policies=(FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.7",)),),
        entries=tuple(
            Entry(list=ListName.SENDER, action=Action.BLOCK, value=f"evil{number}.example") for number in range(600)
        ),
        accepted_domains=frozenset({"contoso.example"}),
    )
    first = await prepare(lists)
    digests = {part.name: part.digest for part in first.parts}
    again = await prepare(lists, known=digests)
    assert [part.text for part in again.parts] == [None] * len(first.parts)
    assert [await text_of(part) for part in again.parts] == [part.text for part in first.parts]
    assert {part.name: part.digest for part in again.parts} == digests
    for part in first.parts:
        assert part.digest == hashlib.sha256((await text_of(part)).encode()).hexdigest()
    changed = await prepare(replace(lists, entries=lists.entries[1:]), known=digests)
    assert {part.name for part in changed.parts if part.text is not None} == {ListName.SENDER.value}
