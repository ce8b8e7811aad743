"""Watched places: each as it was last readable, known by the digest of its text."""

from __future__ import annotations

from bot.domain.lists.differences import places
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.store import Store
from bot.store.watched_places import WatchedPlace, prepare_places


async def seen(store: Store, *values: str) -> WatchedPlace:
    entries = tuple(Entry(list=ListName.SENDER, action=Action.BLOCK, value=value) for value in values)
    lists = Snapshot(as_of=store.clock(), entries=entries)
    [place] = await prepare_places(places(lists, {ListName.SENDER}), as_of=lists.as_of)
    return place


async def test_what_was_kept_is_held_against_the_next_reading(store: Store) -> None:
    place = await seen(store, "evil.example", "other.example")
    async with store.write() as uow:
        assert await uow.places.kept([place.place]) == {}
        await uow.places.keep(place)
    async with store.read() as uow:
        kept = (await uow.places.kept([place.place]))[place.place]
        assert (kept.as_of, kept.digest) == (place.as_of, place.digest)
        assert await uow.places.held([place.place]) == {place.place: place.held}


async def test_one_that_was_the_same_has_no_text_and_is_kept_whole_where_another_reading_came_between(
    store: Store,
) -> None:
    first, between = await seen(store, "evil.example"), await seen(store, "other.example")
    async with store.write() as uow:
        await uow.places.keep(first)
        kept = (await uow.places.kept([first.place]))[first.place]
    again = (await seen(store, "evil.example")).beside(kept)
    assert again.text is None
    assert (await seen(store, "other.example")).beside(kept).text is not None
    assert first.beside(None).text is not None
    async with store.write() as uow:
        await uow.places.keep(between)
        await uow.places.keep(again)
        assert await uow.places.held([first.place]) == {first.place: first.held}
