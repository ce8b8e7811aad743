"""Posted messages, known entries and the snapshot of the tenant's lists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.lists import ListName
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
            end, ours = uow.known.end, entry.request_id
            assert not await end(entry.list, "block", entry.value, clock(), "expired", request_id=ours)
            assert not await end(entry.list, "allow", entry.value, clock(), "expired", request_id=ours + 1)
            assert await end(entry.list, "allow", entry.value, clock(), "expired", request_id=ours)
            assert not await end(entry.list, "allow", entry.value, clock(), "expired", request_id=ours)
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
