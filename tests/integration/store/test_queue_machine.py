"""The outbox against a model of it: whatever workers do in whatever order, and however late."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test

from bot.errors import LeaseLost
from bot.store import Job, Lease, Store, UnitOfWork
from tests.integration.databases import Clock

LEASE = 30
_numbers = itertools.count()


@dataclass
class Expected:
    """What the model knows of a job."""

    key: str | None
    state: str
    run_at: datetime
    fence: int = 0
    attempts: int = 0
    lease_until: datetime | None = None


class QueueMachine(RuleBasedStateMachine):
    """Two workers, one of whom may come back after its lease has ended."""

    url: str
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.clock = Clock()
        self.store = Store(self.url, tenant_id=f"example {next(_numbers)}", clock=self.clock)
        self.expected: dict[int, Expected] = {}
        self.needs = 0

    def write(self, work: Callable[[UnitOfWork], Awaitable[object]]) -> object:
        async def run() -> object:
            async with self.store.write() as uow:
                return await work(uow)

        return self.runner.run(run())

    def all_jobs(self) -> dict[int, Job]:
        async def run() -> dict[int, Job]:
            async with self.store.read() as uow:
                return {job.id: job for job in [*await uow.jobs.waiting(), *await uow.jobs.dead(1_000)]}

        return self.runner.run(run())

    @rule(key=st.sampled_from(["a", "a", None]), delay=st.sampled_from([0, 0, 10]))
    def enqueue(self, key: str | None, delay: int) -> None:
        run_at = self.clock() + timedelta(seconds=delay)
        queued = self.write(lambda uow: uow.jobs.enqueue("work", {}, run_at=run_at, key=key))
        waits = key is not None and any(job.key == key and job.state == "todo" for job in self.expected.values())
        assert queued is not waits
        if queued:
            [new] = set(self.all_jobs()) - set(self.expected)
            self.expected[new] = Expected(key=key, state="todo", run_at=run_at)

    @rule(target=claims, limit=st.integers(1, 3))
    def claim(self, limit: int) -> object:
        now = self.clock()
        under_way = {job.key for job in self.expected.values() if job.state == "doing" and job.key is not None}
        due = [
            (job.run_at, number)
            for number, job in self.expected.items()
            if (job.state == "todo" and job.run_at <= now and job.key not in under_way)
            or (job.state == "doing" and job.lease_until is not None and job.lease_until <= now)
        ]
        jobs: list[Job] = self.write(lambda uow: uow.jobs.claim("w", now, LEASE, limit))  # type: ignore[assignment]
        taken = [number for _, number in sorted(due)[:limit]]
        assert [job.id for job in jobs] == taken
        for job in jobs:
            model = self.expected[job.id]
            model.state, model.lease_until = "doing", now + timedelta(seconds=LEASE)
            model.fence += 1
            model.attempts += 1
            assert (job.fence, job.attempts) == (model.fence, model.attempts)
        return multiple(*jobs)

    @rule(seconds=st.sampled_from([10, LEASE]))
    def advance(self, seconds: int) -> None:
        self.clock.advance(seconds=seconds)

    def settle(self, job: Job, work: Callable[[UnitOfWork], Awaitable[object]]) -> Expected | None:
        """Do something on a claim's behalf; the model's job if the claim still held, None if it was refused."""
        model = self.expected.get(job.id)
        held = model is not None and model.state == "doing" and model.fence == job.fence
        try:
            self.write(work)
        except LeaseLost:
            assert not held
            return None
        assert held
        return model

    @rule(job=claims)
    def finish(self, job: Job) -> None:
        if self.settle(job, lambda uow: uow.jobs.finish(job)):
            del self.expected[job.id]

    @rule(job=claims)
    def mark_dead(self, job: Job) -> None:
        if model := self.settle(job, lambda uow: uow.jobs.mark_dead(job, "no use")):
            model.state = "dead"

    @rule(jobs=st.lists(claims, max_size=4, unique_by=lambda job: job.id))
    def renew(self, jobs: list[Job]) -> None:
        now = self.clock()
        found = self.write(lambda uow: uow.jobs.renew(jobs, now=now, lease_seconds=LEASE))
        due = {}
        for job in jobs:
            model = self.expected.get(job.id)
            held = model is not None and model.state == "doing" and model.fence == job.fence
            due[job.id] = Lease.FINISHED if model is None else Lease.RENEWED if held else Lease.LOST
            if model is not None and held:
                model.lease_until = now + timedelta(seconds=LEASE)
        assert found == due

    @rule(job=claims, delay=st.sampled_from([0, 20]))
    def retry(self, job: Job, delay: int) -> None:
        run_at = self.clock() + timedelta(seconds=delay)
        if model := self.settle(job, lambda uow: uow.jobs.retry(job, run_at, "again")):
            self.put_back(job, model, run_at=run_at, attempts=job.attempts)

    @rule(job=claims)
    def release(self, job: Job) -> None:
        if model := self.settle(job, lambda uow: uow.jobs.release(job)):
            self.put_back(job, model, run_at=job.run_at, attempts=job.attempts - 1, has_failed=False)

    def put_back(self, job: Job, model: Expected, *, run_at: datetime, attempts: int, has_failed: bool = True) -> None:
        for other in self.expected.values():
            if job.key is not None and other.key == job.key and other.state == "todo":
                # What has failed keeps the newer one waiting too; what was only put back doesn't.
                other.run_at = (max if has_failed else min)(other.run_at, run_at)
                other.attempts = max(other.attempts, attempts)
                del self.expected[job.id]
                return
        model.state, model.run_at, model.attempts = "todo", run_at, attempts

    @invariant()
    def a_need_is_served_by_one(self) -> None:
        doing = [job.key for job in self.expected.values() if job.state == "doing" and job.key is not None]
        assert len(doing) == len(set(doing))

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        found = {number: (job.key, job.run_at, job.fence, job.attempts) for number, job in self.all_jobs().items()}
        assert found == {
            number: (job.key, job.run_at, job.fence, job.attempts) for number, job in self.expected.items()
        }

    def teardown(self) -> None:
        self.runner.run(self.store.close())
        self.runner.close()


def test_the_outbox_behaves_like_its_model(database_url: str) -> None:
    machine = type("Machine", (QueueMachine,), {"url": database_url})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
