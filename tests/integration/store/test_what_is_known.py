"""Posted messages, known entries and the snapshot of the tenant's lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.lists import Action, Entry, FilterPolicy, ListName, TenantLists
from bot.domain.verdict import KnownEntry
from bot.store import Store
from tests.integration.databases import Clock
from tests.support.requests import add_request


class TestMessages:
    async def test_copies_are_found_by_request_and_by_place(self, store: Store) -> None:
        async with store.write() as uow:
            request = await add_request(uow, store)
            card = await uow.messages.add(purpose="card", channel="C1", ts="1.000100", request_id=request.id)
            thread = await uow.messages.add(purpose="thread", channel="C1", ts="1.000200", request_id=request.id)
            await uow.messages.add(purpose="alert", channel="C2", ts="1.000100")
            assert await uow.messages.of_request(request.id) == [card, thread]
            assert await uow.messages.of_request(request.id, "card") == [card]
            assert await uow.messages.find("C1", "1.000200") == thread
            assert await uow.messages.find("C9", "1.000200") is None
            await uow.messages.forget(card.id)
            assert await uow.messages.of_request(request.id) == [thread]

    async def test_a_message_is_remembered_once(self, store: Store) -> None:
        async with store.write() as uow:
            first = await uow.messages.add(purpose="card", channel="C1", ts="1.0")
            assert await uow.messages.add(purpose="card", channel="C1", ts="1.0") == first

    async def test_an_older_version_never_replaces_a_newer_one(self, store: Store) -> None:
        async with store.write() as uow:
            message = await uow.messages.add(purpose="card", channel="C1", ts="1.0")
            assert await uow.messages.mark(message.id, version=3)
            assert not await uow.messages.mark(message.id, version=2)
            assert not await uow.messages.mark(message.id, version=3)
            found = await uow.messages.find("C1", "1.0")
            assert found is not None
            assert found.version == 3


class TestKnownEntries:
    async def known(self, store: Store) -> KnownEntry:
        async with store.write() as uow:
            request = await add_request(uow, store)
        return KnownEntry(
            list=ListName.CONNECTION_FILTER,
            action="allow",
            value="203.0.113.7",
            requester="U1",
            request_id=request.id,
            reason="our scanner",
            since=store.clock(),
            expires=store.clock() + timedelta(days=7),
        )

    async def test_an_entry_is_known_until_it_ends(self, store: Store, clock: Clock) -> None:
        entry = await self.known(store)
        async with store.write() as uow:
            await uow.known.put(entry)
            assert await uow.known.active() == [entry]
            assert await uow.known.active(ListName.CONNECTION_FILTER) == [entry]
            assert await uow.known.active(ListName.URL) == []
            assert not await uow.known.end(entry.list, "block", entry.value, clock(), "expired")
            assert await uow.known.end(entry.list, "allow", entry.value, clock(), "expired")
            assert not await uow.known.end(entry.list, "allow", entry.value, clock(), "expired")
            assert await uow.known.active() == []
            await uow.known.put(entry)
            assert await uow.known.active() == [entry]

    async def test_the_latest_request_is_what_is_known(self, store: Store) -> None:
        entry = await self.known(store)
        newer = replace(entry, requester="U2", reason="again", expires=None)
        async with store.write() as uow:
            await uow.known.put(entry)
            await uow.known.put(newer)
            assert await uow.known.active() == [newer]

    async def test_entries_that_end_before_a_time(self, store: Store, clock: Clock) -> None:
        entry = await self.known(store)
        later = replace(entry, value="203.0.113.8", expires=clock() + timedelta(days=9))
        never = replace(entry, value="203.0.113.9", expires=None)
        async with store.write() as uow:
            for one in (later, never, entry):
                await uow.known.put(one)
            assert await uow.known.ending_before(clock() + timedelta(days=8)) == [entry]
            assert await uow.known.ending_before(clock() + timedelta(days=10)) == [entry, later]
            assert await uow.known.ending_before(entry.expires or clock()) == []


class TestSnapshots:
    def lists(self, clock: Clock) -> TenantLists:
        return TenantLists(
            as_of=clock(),
            policies=(
                FilterPolicy(identity="Default", is_default=True, allow=("203.0.113.7", "junk é\n"), safe_list=True),
                FilterPolicy(identity="Other", block=("198.51.100.0/24",)),
            ),
            entries=(
                Entry(list=ListName.CONNECTION_FILTER, action=Action.ALLOW, value="203.0.113.7", policy="Default"),
                Entry(
                    list=ListName.SENDER,
                    action=Action.BLOCK,
                    value="evil.example",
                    expires=clock() + timedelta(days=30, microseconds=1),
                    last_used=clock(),
                    created=clock() - timedelta(days=1),
                    notes="request 7",
                    modified_by="admin",
                    identity="RgAAAA",
                    subtype="Tenant",
                ),
                Entry(list=ListName.URL, action=Action.ALLOW, value="evil.example/*", bounded_by_use=True),
                Entry(list=ListName.SPOOF, action=Action.BLOCK, value="a, b", spoof_type="External"),
            ),
            accepted_domains=frozenset({"contoso.com", "contoso.onmicrosoft.com"}),
        )

    async def test_a_reading_comes_back_as_it_was_saved(self, store: Store, clock: Clock) -> None:
        lists = self.lists(clock)
        async with store.write() as uow:
            assert await uow.snapshots.load() is None
            await uow.snapshots.save(lists)
            assert await uow.snapshots.load() == lists
            assert await uow.snapshots.times() == dict.fromkeys(ListName, clock())

    async def test_a_list_that_could_not_be_read_hides_no_other(self, store: Store, clock: Clock) -> None:
        lists = self.lists(clock)
        unread = {ListName.SENDER: "Throttled.", ListName.CONNECTION_FILTER: "HTTP 503"}
        kept = tuple(entry for entry in lists.entries if entry.list not in unread)
        lists = replace(lists, unreadable=unread, entries=kept, policies=())
        async with store.write() as uow:
            await uow.snapshots.save(self.lists(clock))
            await uow.snapshots.save(lists)
            assert await uow.snapshots.load() == lists

    async def test_an_older_reading_is_ignored(self, store: Store, clock: Clock) -> None:
        older = replace(self.lists(clock), entries=())
        clock.advance(seconds=1)
        newer = self.lists(clock)
        async with store.write() as uow:
            await uow.snapshots.save(newer)
            await uow.snapshots.save(older)
            assert await uow.snapshots.load() == newer

    async def test_tenants_do_not_share_snapshots(self, open_store: Callable[..., Store], clock: Clock) -> None:
        async with open_store(tenant_id="contoso").write() as uow:
            await uow.snapshots.save(self.lists(clock))
        async with open_store(tenant_id="fabrikam").read() as uow:
            assert await uow.snapshots.load() is None
