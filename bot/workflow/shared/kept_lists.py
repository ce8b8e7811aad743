"""What was just read of the tenant's lists, kept as part of the snapshot: whoever asks or proposes next goes by it."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_snapshot import ListSnapshot, list_alone
from bot.domain.lists.traits import ListName
from bot.store import Job
from bot.workflow.shared.context import Context
from bot.workflow.shared.seen_places import keep_reading, prepare_reading


def is_unanswered(lists: Snapshot) -> bool:
    """Whether not a single list could be read: that says nothing of any of them, and what is kept is better."""
    return len(lists.unreadable) == len(ListName)


async def keep_list(context: Context, job: Job, reading: ListSnapshot) -> bool:
    """Make a list that was read a part of the snapshot; False where that was done of the same reading, or a newer."""
    return await context.kept_once.keep(reading, lambda: keep_lists(context, job, list_alone(reading), {reading.list}))


async def keep_lists(context: Context, job: Job, lists: Snapshot, names: Collection[ListName]) -> None:
    """Make those lists that were read parts of the snapshot. One that could not be read stays as it was kept."""
    seen = await prepare_reading(context, lists, set(names) - lists.unreadable.keys())
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await keep_reading(context, uow, seen)


async def index_anew(context: Context) -> None:
    """Have the index of the snapshot made: whoever checks next should not have to wait for it."""
    async with context.store.read() as uow:
        lists = await uow.snapshots.load()
    if lists is not None:
        await context.index_cache.index(lists)
