"""The snapshot of the tenant's lists: kept in parts, each as new as its last reading."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
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


async def test_an_older_reading_changes_nothing(store: Store) -> None:
    lists = snapshot(store)
    older = replace(lists, as_of=lists.as_of - timedelta(minutes=1), entries=())
    async with store.write() as uow:
        await uow.snapshots.save(lists)
        await uow.snapshots.save(older)
        assert await uow.snapshots.load() == lists


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
