"""A lease grows where the database is slow, and not where it is away: peers would wait for nothing afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bot.errors import LeaseLost, StoreError
from bot.jobs.lease import Leases
from bot.store import Job, Store
from bot.store.unit_of_work import UnitOfWork

LEASE = 0.4


class Unwell(Store):
    """A store whose writing fails at once, or is silent, from a moment on."""

    is_away = is_silent = False

    @asynccontextmanager
    async def write(self) -> AsyncIterator[UnitOfWork]:
        if self.is_silent:
            await asyncio.Event().wait()
        if self.is_away:
            raise StoreError("The database is away.")
        async with super().write() as uow:
            yield uow


@pytest.fixture
async def unwell(database_url: str) -> AsyncIterator[Unwell]:
    store = Unwell(database_url, tenant_id="one")
    yield store
    await store.close()


async def lost_by(store: Unwell, leases: Leases, *, silent: bool) -> None:
    """Do a job until its lease is lost."""
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {})
        [job] = await uow.jobs.claim("one", store.clock(), LEASE, 1)
    store.is_silent, store.is_away = silent, not silent
    with pytest.raises(LeaseLost):
        async with leases.kept(job, kept_at=asyncio.get_running_loop().time(), lease_seconds=LEASE) as lease:
            await lease.around(never(job))


async def never(_job: Job) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(("silent", "grows"), [(False, False), (True, True)])
async def test_what_is_lost_to_a_database_that_is_away_makes_no_lease_longer(
    unwell: Unwell, silent: bool, grows: bool
) -> None:
    leases = Leases(unwell, lease_seconds=LEASE)
    async with asyncio.timeout(20):
        await lost_by(unwell, leases, silent=silent)
    assert (leases.length.seconds > LEASE) is grows


async def test_a_handler_that_holds_its_job_nearly_all_the_time_keeps_its_lease(unwell: Unwell) -> None:
    """One transaction after the other, as of a request of ten thousand: on PostgreSQL whoever renewed found its row
    locked at each look, and it was ended in the midst."""
    loop = asyncio.get_running_loop()
    lease = 4 * LEASE
    leases = Leases(unwell, lease_seconds=lease)
    is_over = loop.time() + 1.5 * lease
    async with unwell.write() as uow:
        await uow.jobs.enqueue("work", {})
        [job] = await uow.jobs.claim("one", unwell.clock(), lease, 1)

    async def hold() -> None:
        while loop.time() < is_over:
            async with unwell.write() as uow:
                await uow.jobs.hold(job)
                ends = loop.time() + LEASE / 8
                while loop.time() < ends:
                    await uow.jobs.waiting()
        async with unwell.write() as uow:
            await uow.jobs.finish(job)

    async with leases.kept(job, kept_at=loop.time(), lease_seconds=lease) as kept:
        await kept.around(hold())
    async with unwell.read() as uow:
        assert await uow.jobs.waiting() == []
