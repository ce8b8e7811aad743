"""The outbox on both databases: nothing lost, nothing taken twice, a stale worker refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from bot.errors import LeaseLost
from bot.store import Job, Lease, Store
from tests.integration.databases import Clock, until_blocked

postgresql_only = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

LEASE = 30.0


async def claim(store: Store, worker: str = "one", limit: int = 10) -> list[Job]:
    async with store.write() as uow:
        return await uow.jobs.claim(worker, store.clock(), LEASE, limit)


async def renew(store: Store, clock: Clock, *jobs: Job) -> Mapping[int, Lease]:
    async with store.write() as uow:
        return await uow.jobs.renew(jobs, now=clock(), lease_seconds=LEASE)


async def enqueue(store: Store, kind: str = "work", **options: object) -> bool:
    async with store.write() as uow:
        return await uow.jobs.enqueue(kind, {"n": 1}, **options)  # type: ignore[arg-type]


async def waiting(store: Store) -> list[Job]:
    async with store.read() as uow:
        return await uow.jobs.waiting()


async def test_a_job_is_claimed_once_and_finished(open_store: Callable[..., Store], clock: Clock) -> None:
    one, two = open_store(), open_store()
    assert await enqueue(one)
    [job] = await claim(one)
    assert (job.kind, job.payload, job.attempts, job.worker) == ("work", {"n": 1}, 1, "one")
    assert job.lease_until == clock() + timedelta(seconds=LEASE)
    assert await claim(two, "two") == []
    async with one.write() as uow:
        await uow.jobs.hold(job)
        await uow.jobs.finish(job)
    assert await waiting(one) == []


async def test_a_job_of_a_transaction_that_failed_never_was(store: Store) -> None:
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what fails
        async with store.write() as uow:
            await uow.jobs.enqueue("work", {})
            raise RuntimeError
    assert await claim(store) == []


async def test_a_job_that_nobody_needs_any_more_is_dropped_while_it_waits(store: Store, clock: Clock) -> None:
    for key in ("one", "two"):
        await enqueue(store, key=key, run_at=clock() + timedelta(hours=1))
    async with store.write() as uow:
        assert await uow.jobs.drop("one")
        assert not await uow.jobs.drop("nothing")
    assert [job.key for job in await waiting(store)] == ["two"]
    clock.advance(hours=1)
    [running] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.drop("two")
        await uow.jobs.hold(running)
        await uow.jobs.finish(running)


async def test_a_job_waits_until_it_is_due(store: Store, clock: Clock) -> None:
    await enqueue(store, run_at=clock() + timedelta(minutes=5))
    assert await claim(store) == []
    clock.advance(minutes=5)
    assert len(await claim(store)) == 1


async def test_the_oldest_come_first(store: Store, clock: Clock) -> None:
    await enqueue(store, "later", run_at=clock() - timedelta(seconds=1))
    await enqueue(store, "earlier", run_at=clock() - timedelta(seconds=2))
    assert [job.kind for job in await claim(store, limit=1)] == ["earlier"]
    assert [job.kind for job in await claim(store, limit=1)] == ["later"]


async def test_another_tenants_jobs_are_left_alone(open_store: Callable[..., Store]) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    await enqueue(contoso, key="same")
    assert await claim(fabrikam) == []
    assert await enqueue(fabrikam, key="same")
    assert len(await claim(contoso)) == 1


async def test_a_peer_takes_over_when_the_lease_ends_and_the_stale_worker_is_refused(
    open_store: Callable[..., Store], clock: Clock
) -> None:
    one, two = open_store(), open_store()
    await enqueue(one)
    [stale] = await claim(one, "one")
    clock.advance(seconds=LEASE - 1)
    assert await claim(two, "two") == []
    clock.advance(seconds=1)
    [taken] = await claim(two, "two")
    assert (taken.id, taken.attempts, taken.fence) == (stale.id, 2, stale.fence + 1)
    for refused in (
        lambda jobs: jobs.hold(stale),
        lambda jobs: jobs.finish(stale),
        lambda jobs: jobs.retry(stale, clock(), "late"),
        lambda jobs: jobs.release(stale),
        lambda jobs: jobs.mark_dead(stale, "late"),
    ):
        with pytest.raises(LeaseLost):
            async with one.write() as uow:
                await refused(uow.jobs)
    assert await renew(one, clock, stale) == {stale.id: Lease.LOST}
    async with two.write() as uow:
        await uow.jobs.hold(taken)
        await uow.jobs.finish(taken)
    assert await renew(one, clock, stale) == {stale.id: Lease.FINISHED}


async def test_a_stale_workers_step_is_undone_whole(open_store: Callable[..., Store], clock: Clock) -> None:
    one, two = open_store(), open_store()
    await enqueue(one)
    [stale] = await claim(one)
    clock.advance(seconds=LEASE)
    await claim(two, "two")
    with pytest.raises(LeaseLost):  # noqa: PT012 - the block is what fails
        async with one.write() as uow:
            await uow.jobs.enqueue("next step", {})
            await uow.jobs.finish(stale)
    assert [job.kind for job in await waiting(two)] == ["work"]


async def test_renewed_leases_keep_the_jobs(open_store: Callable[..., Store], clock: Clock) -> None:
    one, two = open_store(), open_store()
    for _ in range(3):
        await enqueue(one)
    jobs = await claim(one, limit=3)
    clock.advance(seconds=LEASE - 1)
    assert await renew(one, clock, *jobs) == dict.fromkeys([job.id for job in jobs], Lease.RENEWED)
    clock.advance(seconds=LEASE - 1)
    assert await claim(two, "two") == []
    async with one.write() as uow:
        for job in jobs:
            await uow.jobs.finish(job)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_job_that_its_handler_holds_keeps_no_other_from_being_renewed(store: Store, clock: Clock) -> None:
    for _ in range(2):
        await enqueue(store)
    held, other = await claim(store, limit=2)
    async with store.write() as uow:
        await uow.jobs.hold(held)
        async with asyncio.timeout(20):
            assert await renew(store, clock, held, other) == {held.id: Lease.BUSY, other.id: Lease.RENEWED}


class TestKeys:
    async def test_a_need_that_waits_is_not_queued_twice(self, store: Store) -> None:
        assert await enqueue(store, key="card:1")
        assert not await enqueue(store, key="card:1")
        assert await enqueue(store, key="card:2")
        assert await enqueue(store)
        assert len(await waiting(store)) == 3

    async def test_a_need_that_comes_while_its_job_runs_is_not_lost(self, store: Store) -> None:
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        assert await enqueue(store, key="card:1")
        async with store.write() as uow:
            await uow.jobs.finish(running)
        assert len(await claim(store)) == 1

    async def test_a_retry_merges_into_the_newer_need(self, store: Store, clock: Clock) -> None:
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        await enqueue(store, key="card:1")
        later = clock() + timedelta(seconds=60)
        async with store.write() as uow:
            await uow.jobs.retry(running, later, "Slack is slow")
        [left] = await waiting(store)
        assert (left.attempts, left.run_at, left.error) == (1, later, "Slack is slow")
        assert left.id != running.id

    async def test_a_retry_takes_its_key_again(self, store: Store, clock: Clock) -> None:
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        async with store.write() as uow:
            await uow.jobs.retry(running, clock(), "once more")
        assert not await enqueue(store, key="card:1")

    async def test_what_was_put_off_without_a_failure_keeps_no_newer_need_waiting(
        self, store: Store, clock: Clock
    ) -> None:
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        await enqueue(store, key="card:1")
        async with store.write() as uow:
            await uow.jobs.retry(running, clock() + timedelta(seconds=60), "too early", counts=False)
        [left] = await claim(store)
        assert (left.attempts, left.error) == (1, "too early")

    async def test_a_need_that_waits_for_later_is_brought_forward_where_that_is_asked_for(
        self, store: Store, clock: Clock
    ) -> None:
        later, soon = clock() + timedelta(seconds=60), clock() + timedelta(seconds=5)
        await enqueue(store, key="card:1", run_at=soon)
        for run_at, sooner, expected in ((later, True, soon), (clock(), False, soon), (clock(), True, clock())):
            assert not await enqueue(store, key="card:1", run_at=run_at, sooner=sooner)
            [job] = await waiting(store)
            assert (job.run_at, job.due_at) == (expected, expected)
        assert len(await claim(store)) == 1

    async def test_what_was_due_before_it_was_put_off_stays_due_since_then_when_it_is_brought_forward(
        self, store: Store, clock: Clock
    ) -> None:
        first = clock()
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        async with store.write() as uow:
            await uow.jobs.retry(running, clock() + timedelta(seconds=60), "too early", counts=False)
        clock.advance(seconds=5)
        await enqueue(store, key="card:1", sooner=True)
        [job] = await waiting(store)
        assert (job.run_at, job.due_at) == (clock(), first)

    async def test_workers_hear_of_what_was_brought_forward(self, store: Store, clock: Clock) -> None:
        await enqueue(store, key="card:1", run_at=clock() + timedelta(seconds=60))
        heard: list[None] = []
        store.on_enqueued.append(lambda: heard.append(None))
        await enqueue(store, key="card:1", sooner=True)
        assert len(heard) == 1

    async def test_what_has_failed_keeps_its_wait(self, store: Store, clock: Clock) -> None:
        await enqueue(store, key="card:1")
        [running] = await claim(store)
        async with store.write() as uow:
            await uow.jobs.retry(running, clock() + timedelta(seconds=60), "Slack is slow")
        await enqueue(store, key="card:1", sooner=True)
        assert await claim(store) == []

    async def test_retries_of_one_need_at_once_leave_one_job(self, open_store: Callable[..., Store]) -> None:
        stores = [open_store() for _ in range(4)]
        jobs = []
        for store in stores:
            await enqueue(store, key="card:1")
            jobs += await claim(store)

        async def put_back(store: Store, job: Job) -> None:
            async with store.write() as uow:
                await uow.jobs.retry(job, store.clock(), "at once")

        await asyncio.gather(*map(put_back, stores, jobs), *(enqueue(store, key="card:1") for store in stores))
        assert len(await waiting(stores[0])) == 1

    async def test_a_key_of_any_length_is_taken(self, store: Store) -> None:
        assert await enqueue(store, key="x" * 100_000)
        assert not await enqueue(store, key="x" * 100_000)
        assert await enqueue(store, key="x" * 99_999)


async def test_a_released_job_is_as_if_never_claimed(open_store: Callable[..., Store]) -> None:
    one, two = open_store(), open_store()
    await enqueue(one)
    [job] = await claim(one)
    async with one.write() as uow:
        await uow.jobs.release(job)
    [again] = await claim(two, "two")
    assert (again.id, again.attempts) == (job.id, 1)
    assert again.was_interrupted, "what it had called for may take effect yet"
    assert not job.was_interrupted


async def test_one_that_was_interrupted_stays_so_while_it_has_to_wait(open_store: Callable[..., Store]) -> None:
    """It is only put off: what the attempt before called for may still take effect."""
    store = open_store()
    await enqueue(store)
    [job] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.release(job)
    [put_off] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.retry(put_off, store.clock(), "Slack takes no more.", counts=False)
    [again] = await claim(store)
    assert (again.attempts, again.was_interrupted) == (1, True)
    async with store.write() as uow:
        await uow.jobs.retry(again, store.clock(), "It failed.")
    [failed] = await claim(store)
    assert (failed.attempts, failed.was_interrupted) == (2, False)


async def test_dead_jobs_are_kept_and_can_be_revived(store: Store) -> None:
    await enqueue(store)
    [job] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "x" * 10_000)
        [dead] = await uow.jobs.dead()
        assert dead.id == job.id
        assert len(dead.error) == 2_000
        assert await uow.jobs.count_dead_of_all() == 1
    assert await claim(store) == []
    async with store.write() as uow:
        assert await uow.jobs.revive(job.id)
        assert not await uow.jobs.revive(job.id)
    assert [job.attempts for job in await claim(store)] == [1]


async def test_a_job_waits_while_another_one_of_the_same_key_is_under_way(
    open_store: Callable[..., Store], clock: Clock
) -> None:
    one, two = open_store(), open_store()
    await enqueue(one, key="card")
    [first] = await claim(one)
    assert await enqueue(one, key="card"), "the newer need is kept"
    await enqueue(one, "other", key="another card")
    [other] = await claim(two, "two")
    assert other.kind == "other"
    async with one.write() as uow:
        await uow.jobs.finish(first)
    [second] = await claim(two, "two")
    assert second.key == first.key


@postgresql_only
async def test_a_job_that_somebody_needs_is_taken_once_they_have_written_what_it_is_needed_for(
    open_store: Callable[..., Store],
) -> None:
    """Else it would read what was before that, and be done with it."""
    one, two, worker = open_store(), open_store(), open_store()
    await enqueue(one, key="card")
    async with one.write() as first:
        assert not await first.jobs.enqueue("work", {"n": 2}, key="card", sooner=True)
        async with two.write() as second:
            assert not await second.jobs.enqueue("work", {"n": 3}, key="card", sooner=True), "none waits for the other"
            assert await claim(worker) == []
        assert await claim(worker) == []
    [job] = await claim(worker)
    assert job.key == "card"
    assert await claim(worker) == []


@postgresql_only
async def test_who_needs_a_job_while_somebody_takes_it_queues_the_next(
    open_store: Callable[..., Store], database_url: str
) -> None:
    one, worker = open_store(), open_store()
    await enqueue(one, key="card")
    async with worker.write() as uow:
        [taken] = await uow.jobs.claim("one", worker.clock(), LEASE, 10)
        needing = asyncio.create_task(enqueue(one, key="card"))
        await until_blocked(needing, database_url)
        assert not needing.done()
    assert await needing
    assert len({job.id for job in await waiting(one)} - {taken.id}) == 1


async def test_after_a_crash_only_one_job_of_a_key_is_taken(open_store: Callable[..., Store], clock: Clock) -> None:
    one, two = open_store(), open_store()
    await enqueue(one, key="card")
    [abandoned] = await claim(one)
    await enqueue(one, key="card")
    clock.advance(seconds=LEASE)
    [taken] = await claim(two, "two")
    assert taken.id == abandoned.id
    async with two.write() as uow:
        await uow.jobs.finish(taken)
    assert len(await claim(two, "two")) == 1


async def test_a_revived_job_has_its_key_again(store: Store) -> None:
    await enqueue(store, key="card:1")
    [job] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "no use")
        assert await uow.jobs.revive(job.id)
    assert not await enqueue(store, key="card:1")


async def test_a_revived_job_makes_way_for_the_same_need(store: Store) -> None:
    await enqueue(store, key="card:1")
    [job] = await claim(store)
    await enqueue(store, key="card:1")
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "no use")
        assert await uow.jobs.revive(job.id)
        assert await uow.jobs.dead() == []
    [left] = await waiting(store)
    assert left.id != job.id


async def test_another_tenants_dead_job_is_left_alone(open_store: Callable[..., Store]) -> None:
    contoso, fabrikam = open_store(tenant_id="contoso"), open_store(tenant_id="fabrikam")
    await enqueue(contoso)
    [job] = await claim(contoso)
    async with contoso.write() as uow:
        await uow.jobs.mark_dead(job, "no use")
    async with fabrikam.write() as uow:
        assert not await uow.jobs.revive(job.id)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_claims_at_once_after_a_crash_leave_the_newer_job_of_the_key(
    open_store: Callable[..., Store], clock: Clock
) -> None:
    one, two = open_store(), open_store()
    await enqueue(one, key="card")
    [abandoned] = await claim(one)
    await enqueue(one, key="card")
    clock.advance(seconds=LEASE)
    async with one.write() as uow:
        [taken] = await uow.jobs.claim("one", clock(), LEASE, 1)
        assert taken.id == abandoned.id
        # The first claim is not committed yet: its row is locked, and read as it was before.
        assert await claim(two, "two") == []


async def test_a_job_that_was_given_up_forgets_where_it_was_to_answer(store: Store) -> None:
    payload = {"user": "U1", "response_url": "https://hooks.example/1", "indicators": ["evil.example"]}
    async with store.write() as uow:
        await uow.jobs.enqueue("check.answer", payload)
    [job] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "no use")
        [dead] = await uow.jobs.dead()
    assert dead.payload == {**payload, "response_url": ""}


async def test_a_dead_letter_without_an_address_keeps_what_it_has(store: Store) -> None:
    await enqueue(store)
    [job] = await claim(store)
    async with store.write() as uow:
        await uow.jobs.mark_dead(job, "no use")
        [dead] = await uow.jobs.dead()
    assert dead.payload == {"n": 1}


async def test_claims_at_once_share_the_jobs_out(open_store: Callable[..., Store]) -> None:
    stores = [open_store() for _ in range(5)]
    async with stores[0].write() as uow:
        for number in range(40):
            await uow.jobs.enqueue("work", {"n": number})
    taken = await asyncio.gather(*(claim(store, f"w{i}", limit=4) for i, store in enumerate(stores * 2)))
    ids = [job.id for jobs in taken for job in jobs]
    assert len(ids) == len(set(ids))
    assert len(ids) == 40


async def test_listeners_hear_of_jobs_after_the_commit_only(store: Store, clock: Clock) -> None:
    heard: list[int] = []
    store.on_enqueued.append(lambda: heard.append(1))
    async with store.write() as uow:
        await uow.jobs.enqueue("work", {}, key="once")
        assert heard == []
    assert heard == [1]
    with pytest.raises(RuntimeError):  # noqa: PT012 - the block is what fails
        async with store.write() as uow:
            await uow.jobs.enqueue("work", {})
            raise RuntimeError
    await enqueue(store, key="once")
    await enqueue(store, run_at=clock() + timedelta(hours=1))
    assert heard == [1]
