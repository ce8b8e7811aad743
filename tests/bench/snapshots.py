"""How long keeping, comparing and loading the snapshot of a full tenant takes, and how long it blocks the event loop.

`python -m tests.bench.snapshots [entries in each list]`, on SQLite.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.case import Rules
from bot.garbage import look_seldom
from bot.store import Store
from bot.store.migrate import migrate
from bot.workflow.shared.context import Context
from bot.workflow.shared.seen_places import keep_reading, prepare_reading
from tests.support.stand_ins import unreached_tenant

_NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
_VALUES: dict[ListName, Callable[[int], str]] = {
    ListName.SENDER: lambda number: f"user{number}@bad{number}.example",
    ListName.URL: lambda number: f"bad{number}.example/login/{number}",
    ListName.FILE: lambda number: f"{number:064x}",
    ListName.IP: lambda number: f"2001:db8:{number % 65535:x}::/48",
}


def full_tenant(entries: int) -> Snapshot:
    """Four lists, each with so many entries."""
    return Snapshot(
        as_of=_NOW,
        policies=(FilterPolicy(identity="Default", is_default=True),),
        entries=tuple(
            Entry(
                list=name,
                action=Action.BLOCK,
                value=value(number),
                expires=_NOW + timedelta(days=30),
                created=_NOW,
                notes=f"Portcullis request {number}",
                modified_by="app",
                identity="RgAAAA" + "x" * 80,
                subtype="Tenant",
            )
            for name, value in _VALUES.items()
            for number in range(entries)
        ),
    )


@asynccontextmanager
async def measured(what: str) -> AsyncIterator[None]:
    """Print how long the block takes, and the longest time for which nothing else could run in it.

    And the most that this process worked meanwhile: on a busy machine the rest of it is other processes'.
    """
    longest = worked = 0.0

    async def watch() -> None:
        nonlocal longest, worked
        before, work = time.monotonic(), time.process_time()
        while True:
            await asyncio.sleep(0.001)
            longest, before = max(longest, time.monotonic() - before - 0.001), time.monotonic()
            worked, work = max(worked, time.process_time() - work), time.process_time()

    watching = asyncio.create_task(watch())
    await asyncio.sleep(0.01)
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    await asyncio.sleep(0.01)
    watching.cancel()
    held = f"{longest * 1000:5.0f} ms, by work of {worked * 1000:5.0f} ms"
    sys.stdout.write(f"{what:30} {took * 1000:6.0f} ms, event loop blocked for at most {held}\n")


async def save(store: Store, lists: Snapshot) -> None:
    reading = await store.prepare(lists)
    async with store.write() as uow:
        await uow.snapshots.save(reading)


async def read(context: Context, lists: Snapshot) -> None:
    """Keep a reading, held against the one before."""
    seen = await prepare_reading(context, lists)
    async with context.store.write() as uow:
        await keep_reading(context, uow, seen)


async def load(store: Store, expected: Snapshot) -> None:
    async with store.write() as uow:
        loaded = await uow.snapshots.load()
    assert loaded is not None
    assert len(loaded.entries) == len(expected.entries)


async def run(entries: int) -> None:
    look_seldom()  # as the bot does
    lists = full_tenant(entries)
    later = replace(lists, as_of=_NOW + timedelta(minutes=5))
    one_more = Entry(list=ListName.URL, action=Action.BLOCK, value="new.example")
    changed = replace(lists, as_of=_NOW + timedelta(minutes=10), entries=(*lists.entries, one_more))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        await migrate(url)
        store, other = Store(url, tenant_id="bench"), Store(url, tenant_id="bench")
        await load_nothing(store, other)
        async with measured("save, the first time"):
            await save(store, lists)
        async with measured("save, nothing changed"):
            await save(store, later)
        async with measured("save, one list changed"):
            await save(store, changed)
        async with measured("load, by another process"):
            await load(other, changed)
        async with measured("load, unchanged"):
            await load(other, changed)
        async with measured("load, by who saved"):
            await load(store, changed)
        await store.close()
        await other.close()
        await compare(f"sqlite:///{folder}/compared.sqlite3", lists)


async def compare(url: str, lists: Snapshot) -> None:
    """Readings, each held against the one before."""
    await migrate(url)
    store = Store(url, tenant_id="bench")
    await load_nothing(store)
    context = Context(store=store, tenant=unreached_tenant(), rules=Rules(), now=lambda: _NOW + timedelta(days=1))
    changed = tuple(
        replace(entry, notes="Otherwise") if number % 100 == 0 else entry for number, entry in enumerate(lists.entries)
    )
    without = tuple(entry for entry in changed if entry.list is not ListName.URL)
    await asyncio.sleep(0.1)  # what was made here is no part of what is measured
    for what, entries, minutes in (
        ("compare, the first reading", lists.entries, 0),
        ("compare, nothing changed", lists.entries, 5),
        ("compare, each list changed", changed, 10),
        ("compare, one list emptied", without, 15),
    ):
        reading = replace(lists, as_of=_NOW + timedelta(minutes=minutes), entries=entries)
        async with measured(what):
            await read(context, reading)
    await store.close()


async def load_nothing(*stores: Store) -> None:
    """Open the connections."""
    for store in stores:
        async with store.write() as uow:
            await uow.snapshots.load()


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else 15_000))
