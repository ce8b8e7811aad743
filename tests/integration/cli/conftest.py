"""A database of a running bot, as the command line finds it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Decision, Review
from bot.store import Store
from tests.support.log_as_before import log_as_before
from tests.support.requests import add_request

TAKEN = datetime.now(UTC) - timedelta(minutes=3)
LISTS = Snapshot(
    as_of=TAKEN,
    policies=(FilterPolicy(identity="Default", is_default=True, block=("203.0.113.9/24",)),),
    entries=(Entry(list=ListName.CONNECTION_FILTER, action=Action.BLOCK, value="203.0.113.9/24", policy="Default"),),
)


@pytest.fixture(autouse=True)
def log() -> Iterator[None]:
    """A command sets up the log of its process, which here is that of all tests."""
    with log_as_before():
        yield


@pytest.fixture
def url(sqlite_url: str) -> str:
    """A database with a snapshot and a known entry of the tenant `one`."""

    async def fill() -> None:
        store = Store(sqlite_url, tenant_id="one")
        async with store.write() as uow:
            await uow.snapshots.save(LISTS)
            request = await add_request(uow, store)
            await uow.requests.add_review(
                request.id, Review(reviewer="U0APPROVE1", decision=Decision.APPROVE, at=TAKEN)
            )
            await uow.known.put(
                KnownEntry(
                    list=ListName.CONNECTION_FILTER,
                    action=Action.BLOCK,
                    value="203.0.113.0/24",
                    requester="U0REQUEST1",
                    request_id=request.id,
                    reason="Spam",
                    since=TAKEN,
                    expires=TAKEN + timedelta(days=7),
                )
            )
        await store.close()

    asyncio.run(fill())
    return sqlite_url
