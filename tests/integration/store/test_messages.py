"""Posted messages, so that every copy of them can be updated in place."""

from __future__ import annotations

from dataclasses import replace

from bot.store import PostedMessage, Store, UnitOfWork
from tests.support.requests import add_request


async def put(
    uow: UnitOfWork, *, purpose: str, channel: str, ts: str, request_id: int | None = None, version: int = 0
) -> PostedMessage:
    """A posted message, as it is on record."""
    await uow.messages.put(purpose=purpose, channel=channel, ts=ts, request_id=request_id, version=version)
    found = await uow.messages.find(channel, ts)
    assert found is not None
    return found


class TestMessages:
    async def test_copies_are_found_by_request_and_by_place(self, store: Store) -> None:
        async with store.write() as uow:
            request = await add_request(uow, store)
            card = await put(uow, purpose="card", channel="C1", ts="1.000100", request_id=request.id)
            thread = await put(uow, purpose="thread", channel="C1", ts="1.000200", request_id=request.id)
            await uow.messages.put(purpose="alert", channel="C2", ts="1.000100")
            assert await uow.messages.of_request(request.id) == [card, thread]
            assert await uow.messages.of_request(request.id, "card") == [card]
            assert await uow.messages.find("C1", "1.000200") == thread
            assert await uow.messages.find("C9", "1.000200") is None
            await uow.messages.forget(card.id)
            assert await uow.messages.of_request(request.id) == [thread]

    async def test_the_card_of_each_request_is_the_newest_of_its_proposal(self, store: Store) -> None:
        async with store.write() as uow:
            first = await add_request(uow, store)
            part = await add_request(uow, store, proposal_id=first.id)
            other = await add_request(uow, store)
            await uow.messages.put(purpose="card", channel="C1", ts="1.0", request_id=first.id)
            card = await put(uow, purpose="card", channel="C2", ts="2.0", request_id=first.id)
            await uow.messages.put(purpose="copy", channel="D1", ts="3.0", request_id=other.id)
            assert await uow.messages.cards({first.id, part.id, other.id, 999}) == {first.id: card, part.id: card}

    async def test_a_message_is_remembered_once(self, store: Store) -> None:
        async with store.write() as uow:
            first = await put(uow, purpose="card", channel="C1", ts="1.0")
            assert await put(uow, purpose="card", channel="C1", ts="1.0") == first

    async def test_an_older_version_never_replaces_a_newer_one(self, store: Store) -> None:
        async with store.write() as uow:
            message = await put(uow, purpose="card", channel="C1", ts="1.0")
            assert await uow.messages.mark(message.id, version=3)
            assert not await uow.messages.mark(message.id, version=2)
            assert not await uow.messages.mark(message.id, version=3)
            found = await uow.messages.find("C1", "1.0")
            assert found is not None
            assert found.version == 3

    async def test_one_that_is_rendered_anew_goes_on_to_say_what_it_shows(self, store: Store) -> None:
        async with store.write() as uow:
            request = await add_request(uow, store)
            card = await put(uow, purpose="card", channel="C1", ts="1.0", request_id=request.id, version=3)
            copy = await put(uow, purpose="copy", channel="D1", ts="1.0", request_id=request.id, version=3)
            await uow.messages.outdate(request.id, "card")
            assert await uow.messages.of_request(request.id) == [replace(card, is_outdated=True), copy]
            assert not await uow.messages.mark(card.id, version=2, was_outdated=True)
            # It came to be so after it was read: what was rendered was made of what was before.
            assert await uow.messages.mark(card.id, version=4)
            newer = replace(card, version=4)
            assert await uow.messages.of_request(request.id) == [replace(newer, is_outdated=True), copy]
            assert await uow.messages.mark(card.id, version=4, was_outdated=True)
            assert await uow.messages.of_request(request.id) == [newer, copy]
