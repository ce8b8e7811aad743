"""Looking through the tenant's lists, as they were last read: nothing is asked of the tenant."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.list_query import ListQuery
from bot.domain.lists.traits import ListName
from bot.domain.requests.browsing import ListedEntry, browse, entry_called
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.people import Person, Right
from bot.errors import InvalidInput
from bot.store import UnitOfWork
from bot.workflow.asking.noting import note_read
from bot.workflow.shared.context import Context
from bot.workflow.shared.keeping import with_names
from bot.workflow.shared.rights import required


@dataclass(frozen=True, slots=True, kw_only=True)
class Browsed:
    """The entries that were looked for, and how old that is."""

    rows: Sequence[ListedEntry]
    as_of: datetime
    unreadable: Mapping[ListName, str]  #: the lists that could not be read, each with the reason


async def browse_lists(context: Context, *, actor: Person, query: ListQuery, typed: str) -> Browsed:
    """All entries that a query is about. That somebody looked, and for what, is logged.

    Raises NotPermitted, and InvalidInput before the first snapshot.
    """
    await required(context, actor, Right.CHECK)
    payload = {"query": typed[:200]}
    await note_read(context, EventKind.LISTS_READ, actor=actor, target="lists", payload=payload)
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
        known = () if lists is None else await on_record(uow, query)
    if lists is None:
        raise _unread()
    return await look_through(context, lists, known, query)


async def on_record(uow: UnitOfWork, query: ListQuery) -> Sequence[KnownEntry]:
    """What Portcullis has on record of the entries that a query may be about."""
    return await uow.known.active(next(iter(query.lists)) if len(query.lists) == 1 else None)


async def look_through(context: Context, lists: Snapshot, known: Sequence[KnownEntry], query: ListQuery) -> Browsed:
    """The same of lists that are at hand. In a thread: a full tenant has tens of thousands of entries."""
    rows = await asyncio.to_thread(browse, lists.entries, known, query, now=context.now())
    return Browsed(rows=rows, as_of=lists.as_of, unreadable=lists.unreadable)


async def with_requests(context: Context, rows: Sequence[ListedEntry]) -> list[ListedEntry]:
    """A few rows, with whether anybody asked for each entry, its request's number for people, and where its card is."""
    async with context.store.read() as uow:
        told = await requests_of(uow, rows)
        numbers = {row.known.request_id for row in told if row.known is not None}
        links = await context.card_links.of_requests(uow, numbers)
    return [row if row.known is None else replace(row, card_url=links.get(row.known.request_id, "")) for row in told]


async def requests_of(uow: UnitOfWork, rows: Sequence[ListedEntry]) -> list[ListedEntry]:
    """The same within a unit of work, without the cards."""
    known = iter(await with_names(uow, [row.known for row in rows if row.known is not None]))
    numbers: dict[int, int] = {}  # many entries came of one request
    told: list[ListedEntry] = []
    for row in rows:
        if row.known is None:
            told.append(row)
            continue
        request_id = row.known.request_id
        if request_id not in numbers:
            numbers[request_id] = await uow.requests.proposal_of(request_id)
        told.append(replace(row, known=next(known), number=numbers[request_id]))
    return told


async def listed_entry(context: Context, *, actor: Person, name: str) -> Entry:
    """The entry that a button names. Raises NotPermitted, and InvalidInput where no list has it any more."""
    await required(context, actor, Right.CHECK)
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    if lists is None:
        raise _unread()
    found = await asyncio.to_thread(entry_called, lists.entries, name)
    if found is None:
        raise InvalidInput(
            "This entry isn't on the lists any more, as they were last read.", "Look at the lists again with /lists."
        )
    return found


def _unread() -> InvalidInput:
    return InvalidInput("The tenant's lists have not been read yet.", "Try again in some minutes.")
