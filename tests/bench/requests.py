"""How long a request with thousands of items takes to write, read and carry on, with the audit events that it makes.

`python -m tests.bench.requests [items [address of an empty database]]`, on SQLite unless told otherwise.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from datetime import timedelta

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import ItemState, Request, SetAside, Status
from bot.store import Store
from bot.store.migrate import migrate
from bot.store.request_rows import NewRequest
from tests.bench.snapshots import measured
from tests.support.requests_made import newest_requests

#: How many items one chunk of a request's work records, and how many events are appended together.
_CHUNK = 500
_EVENTS = 1_000


async def add(store: Store, items: int) -> Request:
    now = store.clock()
    async with store.write() as uow:
        new = NewRequest(
            operation=Operation.ADD,
            action=Action.BLOCK,
            list=ListName.SENDER,
            reason="sends malware",
            expires=now + timedelta(days=30),
            requester="UREQUESTER",
            approvals_needed=1,
            indicators=[(Kind.DOMAIN, f"bad{number}.example", number) for number in range(1, items + 1)],
            set_aside=[
                SetAside(line=items + number, typed="?", code="unreadable", reason="It reads as no indicator.")
                for number in range(items // 10)
            ],
        )
        return await uow.requests.add(new, lapses_at=now + timedelta(days=3), at=now)


async def record(store: Store, request: Request) -> None:
    """What becomes of one chunk."""
    async with store.write() as uow:
        await uow.requests.set_items({item.id: (ItemState.APPLIED, "") for item in request.items[:_CHUNK]})


async def append(store: Store, request: Request, kind: EventKind) -> None:
    events = [
        NewEvent(
            kind=kind,
            actor="portcullis",
            target=f"bad{number}.example",
            request_id=request.id,
            payload={"list": "sender", "outcome": "The tenant, read back, holds it."},
            at=store.clock(),
        )
        for number in range(_EVENTS)
    ]
    async with store.write() as uow:
        await uow.audit.append_all(events)


def known(store: Store, request: Request) -> list[KnownEntry]:
    return [
        KnownEntry(
            list=request.list,
            action=request.action,
            value=item.value,
            requester=request.requester,
            request_id=request.id,
            reason=request.reason,
            since=store.clock(),
            expires=request.expires,
        )
        for item in request.items
    ]


async def run_on(store: Store, items: int) -> None:
    await store.ping()
    async with measured(f"add {items:,} items"):
        request = await add(store, items)
    async with measured("get"), store.read() as uow:
        await uow.requests.get(request.id)
    async with measured("summary"), store.read() as uow:
        await uow.requests.summary(request.id)
    async with measured("set_items, 500 items"):
        await record(store, request)
    async with measured("summary, in two states"), store.read() as uow:
        await uow.requests.summary(request.id)
    async with measured("set_aside"), store.read() as uow:
        await uow.requests.set_aside(request.id)
    async with measured("naming all of them"), store.read() as uow:
        await uow.requests.naming(request.list, [item.value for item in request.items])
    async with measured("naming one of them"), store.read() as uow:
        await uow.requests.naming(request.list, [request.items[0].value])
    async with measured("append_all, 1,000 events"):
        await append(store, request, EventKind.ITEM_APPLIED)
    for number in range(1, 3 * items // _EVENTS):
        await append(store, request, (EventKind.ITEM_APPLIED, EventKind.ITEM_CONFIRMED)[number % 2])
    async with measured(f"steps over {3 * items:,} events"), store.read() as uow:
        await uow.audit.steps(request.id)
    entries = known(store, request)
    async with measured("known.put_all"), store.write() as uow:
        await uow.known.put_all(entries)
    async with measured("known.active, of a request"), store.read() as uow:
        await uow.known.active(request_id=request.id)
    async with measured("known.active, 500 values"), store.read() as uow:
        await uow.known.active(request.list, values=[entry.value for entry in entries[:_CHUNK]])
    async with measured("known.end_all"), store.write() as uow:
        await uow.known.end_all(entries, store.clock(), "expired")
    for _ in range(19):
        await add(store, items)
    async with measured("a page of 20 such requests"), store.read() as uow:
        await newest_requests(uow, statuses=[Status.PENDING])


async def run(items: int, address: str) -> None:
    await migrate(address)
    store = Store(address, tenant_id="bench")
    try:
        await run_on(store, items)
    finally:
        await store.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(
            run(
                int(sys.argv[1]) if len(sys.argv) > 1 else 10_000,
                sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{folder}/bench.sqlite3",
            )
        )
