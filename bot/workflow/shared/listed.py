"""The entries that exist, for whatever reads what people type about them."""

from __future__ import annotations

from bot.aside import FEW_ENTRIES
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.reading.listed import Listed
from bot.workflow.shared.context import Context
from bot.workflow.shared.own_domains import domains_known


async def listed_entries(context: Context) -> Listed | None:
    """The entries of the last snapshot of the lists, by their text. None: the lists have not been read yet."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    return None if lists is None else await listed_of(context, lists)


async def listed_and_own(context: Context) -> tuple[Listed | None, frozenset[str]]:
    """The same with the tenant's own domains, at one look: what is asked about is read by both."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    listed = None if lists is None else await listed_of(context, lists)
    return listed, domains_known(context.rules, lists)


async def listed_of(context: Context, lists: Snapshot) -> Listed:
    """The entries of these lists by their text."""
    if not context.index_cache.has(lists):
        await context.store.look_anew()  # it may take a second to be made
    return await context.index_cache.listed(lists)


async def index_of(context: Context, lists: Snapshot) -> ListIndex:
    """The same by what the entries cover."""
    if not context.index_cache.has(lists):
        await context.store.look_anew()
    return await context.index_cache.index(lists)


async def index_of_long(context: Context, lists: Snapshot | None) -> ListIndex | None:
    """The same where there is a use for it: None for short lists, which are looked through as quickly."""
    return await index_of(context, lists) if lists is not None and len(lists.entries) > FEW_ENTRIES else None


async def listed_for(context: Context, operation: Operation) -> Listed | None:
    """The same for an operation on entries that exist; None for one that makes them, which the rules alone judge."""
    return await listed_entries(context) if operation.takes_out or operation.edits else None
