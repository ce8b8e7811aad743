"""How long a large request takes from proposal to confirmation, with how many calls, and how long anybody has to wait.

`python -m tests.bench.bulk [indicators] [database]`, against the stand-in for the tenant; on SQLite without an address.
"""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog

from bot.domain.lists.traits import ListName, Plan
from bot.domain.policies.case import Rules
from bot.domain.reading.import_text import MOST_IMPORTED
from bot.domain.requests.request import Request
from bot.jobs import Worker
from bot.playground.server import Playground
from bot.playground.tenant import TenantStandIn
from bot.store import Job, Store, UnitOfWork
from bot.store.migrate import migrate
from bot.tenant.access import Patience
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import read_lists_anew
from bot.workflow.watching.watch import WATCH_JOB
from tests.support.deciding import decide_on
from tests.support.installation import installed_workspace
from tests.support.jobs import nothing, registry_of
from tests.support.people import REQUESTER
from tests.support.proposing import drafted, propose_all
from tests.support.stand_ins import access_to


@dataclass
class _Ahead:
    """How far ahead the bot's clock is."""

    by: timedelta = timedelta()


@dataclass
class Measured:
    """The write transactions of a store, in seconds."""

    held: list[float] = field(default_factory=list)

    def longest(self) -> float:
        longest, self.held = max(self.held, default=0.0), []
        return longest


def watched(store: Store) -> Measured:
    """Measure for how long each write transaction keeps others out."""
    measured, write = Measured(), store.write

    @asynccontextmanager
    async def timed() -> AsyncIterator[UnitOfWork]:
        context = write()
        uow = await context.__aenter__()
        began = time.monotonic()
        try:
            yield uow
        except BaseException as error:
            await context.__aexit__(type(error), error, error.__traceback__)
            raise
        await context.__aexit__(None, None, None)
        measured.held.append(time.monotonic() - began)

    store.write = timed  # type: ignore[method-assign]
    return measured


@contextmanager
def stand_in() -> Iterator[tuple[TenantStandIn, Playground]]:
    """A tenant in a thread of its own."""
    tenant = TenantStandIn(
        tenant_id=str(uuid.uuid4()), client_id=str(uuid.uuid4()), client_secret=secrets.token_hex(24), plan="plan2"
    )
    playground = Playground(port=0, workspace=installed_workspace(), tenant=tenant)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(playground.start(), loop).result(30)
    try:
        yield tenant, playground
    finally:
        asyncio.run_coroutine_threadsafe(playground.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


@asynccontextmanager
async def step(what: str, measured: Measured, tenant: TenantStandIn) -> AsyncIterator[None]:
    """Print how long a step takes."""
    measured.longest()
    calls = Counter(str(call["cmdlet"]) for call in tenant.calls())
    began = time.monotonic()
    yield
    took = time.monotonic() - began
    made = Counter(str(call["cmdlet"]) for call in tenant.calls()) - calls
    of_calls = ", ".join(f"{cmdlet} {count}" for cmdlet, count in sorted(made.items())) or "no calls"
    count = len(measured.held)
    sys.stdout.write(
        f"{what:12} {took:7.2f} s, {count:4} write transactions, the longest {measured.longest() * 1000:4.0f} ms; "
        f"{of_calls}\n"
    )


async def run(indicators: int, url: str | None) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder, stand_in() as (tenant, playground):
        url = url or f"sqlite:///{folder}/bench.sqlite3"
        await migrate(url)
        store = Store(url, tenant_id=str(uuid.uuid4()))
        measured = watched(store)
        ahead = _Ahead()

        def now() -> datetime:
            return datetime.now(UTC) + ahead.by

        store.clock = now
        client = Tenant(access_to(playground.environment(), patience=Patience()))
        context = Context(store=store, tenant=client, rules=Rules(plan=Plan.PLAN2), now=now)
        # Slack's part isn't measured here.
        worker = Worker(
            store,
            {**registry_of(context, playground).handlers, JobKind.NOTIFY: nothing, JobKind.RESULT: nothing},
            name="bench",
        )
        proposals = drafted(context, *(f"bad{number}.example" for number in range(indicators)), end="120d")
        async with step("first read", measured, tenant):
            await WATCH_JOB.run(context, await _watching(store))
        async with step("propose", measured, tenant):
            made = await propose_all(
                context, actor=REQUESTER, proposals=proposals, delivery="proposed", most=MOST_IMPORTED
            )
        [request] = made.requests
        async with step("approve", measured, tenant):
            await decide_on(context, request)
        async with step("apply", measured, tenant):
            await worker.run_due()
        await _show(store, request)
        ahead.by = timedelta(minutes=6)
        async with step("confirm", measured, tenant):
            await worker.run_due()
        await _show(store, request)
        ahead.by = timedelta(days=121)
        async with step("end", measured, tenant):
            await worker.run_due()
        await _show(store, request)
        await client.close()
        await store.close()


async def _watching(store: Store) -> Job:
    async with store.write() as uow:
        await read_lists_anew(uow)
    async with store.write() as uow:
        [job] = await uow.jobs.claim("bench", store.clock(), 30, 1)
    return job


async def _show(store: Store, request: Request) -> None:
    async with store.read() as uow:
        summary = await uow.requests.summary(request.id)
        known = await uow.known.active(ListName.SENDER)
    states = ", ".join(f"{state.value} {count}" for state, count in summary.counts.items() if count)
    sys.stdout.write(f"{'':12} {summary.status.value}: {states}; {len(known)} kept\n")


if __name__ == "__main__":
    asyncio.run(
        run(int(sys.argv[1]) if len(sys.argv) > 1 else MOST_IMPORTED, sys.argv[2] if len(sys.argv) > 2 else None)
    )
