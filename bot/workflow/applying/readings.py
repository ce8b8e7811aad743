"""What is read of the tenant before anything is sent, by which policy decides once more."""

from __future__ import annotations

from bot.aside import aside
from bot.domain.lists.change import Change
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_snapshot import ListSnapshot, with_list
from bot.store import Job
from bot.workflow.shared.context import Context
from bot.workflow.shared.seen_places import keep_reading, prepare_reading


async def read_to_decide(context: Context, job: Job, change: Change) -> tuple[Snapshot, ListSnapshot]:
    """The lists by which policy decides on a change, and its own list among them, both as of now.

    Policy looks at the change's own list, at the connection filter's policies with it, and at the tenant's domains,
    which hardly ever change: so that list is read, and the rest is what the last snapshot says. Only where there is
    none, or none that a check would go by, all lists are read, and kept: one that can't be read doesn't matter then,
    unless it is the change's own. Raises TenantError.
    """
    async with context.store.read() as uow:
        last = await uow.snapshots.load()
    await context.store.look_anew()
    if last is None or context.now() - last.as_of > context.snapshot_lasts:
        return await _read_all(context, job, change)
    reading = await context.tenant.read_for(change)
    return await aside(len(last.entries), with_list, last, reading), reading


async def _read_all(context: Context, job: Job, change: Change) -> tuple[Snapshot, ListSnapshot]:
    lists = await context.tenant.read_lists()
    seen = await prepare_reading(context, lists)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await keep_reading(context, uow, seen)
    if change.list in lists.unreadable or not change.list.traits.adds_by_value_alone:
        # Sending goes by more than the entries; and what can't be read says with its own kind of error why not.
        reading = await context.tenant.read_for(change)
        return await aside(len(lists.entries), with_list, lists, reading), reading
    entries = tuple(entry for entry in lists.entries if entry.list is change.list)
    return lists, await aside(len(entries), ListSnapshot, list=change.list, as_of=lists.as_of, entries=entries)
