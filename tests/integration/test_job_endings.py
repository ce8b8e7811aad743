"""Each kind of job ends in each way, in the bot as it is built from its settings: done, tried again, and given up."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.bootstrap import MOST_ATTEMPTS
from bot.domain.auditing.events import EventKind
from bot.store import Job
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import apply_soon
from tests.integration.job_cases import CASES, Case, Watching
from tests.integration.whole_bot import WholeBot, open_whole_bot


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    async with open_whole_bot(database_url, monkeypatch) as opened:
        yield opened


@pytest.fixture(params=sorted(CASES))
def case(request: pytest.FixtureRequest) -> Case:
    return CASES[request.param]()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_each_kind_that_is_done_has_its_case(bot: WholeBot) -> None:
    assert sorted(bot.portcullis.jobs.handlers) == sorted(CASES)


async def broken_off(bot: WholeBot, case: Case, *, attempts: int = 0) -> Job:
    """The job, whose next attempt came to nothing; so many had been before."""
    await case.queue(bot)
    [job] = await bot.waiting(case.kind)
    await bot.make_due(job, attempts=attempts)
    await case.break_it(bot)
    await bot.run()
    return job


async def test_what_fails_is_tried_again_until_it_is_done(bot: WholeBot, case: Case) -> None:
    queued = await broken_off(bot, case)
    [job] = await bot.waiting(case.kind)
    assert (job.id, job.attempts) == (queued.id, 1)
    assert job.error
    assert await bot.dead() == []
    await case.repair(bot)
    await case.not_done(bot)
    await bot.make_due(job, attempts=1)
    await bot.run()
    await case.done(bot)
    async with bot.store.read() as uow:
        assert await uow.jobs.get(job.id) is None
    assert not await bot.events(EventKind.JOB_DEAD)


async def test_what_goes_on_failing_is_given_up_and_nobody_waits_for_it(bot: WholeBot, case: Case) -> None:
    job = await broken_off(bot, case, attempts=MOST_ATTEMPTS - 1)
    [dead] = await bot.dead()
    assert (dead.id, dead.attempts) == (job.id, MOST_ATTEMPTS)
    assert dead.error
    [event] = await bot.events(EventKind.JOB_DEAD)
    assert event.target == f"job #{job.id} {case.kind}"
    assert event.request_id == job.payload.get("request_id")
    await case.repair(bot)
    async with bot.store.read() as uow:
        late = [waiting for waiting in await uow.jobs.waiting() if waiting.attempts]
    for waiting in late:  # what could not be told while Slack was broken
        await bot.make_due(waiting, attempts=waiting.attempts)
    await bot.run()
    assert (case.kind in bot.alerts()) is case.alerted
    await case.given_up(bot)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_cannot_be_read_is_given_up_and_the_worker_goes_on(bot: WholeBot) -> None:
    """Another version, or somebody's hand, may have left anything in the outbox."""
    told_nothing = {
        str(kind)
        for kind in (
            JobKind.WATCH,
            JobKind.CLEAN,
            JobKind.KEEP_CARDS,
            JobKind.ANCHOR,
            JobKind.FORGET_ADDRESSES,
            JobKind.REMIND_APPROVERS,
            JobKind.RENEWALS,
            JobKind.SCAN_POSTURE,
            JobKind.HAND_ON,
        )
    }
    unread = {kind for kind in CASES if kind not in told_nothing} | {"request.from_the_future"}
    async with bot.store.write() as uow:
        for kind in sorted(unread):
            await uow.jobs.enqueue(kind, {"request_id": "seven", "user": {"secret": "of a person"}})
    for kind in unread:
        [job] = await bot.waiting(kind)
        await bot.make_due(job, attempts=MOST_ATTEMPTS - 1)
    await Watching().queue(bot)
    await bot.run()
    dead = {job.kind: job.error for job in await bot.dead()}
    assert dead.keys() == unread
    assert all(error.endswith("Run the same version everywhere.") for error in dead.values())
    assert "request_id: Input should be a valid integer" in dead[JobKind.APPLY]
    assert not any("of a person" in error or "seven" in error for error in dead.values())
    for kind in unread:
        assert (kind in bot.alerts()) is (kind not in CASES or CASES[kind]().alerted)
    await Watching().done(bot)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_what_is_no_object_is_given_up_as_well(bot: WholeBot) -> None:
    async with bot.store.write() as uow:
        await apply_soon(uow, 7)
    await bot.run_sql("UPDATE jobs SET payload = '[7]'")
    [job] = await bot.waiting(JobKind.APPLY)
    await bot.make_due(job, attempts=MOST_ATTEMPTS - 1)
    await bot.run()
    [dead] = await bot.dead()
    assert "request_id: Field required" in dead.error
