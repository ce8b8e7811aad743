"""What the database says of how the bot is doing, and that nobody waits long for it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry

from bot.domain.auditing.events import EventKind
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.domain.requests.request import Status
from bot.gauges import DatabaseGauges
from bot.store import JobLane, Store
from tests.integration.databases import Clock
from tests.support.requests import add_request

LANES = (
    JobLane(name="applying", kinds=(("apply",), ("expire",))),
    JobLane(name="unknown", but=frozenset({"apply", "expire"})),
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "operations.md"


class Page:
    """The gauges of a store, as Prometheus would read them."""

    def __init__(self, store: Store, **options: Any) -> None:  # noqa: ANN401 - the gauges' own
        self.registry = CollectorRegistry()
        self.is_slack_well = True
        self.gauges = DatabaseGauges(store, LANES, is_slack_well=lambda: self.is_slack_well, **options)
        self.registry.register(self.gauges)

    def value(self, name: str, **labels: str) -> float | None:
        return self.registry.get_sample_value(f"portcullis_{name}", labels)


@pytest.fixture
async def page_of() -> AsyncIterator[Callable[..., Page]]:
    made: list[Page] = []

    def make(store: Store, **options: Any) -> Page:  # noqa: ANN401 - the gauges' own
        made.append(Page(store, **options))
        return made[-1]

    yield make
    for page in made:
        await page.gauges.close()


async def enqueue(store: Store, kind: str, **options: Any) -> None:  # noqa: ANN401
    async with store.write() as uow:
        await uow.jobs.enqueue(kind, {}, **options)


async def test_what_waits_is_counted_by_lane_with_the_age_of_the_oldest(
    store: Store, clock: Clock, page_of: Callable[..., Page]
) -> None:
    await enqueue(store, "apply")
    clock.advance(seconds=30)
    await enqueue(store, "expire")
    await enqueue(store, "expire", run_at=clock() + timedelta(days=1))
    await enqueue(store, "of another version")
    async with store.write() as uow:
        [job] = await uow.jobs.claim("a worker", clock(), 30, 1, lane=LANES[1])
        await uow.jobs.mark_dead(job, "It failed.")
        [under_way] = await uow.jobs.claim("a worker", clock(), 30, 1, lane=LANES[0])
    clock.advance(seconds=10)
    page = page_of(store, waited_for=20)
    await page.gauges.refresh()
    assert under_way.kind == "apply"
    assert page.value("jobs_waiting", lane="applying") == 2
    assert page.value("jobs_oldest_seconds", lane="applying") == 40
    assert page.value("jobs_waiting", lane="unknown") == 0
    assert page.value("jobs_oldest_seconds", lane="unknown") == 0
    assert page.value("jobs_dead") == 1


async def test_requests_events_and_the_snapshot(store: Store, clock: Clock, page_of: Callable[..., Page]) -> None:
    async with store.write() as uow:
        await add_request(uow, store)
        await uow.snapshots.save(Snapshot(as_of=clock(), unreadable={ListName.URL: "No answer."}))
        clock.advance(seconds=60)
        decided = await add_request(uow, store)
        await uow.requests.move(decided.id, expected=Status.PENDING, to=Status.DENIED)
        await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", at=clock())
    page = page_of(store, waited_for=20)
    await page.gauges.refresh()
    assert page.value("requests_waiting", status="pending") == 1
    assert page.value("requests_oldest_seconds", status="pending") == 60
    assert page.value("requests_waiting", status="approved") == 0
    assert page.value("audit_head") == 1
    assert page.value("snapshot_age_seconds", list="sender") == 60
    assert page.value("snapshot_unreadable", list="sender") == 0
    assert page.value("snapshot_age_seconds", list="url") is None
    assert page.value("snapshot_unreadable", list="url") == 1
    assert page.value("unrequested_changes", state="told") == 0
    assert (page.value("database_bytes") or 0) > 4096
    clock.advance(seconds=5)
    assert page.value("requests_oldest_seconds", status="pending") == 65


async def test_another_tenants_work_is_not_counted(
    open_store: Callable[..., Store], page_of: Callable[..., Page]
) -> None:
    await enqueue(open_store(tenant_id="another"), "apply")
    page = page_of(open_store(), waited_for=20)
    await page.gauges.refresh()
    assert page.value("jobs_waiting", lane="applying") == 0


async def test_the_database_is_read_once_in_a_while(store: Store, clock: Clock, page_of: Callable[..., Page]) -> None:
    page = page_of(store, kept_for=15, waited_for=20)
    clock.advance(seconds=3)
    assert page.value("database_read_age_seconds") == 3
    await page.gauges.refresh()
    await enqueue(store, "apply")
    clock.advance(seconds=14)
    await page.gauges.refresh()
    assert page.value("jobs_waiting", lane="applying") == 0
    assert page.value("database_read_age_seconds") == 14
    clock.advance(seconds=1)
    await page.gauges.refresh()
    assert page.value("jobs_waiting", lane="applying") == 1
    assert page.value("database_read_age_seconds") == 0


async def test_slack_is_asked_of_whoever_knows(store: Store, page_of: Callable[..., Page]) -> None:
    page = page_of(store)
    assert page.value("slack_well") == 1
    page.is_slack_well = False
    assert page.value("slack_well") == 0


@asynccontextmanager
async def held(url: str) -> AsyncIterator[None]:
    """Somebody else has the table of jobs for themselves."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
            yield
    finally:
        await connection.close()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_database_that_does_not_answer_holds_up_nobody(
    store: Store, clock: Clock, database_url: str, page_of: Callable[..., Page]
) -> None:
    page = page_of(store, waited_for=20)
    await page.gauges.refresh()
    await enqueue(store, "apply")
    clock.advance(seconds=60)
    page.gauges._waited_for = 0.05
    async with held(database_url):
        async with asyncio.timeout(10):
            await page.gauges.refresh()
            await page.gauges.refresh()
        assert page.value("jobs_waiting", lane="applying") == 0
        assert page.value("database_read_age_seconds") == 60
    page.gauges._waited_for = 20
    await page.gauges.refresh()
    assert page.value("jobs_waiting", lane="applying") == 1


async def test_every_gauge_is_in_the_document(store: Store, page_of: Callable[..., Page]) -> None:
    page = page_of(store, waited_for=20)
    await page.gauges.refresh()
    documented = set(re.findall(r"^\| `(portcullis_\w+)`", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE))
    assert {family.name for family in page.registry.collect()} <= documented
