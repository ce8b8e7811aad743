"""The audit log on its way to a webhook: in order, at least once, and on from where it was after whatever happened."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.errors import LeaseLost, ReceiverFailed
from bot.store import Job
from bot.webhook import receiver as calling
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue
from bot.workflow.watching.hand_on import BATCH, hand_on
from tests.integration.workflow.conftest import Stage
from tests.support.audit_receiver import AuditReceiver, audit_receiver


@pytest.fixture
def receiver() -> Iterator[AuditReceiver]:
    with audit_receiver() as running:
        yield running


async def write_events(stage: Stage, number: int, *, payload: str = "") -> None:
    async with stage.context.store.write() as uow:
        for _ in range(number):
            await uow.audit.append(
                EventKind.CHECK_ASKED, actor="U1", target="evil.example", payload={"why": payload}, at=stage.clock()
            )


async def take_job(stage: Stage) -> Job:
    async with stage.context.store.write() as uow:
        await enqueue(uow, JobKind.HAND_ON, NothingPayload())
    async with stage.context.store.write() as uow:
        [job] = [job for job in await uow.jobs.claim("test", stage.clock(), 30, 100) if job.kind == JobKind.HAND_ON]
    return job


async def run(stage: Stage, receiver: AuditReceiver) -> None:
    context = replace(stage.context, receiver=receiver.client)
    job = await take_job(stage)
    try:
        await hand_on(context, job, NothingPayload())
    finally:
        async with stage.context.store.write() as uow:
            await uow.jobs.finish(job)


async def test_everything_arrives_once_and_in_order(stage: Stage, receiver: AuditReceiver) -> None:
    number = 2 * BATCH + 3
    await write_events(stage, number)
    await run(stage, receiver)
    await write_events(stage, 1)
    await run(stage, receiver)
    await run(stage, receiver)
    assert receiver.taken == list(range(1, number + 2))
    assert [said for said, _ in receiver.calls] == ["1-100", "101-200", "201-203", "204-204"]
    assert receiver.forged == 0


async def test_what_is_long_goes_in_smaller_calls(stage: Stage, receiver: AuditReceiver) -> None:
    await write_events(stage, 4, payload="x" * 200_000)
    await run(stage, receiver)
    assert [said for said, _ in receiver.calls] == ["1-2", "3-4"]


@pytest.mark.parametrize("status", [301, 307, 401, 404, 429, 500, 503])
async def test_what_was_not_taken_comes_again(stage: Stage, receiver: AuditReceiver, status: int) -> None:
    await write_events(stage, 3)
    receiver.status, receiver.headers = status, {"Location": receiver.url, "Retry-After": "120"}
    with pytest.raises(ReceiverFailed) as failed:
        await run(stage, receiver)
    assert failed.value.retry_after == 120
    assert len(receiver.calls) == 1, "no redirect is followed"
    receiver.status = 204
    await run(stage, receiver)
    assert receiver.taken == [1, 2, 3, 1, 2, 3]


async def test_what_is_refused_for_what_it_says_holds_up_nothing_before_it_and_is_named(
    stage: Stage, receiver: AuditReceiver
) -> None:
    await write_events(stage, 20)
    receiver.refuses = frozenset({14, 17})
    with pytest.raises(ReceiverFailed, match=r"answered 400\. It refuses event 14") as failed:
        await run(stage, receiver)
    assert "--before 15" in failed.value.remedy
    assert receiver.taken == list(range(1, 14))
    receiver.refuses = frozenset()
    await run(stage, receiver)
    assert receiver.taken == list(range(1, 21)), "no event was passed over"


async def test_no_wait_that_it_asks_for_is_longer_than_an_hour(stage: Stage, receiver: AuditReceiver) -> None:
    await write_events(stage, 1)
    receiver.status, receiver.headers = 503, {"Retry-After": "999999"}
    with pytest.raises(ReceiverFailed) as failed:
        await run(stage, receiver)
    assert failed.value.retry_after == 3600


async def test_one_that_does_not_answer_is_given_up_for_now(
    stage: Stage, receiver: AuditReceiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_events(stage, 3)
    monkeypatch.setattr(calling, "PATIENCE", 0.2)
    receiver.answers.clear()
    with pytest.raises(ReceiverFailed, match=r"did not answer|could not be reached"):
        await run(stage, receiver)
    monkeypatch.undo()
    receiver.answers.set()
    await run(stage, receiver)
    assert receiver.taken[-3:] == [1, 2, 3]


async def test_nobody_listens(stage: Stage, receiver: AuditReceiver) -> None:
    await write_events(stage, 1)
    receiver.url = "http://127.0.0.1:9/log"
    with pytest.raises(ReceiverFailed, match="could not be reached"):
        await run(stage, receiver)


async def test_a_kill_before_the_cursor_moved_sends_that_batch_again_and_no_other(
    stage: Stage, receiver: AuditReceiver
) -> None:
    await write_events(stage, BATCH + 1)
    context = replace(stage.context, receiver=receiver.client)
    receiver.answers.clear()
    killed = asyncio.create_task(hand_on(context, await take_job(stage), NothingPayload()))
    await asyncio.to_thread(receiver.was_asked.wait, 30)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    receiver.answers.set()
    await run(stage, receiver)
    assert sorted(set(receiver.taken)) == list(range(1, BATCH + 2))
    assert receiver.taken[-(BATCH + 1) :] == list(range(1, BATCH + 2))


async def test_who_has_lost_its_lease_moves_no_cursor(stage: Stage, receiver: AuditReceiver) -> None:
    await write_events(stage, 1)
    context = replace(stage.context, receiver=receiver.client)
    job = await take_job(stage)
    async with stage.context.store.write() as uow:
        await uow.jobs.finish(job)
    with pytest.raises(LeaseLost):
        await hand_on(context, job, NothingPayload())
    async with stage.context.store.read() as uow:
        assert await uow.audit_cursors.at(receiver.client.name) == 0


async def test_another_place_begins_with_the_first_event(stage: Stage, receiver: AuditReceiver) -> None:
    await write_events(stage, 2)
    await run(stage, receiver)
    receiver.url += "/new"
    await run(stage, receiver)
    assert receiver.taken == [1, 2, 1, 2]


async def test_without_a_receiver_there_is_nothing_to_do(stage: Stage) -> None:
    await write_events(stage, 1)
    await hand_on(stage.context, await take_job(stage), NothingPayload())
