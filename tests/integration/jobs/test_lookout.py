"""Late jobs, as the bot tells of them: the alert channel hears once, whatever holds them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from bot.store.tables import JobRow
from bot.workflow.shared.job_kinds import AlertPayload, JobKind, RequestPayload
from bot.workflow.shared.jobs import enqueue, read_lists_anew
from bot.workflow.shared.lanes import Lane
from tests.integration.whole_bot import WholeBot, open_whole_bot


@pytest.fixture
async def bot(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WholeBot]:
    async with open_whole_bot(database_url, monkeypatch) as opened:
        yield opened


async def pass_time(bot: WholeBot, by: timedelta) -> None:
    """Let all jobs have been due for so long."""
    async with bot.store.write() as uow:
        await uow.jobs._scope.session.execute(update(JobRow).values(due_at=datetime.now(UTC) - by))


async def alerts_waiting(bot: WholeBot) -> list[AlertPayload]:
    return [JobKind.ALERT.read(job.payload) for job in await bot.waiting(JobKind.ALERT)]


async def test_an_approved_request_that_waits_is_told_of_by_its_number_once(bot: WholeBot) -> None:
    request = await bot.approved("evil.example")
    await pass_time(bot, timedelta(seconds=50))
    assert await bot.portcullis.lookout.look() == 0
    await pass_time(bot, timedelta(seconds=70))
    assert await bot.portcullis.lookout.look() == 1
    [alert] = await alerts_waiting(bot)
    assert (alert.what, alert.request_id) == ("request_delayed", request.id)
    assert "waits for its turn, or for an answer" in alert.details
    assert await bot.portcullis.lookout.look() == 0
    await bot.run()
    assert f"#{request.id} is approved, but could not be applied yet." in bot.alerts().replace("*", "")


async def test_an_end_that_waits_is_told_of_as_one(bot: WholeBot) -> None:
    request = await bot.approved("203.0.113.7")
    await bot.run()
    [job] = await bot.waiting(JobKind.EXPIRE)
    await bot.make_due(job)
    await pass_time(bot, timedelta(seconds=70))
    await bot.portcullis.lookout.look()
    assert "end_delayed" in [alert.what for alert in await alerts_waiting(bot) if alert.request_id == request.id]


@pytest.mark.parametrize(
    "queue", [read_lists_anew, lambda uow: enqueue(uow, JobKind.NOTIFY, RequestPayload(request_id=7))]
)
async def test_other_work_that_waits_is_told_of_by_its_lane_until_it_is_done(
    bot: WholeBot, queue: Callable[..., object]
) -> None:
    async with bot.store.write() as uow:
        await queue(uow)  # type: ignore[misc]
    await pass_time(bot, timedelta(hours=1))
    assert await bot.portcullis.lookout.look() == 1
    [alert] = await alerts_waiting(bot)
    assert alert.what == "jobs_delayed"
    assert any(lane.traits.what in alert.details.lower() for lane in Lane)
    async with bot.store.write() as uow:
        await uow.jobs.enqueue(JobKind.WATCH, {})
        await uow.jobs.enqueue(JobKind.NOTIFY, {"request_id": 8})
    await pass_time(bot, timedelta(hours=1))
    await bot.portcullis.lookout.look()
    assert len([each for each in await alerts_waiting(bot) if each.details[:5] == alert.details[:5]]) == 1


async def test_alerts_and_answers_that_wait_are_no_alarm(bot: WholeBot) -> None:
    async with bot.store.write() as uow:
        await enqueue(uow, JobKind.ALERT, AlertPayload(what="lists.watch"))
    await pass_time(bot, timedelta(days=1))
    assert await bot.portcullis.lookout.look() == 1, "the log has it"
    assert len(await alerts_waiting(bot)) == 1
