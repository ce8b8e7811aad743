"""The snapshot of the tenant's lists: kept in parts, each as new as its last reading."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import Condition, ConditionKind, Does, Override, PlaceReading, Sight
from bot.domain.overrides.places import Place
from bot.store import Store


def snapshot(store: Store) -> Snapshot:
    return Snapshot(
        as_of=store.clock(),
        policies=(FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.7",)),),
        entries=(
            Entry(list=ListName.SENDER, action=Action.BLOCK, value="bad.example", expires=store.clock()),
            Entry(list=ListName.IP, action=Action.ALLOW, value="junk", submission_id="1", notes="ü\0"),
        ),
        accepted_domains=frozenset({"contoso.com"}),
    )


async def test_what_is_kept_is_what_another_process_loads(store: Store, open_store: Callable[..., Store]) -> None:
    lists = snapshot(store)
    async with store.write() as uow:
        assert await uow.snapshots.load() is None
        assert await uow.snapshots.age() is None
        await uow.snapshots.save(lists)
    async with open_store().read() as uow:
        assert await uow.snapshots.load() == lists
    async with open_store(tenant_id="another").read() as uow:
        assert await uow.snapshots.load() is None
        assert await uow.snapshots.age() is None


async def test_the_places_beside_the_lists_are_kept_too(store: Store, open_store: Callable[..., Store]) -> None:
    rule = Override(
        place=Place.MAIL_FLOW_RULES,
        name="Partner “ü”",
        detail="allowed domains",
        does=Does.LETS_THROUGH,
        how="spam filtering is skipped",
        conditions=(Condition(kind=ConditionKind.DOMAIN, values=("evil.example",)),),
        exceptions=(Condition(kind=ConditionKind.IP, values=("203.0.113.7",)),),
        when=("the subject has “x”",),
        unless=("it is sent to somebody",),
        is_partial=True,
        begins=store.clock(),
        ends=store.clock() + timedelta(days=1),
        unshown="0f1e2d3c",
    )
    places = (
        PlaceReading(place=Place.MAIL_FLOW_RULES, overrides=(rule,), unread=2, why="A gap."),
        PlaceReading(place=Place.CONNECTORS, sight=Sight.NO_RIGHT, why="The app may not."),
    )
    lists = replace(snapshot(store), places=places)
    async with store.write() as uow:
        await uow.snapshots.save(lists)
    async with open_store().read() as uow:
        assert await uow.snapshots.load() == lists
    async with store.write() as uow:  # switched off: nothing of them stays
        later = replace(lists, as_of=lists.as_of + timedelta(minutes=1), places=())
        await uow.snapshots.save(later)
    async with open_store().read() as uow:
        assert await uow.snapshots.load() == later


async def test_a_reading_that_found_the_same_leaves_nothing_in_memory(store: Store) -> None:
    """Of a full tenant that would be as many megabytes as the lists take, for as long as nothing changes."""

    class Watched(Entry):
        """One of which it can be seen whether somebody holds it."""

    lists = snapshot(store)
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        kept = await uow.snapshots.load()
    first = lists.entries[0]
    again = Watched(list=first.list, action=first.action, value=first.value, expires=first.expires)
    held = weakref.ref(again)
    async with store.write() as uow:
        await uow.snapshots.save(
            replace(lists, as_of=lists.as_of + timedelta(minutes=1), entries=(again, *lists.entries[1:]))
        )
        assert (await uow.snapshots.load()) == replace(lists, as_of=lists.as_of + timedelta(minutes=1))
    del again
    gc.collect()
    assert held() is None
    async with store.read() as uow:
        now = await uow.snapshots.load()
        assert kept is not None
        assert now is not None
        assert now.entries is kept.entries


async def test_an_older_reading_changes_nothing(store: Store) -> None:
    lists = snapshot(store)
    older = replace(lists, as_of=lists.as_of - timedelta(minutes=1), entries=())
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        await uow.snapshots.save(older)
        assert await uow.snapshots.load() == lists


async def test_a_reading_of_one_list_leaves_the_others_as_they_are(
    store: Store, open_store: Callable[..., Store]
) -> None:
    lists = snapshot(store)
    later = lists.as_of + timedelta(minutes=5)
    held = Entry(list=ListName.SENDER, action=Action.BLOCK, value="worse.example")
    prepared = await store.prepare(Snapshot(as_of=later, entries=(held,)), {ListName.SENDER})
    async with store.write() as uow:
        await uow.snapshots.save(replace(lists, unreadable={ListName.SENDER: "The service didn't answer."}))
        await uow.snapshots.save(prepared)
    expected = replace(lists, entries=(held, *(entry for entry in lists.entries if entry.list is not ListName.SENDER)))
    for reader in (store, open_store()):
        async with reader.read() as uow:
            assert await uow.snapshots.load() == expected
            ages = await uow.snapshots.age()
            assert ages == {name: later if name is ListName.SENDER else lists.as_of for name in ListName}


async def test_a_reading_of_the_connection_filter_has_its_policies(store: Store) -> None:
    lists = snapshot(store)
    policies = (FilterPolicy(identity="Default", is_default=True, block=("203.0.113.8",)),)
    later = Snapshot(as_of=lists.as_of + timedelta(minutes=5), policies=policies, entries=policy_entries(policies))
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        await uow.snapshots.save(await store.prepare(later, {ListName.CONNECTION_FILTER}))
        assert await uow.snapshots.load() == replace(lists, policies=policies, entries=(*later.entries, *lists.entries))


async def test_an_older_reading_of_one_list_changes_nothing(store: Store) -> None:
    lists = snapshot(store)
    older = Snapshot(as_of=lists.as_of - timedelta(minutes=1))
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        await uow.snapshots.save(await store.prepare(older, {ListName.SENDER}))
        assert await uow.snapshots.load() == lists


async def test_one_list_alone_is_not_kept_before_all_were_read(store: Store) -> None:
    """The others would look as if they were empty."""
    lists = snapshot(store)
    async with store.write() as uow:
        await uow.snapshots.save(await store.prepare(lists, {ListName.SENDER}))
        assert await uow.snapshots.load() is None


async def test_the_age_of_each_list(store: Store) -> None:
    lists = snapshot(store)
    later = replace(
        lists, as_of=lists.as_of + timedelta(minutes=5), unreadable={ListName.URL: "The service didn't answer."}
    )
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        assert await uow.snapshots.age() == dict.fromkeys(ListName, lists.as_of)
        await uow.snapshots.save(later)
        assert await uow.snapshots.age() == {name: later.as_of for name in ListName if name is not ListName.URL}


async def test_the_tenant_s_own_domains_are_read_without_the_lists(
    store: Store, open_store: Callable[..., Store]
) -> None:
    async with store.write() as uow:
        assert await uow.snapshots.accepted_domains() == frozenset()
        await uow.snapshots.save(snapshot(store))
    for reader in (store, open_store()):
        async with reader.read() as uow:
            assert await uow.snapshots.accepted_domains() == {"contoso.com"}
