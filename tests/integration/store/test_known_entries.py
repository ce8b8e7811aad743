"""What is known of the entries that Portcullis made: who keeps which, until when, and whose end counts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from sqlalchemy import text

from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.store import Store
from tests.integration.databases import Clock
from tests.support.requests import add_request

TOO_MANY = 70_000

SOON, LATER = timedelta(days=7), timedelta(days=8)


async def known(store: Store, *, value: str = "203.0.113.7", lasts: timedelta | None = SOON) -> KnownEntry:
    """An entry of a request of its own, not recorded yet."""
    async with store.write() as uow:
        request = await add_request(uow, store)
    return KnownEntry(
        list=ListName.CONNECTION_FILTER,
        action=Action.ALLOW,
        value=value,
        requester="U1",
        request_id=request.id,
        reason="our scanner",
        since=store.clock(),
        expires=None if lasts is None else store.clock() + lasts,
        notes="scanner (Portcullis request 1)",
    )


async def active(store: Store) -> list[KnownEntry]:
    async with store.read() as uow:
        return await uow.known.active()


async def test_an_entry_is_known_until_it_ends(store: Store, clock: Clock) -> None:
    entry = await known(store)
    async with store.write() as uow:
        assert await uow.known.put(entry)
        assert await uow.known.active() == [entry]
        for not_its in (replace(entry, action=Action.BLOCK), replace(entry, request_id=entry.request_id + 1)):
            assert await uow.known.end_all([not_its], clock(), "expired") == []
        assert await uow.known.end_all([entry], clock(), "expired") == [entry]
        assert await uow.known.end_all([entry], clock(), "expired") == []
        assert await uow.known.active() == []
        assert await uow.known.put(entry)
        assert await uow.known.active() == [entry]


async def test_entries_are_found_by_what_is_asked(store: Store, open_store: Callable[..., Store]) -> None:
    first, second = await known(store), await known(store, value="203.0.113.8", lasts=None)
    third = replace(second, list=ListName.IP, value="2001:db8::/32", action=Action.BLOCK)
    async with store.write() as uow:
        await uow.known.put_all([first, second, third])
    async with store.read() as uow:
        find = uow.known.active
        assert await find() == [first, second, third]
        assert [type(entry.action) for entry in await find()] == [Action] * 3
        assert await find(ListName.CONNECTION_FILTER) == [first, second]
        assert await find(ListName.URL) == []
        assert await find(request_id=second.request_id) == [second, third]
        assert await find(ListName.IP, request_id=second.request_id) == [third]
        assert await find(values=[third.value, first.value, "198.51.100.1"]) == [first, third]
        assert await find(ListName.IP, values={third.value, first.value}) == [third]
        assert await find(values=[first.value], request_id=second.request_id) == []
        assert await find(values=[]) == []
        assert await find(values=[*(f"bad{number}.example" for number in range(TOO_MANY)), first.value]) == [first]
    async with open_store(tenant_id="another").read() as uow:
        assert await uow.known.active(values=[first.value]) == []
        assert await uow.known.active(request_id=first.request_id) == []


async def test_a_request_writes_its_own_again(store: Store) -> None:
    entry = await known(store, lasts=None)
    shorter = replace(entry, requester="U2", reason="again", expires=store.clock() + SOON, notes="other words")
    async with store.write() as uow:
        await uow.known.put(entry)
        assert await uow.known.put(shorter)
    assert await active(store) == [shorter]


async def somebody_waits(store: Store) -> bool:
    """Whether a transaction in this PostgreSQL database waits for another."""
    query = text("SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
    async with store.read() as uow:
        return await uow.known._scope.session.scalar(query) is not None


@pytest.mark.parametrize(
    ("before", "then", "stands"),
    [
        (SOON, LATER, "then"),
        (SOON, SOON, "then"),
        (SOON, None, "then"),
        (None, None, "then"),
        (LATER, SOON, "before"),
        (None, LATER, "before"),
    ],
)
@pytest.mark.parametrize("how", ["put", "put_all"])
async def test_the_later_end_stands(
    store: Store, before: timedelta | None, then: timedelta | None, stands: str, how: str
) -> None:
    one, other = await known(store, lasts=before), await known(store, lasts=then)
    async with store.write() as uow:
        assert await uow.known.put(one)
        if how == "put":
            assert await uow.known.put(other) == (stands == "then")
        else:
            await uow.known.put_all([other])
    assert await active(store) == [other if stands == "then" else one]


@pytest.mark.parametrize("how", ["put", "put_all"])
async def test_an_extension_may_shorten(store: Store, how: str) -> None:
    one, other = await known(store, lasts=None), await known(store)
    async with store.write() as uow:
        await uow.known.put(one)
        if how == "put":
            assert await uow.known.put(other, replace=True)
        else:
            await uow.known.put_all([other], replace=True)
    assert await active(store) == [other]


async def test_of_puts_at_once_the_latest_end_stands(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(4)]
    entries = [await known(stores[0], lasts=timedelta(days=days)) for days in (3, 9, 5, 1)]

    async def put(store: Store, entry: KnownEntry) -> None:
        async with store.write() as uow:
            await uow.known.put(entry)

    for _ in range(3):
        await asyncio.gather(*map(put, stores, entries))
        assert await active(stores[0]) == [entries[1]]


async def test_of_one_value_twice_among_many_the_later_end_stands(store: Store) -> None:
    entry = await known(store, lasts=LATER)
    other = await known(store, lasts=SOON)
    async with store.write() as uow:
        await uow.known.put_all([other, entry, other])
        await uow.known.put_all([])
    assert await active(store) == [entry]


class TestEndAll:
    async def test_each_ends_as_its_own_requests(self, store: Store, clock: Clock) -> None:
        one, other = await known(store), await known(store, value="203.0.113.8")
        block = replace(one, action=Action.BLOCK)
        async with store.write() as uow:
            await uow.known.put_all([one, other, block])
            not_its = replace(other, request_id=one.request_id)
            unknown = replace(one, value="198.51.100.1")
            assert await uow.known.end_all([not_its, one, unknown], clock(), "expired") == [one]
            assert await uow.known.end_all([one], clock(), "expired") == []
            assert await uow.known.end_all([], clock(), "expired") == []
        assert await active(store) == [other, block]

    async def test_another_tenants_stay(self, store: Store, open_store: Callable[..., Store], clock: Clock) -> None:
        entry = await known(store)
        async with store.write() as uow:
            await uow.known.put(entry)
        async with open_store(tenant_id="another").write() as uow:
            assert await uow.known.end_all([entry], clock(), "expired") == []
        assert await active(store) == [entry]

    async def test_of_two_at_once_one_ends_them(
        self, open_store: Callable[..., Store], clock: Clock, database_kind: str
    ) -> None:
        first, second, onlooker = open_store(), open_store(), open_store()
        entry = await known(first)
        async with first.write() as uow:
            await uow.known.put(entry)

        async def end() -> list[KnownEntry]:
            async with second.write() as uow:
                return await uow.known.end_all([entry], clock(), "expired")

        async with first.write() as uow:
            assert await uow.known.end_all([entry], clock(), "expired") == [entry]
            late = asyncio.create_task(end())
            # In SQLite nobody else gets as far as to write.
            while database_kind == "postgresql" and not await somebody_waits(onlooker):
                assert not late.done()
        assert await late == []
        assert await active(first) == []

    async def test_thousands(self, store: Store, clock: Clock) -> None:
        first = await known(store)
        entries = [replace(first, value=f"198.51.{high}.{low}") for high, low in product(range(20), range(250))]
        async with store.write() as uow:
            await uow.known.put_all(entries)
            ended = await uow.known.end_all(entries, clock(), "expired")
        assert sorted(ended, key=lambda entry: entry.value) == sorted(entries, key=lambda entry: entry.value)
        assert await active(store) == []
