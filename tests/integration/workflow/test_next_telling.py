"""What is told once a proposal is decided: its card, the line below it and the copy, each once, whatever happens."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.binding import Purpose
from bot.domain.requests.request import Request, Status
from bot.errors import LeaseLost
from bot.playground.slack.conversations import Message
from bot.playground.slack.faults import Fault
from bot.slack.block_kit.blocks import Message as SlackMessage
from bot.slack.jobs import next_telling
from bot.slack.jobs.poster import BegunPost, Poster
from bot.slack.jobs.posting import PlaceOfPost
from bot.store import Job, Store
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import notify, tell_below_of
from tests.integration.workflow.conftest import Stage
from tests.integration.workflow.dying import Killed, dying
from tests.support.installation import APPROVALS
from tests.support.jobs import Jobs
from tests.support.people import APPROVER

POST, UPDATE = "chat.postMessage", "chat.update"
_DIRECT = "D0REQUEST1"
_LEASE = 30
_A_WHILE = timedelta(minutes=5)
_TELLING = (JobKind.NOTIFY, JobKind.TELL_REQUESTER, JobKind.TELL_BELOW)


def shows(message: Message, request: Request) -> bool:
    """Whether a message shows a request as it is."""
    return f"'{request.id}.{request.version}'" in str(message.blocks)


async def taken(stage: Stage, kind: str) -> Job:
    """The job of a kind that is due."""
    async with stage.context.store.write() as uow:
        [job] = await uow.jobs.claim("one", stage.clock(), _LEASE, 1)
    assert job.kind == kind
    return job


async def approved(stage: Stage) -> Request:
    """A request that was just approved: its card and its copy show it pending."""
    request = await stage.propose("evil.example")
    await stage.run()
    return await stage.decide(request)


async def applied(stage: Stage) -> tuple[Request, Job]:
    """A request that was just applied, and the job that tells it; its card shows it approved."""
    request = await approved(stage)
    async with stage.context.store.write() as uow:
        jobs = {job.kind: job for job in await uow.jobs.claim("one", stage.clock(), _LEASE, 10)}
    await stage.jobs.do(jobs[JobKind.NOTIFY])
    await stage.jobs.do(jobs[JobKind.APPLY])
    return await stage.request(request), await taken(stage, JobKind.NOTIFY)


async def assert_told(stage: Stage, request: Request) -> None:
    """Everything shows it as it is now, and is on record so; nothing is in doubt or still to be told."""
    now = await stage.request(request)
    [card], [copy], [line] = stage.cards(), stage.messages(_DIRECT), stage.thread()
    assert now.status is Status.APPLIED
    assert [shows(card, now), shows(copy, now), "Applied" in line] == [True, True, True]
    async with stage.context.store.read() as uow:
        purposes = (Purpose.CARD, Purpose.COPY, Purpose.THREAD, Purpose.DIRECT)
        posted = [each for each in await uow.messages.of_request(request.id) if each.purpose in purposes]
        assert await uow.posts.in_doubt([f"{purpose}:{request.id}:" for purpose in purposes]) == []
    assert sorted(message.purpose for message in posted) == [Purpose.CARD, Purpose.COPY, Purpose.THREAD]
    assert {message.version for message in posted if message.purpose != Purpose.THREAD} == {now.version}
    assert [job.kind for job in await stage.waiting() if job.kind in _TELLING] == []


async def test_one_job_tells_what_was_applied(stage: Stage) -> None:
    request, job = await applied(stage)
    await stage.jobs.do(job)
    await assert_told(stage, request)


async def test_what_is_under_way_shows_on_the_card_and_the_rest_waits_to_be_told_together(stage: Stage) -> None:
    request = await approved(stage)
    async with stage.context.store.write() as uow:
        jobs = {job.kind: job for job in await uow.jobs.claim("one", stage.clock(), _LEASE, 10)}
    await stage.jobs.do(jobs[JobKind.NOTIFY])
    [card], [copy] = stage.cards(), stage.messages(_DIRECT)
    assert [shows(card, request), shows(copy, request)] == [True, False]
    [waits] = [job for job in await stage.waiting() if job.kind in _TELLING]
    assert (waits.kind, waits.run_at) == (JobKind.TELL_REQUESTER, stage.clock() + next_telling.TOGETHER_WITHIN)
    stage.clock.now = waits.run_at
    await stage.jobs.do(await taken(stage, JobKind.TELL_REQUESTER))
    [copy] = stage.messages(_DIRECT)
    assert shows(copy, request)


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_a_process_that_ends_in_between_leaves_nothing_untold_and_nothing_twice(
    stage: Stage, store: Store, monkeypatch: pytest.MonkeyPatch, at: int, committed: bool
) -> None:
    request, job = await applied(stage)
    async with dying(store, monkeypatch, at=at, committed=committed):
        with pytest.raises(Killed):
            await stage.jobs.do(job)
    stage.clock.advance(seconds=_LEASE + 1)
    await stage.run_until_idle(longest=_A_WHILE)
    await assert_told(stage, request)


@pytest.mark.parametrize("error", ["drop_before", "drop_after", "internal_error", "ratelimited", "channel_not_found"])
@pytest.mark.parametrize("call", [(UPDATE, APPROVALS), (POST, APPROVALS), (UPDATE, _DIRECT)])
async def test_one_call_that_comes_to_nothing_keeps_none_of_it_for_long(
    stage: Stage, error: str, call: tuple[str, str]
) -> None:
    request, job = await applied(stage)
    method, channel = call
    stage.playground.slack.state.faults.add(method, Fault(error=error, retry_after=0, channel=channel))
    async with stage.context.store.write() as uow:
        await uow.jobs.release(job)
    await stage.run_until_idle(longest=_A_WHILE)
    if (error, call) == ("channel_not_found", (UPDATE, APPROVALS)):
        assert [len(stage.thread()), len(stage.messages(_DIRECT))] == [1, 1]
        return  # the card counts as gone, and another stands
    await assert_told(stage, request)


async def test_a_line_of_which_nobody_knows_whether_it_stands_is_told_by_itself(stage: Stage) -> None:
    """Nothing is in doubt but the line: the card isn't shown anew for it."""
    request, job = await applied(stage)
    stage.playground.slack.state.faults.add(POST, Fault(error="drop_after", channel=APPROVALS))
    async with stage.context.store.write() as uow:
        await uow.jobs.release(job)
    await stage.run_until_idle(longest=timedelta(0))
    assert await stage.waiting(JobKind.TELL_BELOW) != []
    assert await stage.waiting(JobKind.NOTIFY) == []
    await stage.run_until_idle(longest=_A_WHILE)
    await assert_told(stage, request)


async def test_a_card_that_slack_keeps_waiting_keeps_the_copy_for_a_moment(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(next_telling, "_COPY_WAITS", 0.0)
    request, job = await applied(stage)
    async with stage.context.store.write() as uow:
        await uow.jobs.drop(f"{JobKind.TELL_REQUESTER}:{job.payload['request_id']}")
    stage.playground.slack.state.faults.add(UPDATE, Fault(error="silent", channel=APPROVALS))
    telling = asyncio.create_task(stage.jobs.do(job))
    while not await stage.waiting(JobKind.TELL_REQUESTER):  # noqa: ASYNC110 - the database tells nobody
        await asyncio.sleep(0)
    await Jobs(stage.context, stage.playground).worker.run_due()
    [card], [copy] = stage.cards(), stage.messages(_DIRECT)
    assert [shows(card, request), shows(copy, request)] == [False, True]
    telling.cancel()
    await asyncio.gather(telling, return_exceptions=True)


async def test_a_worker_that_has_lost_the_job_tells_nothing_more(stage: Stage) -> None:
    request, job = await applied(stage)
    stage.clock.advance(seconds=_LEASE + 1)
    other = await taken(stage, JobKind.NOTIFY)
    with pytest.raises(LeaseLost):
        await stage.jobs.do(job)
    assert stage.thread() == []
    async with stage.context.store.write() as uow:
        await uow.jobs.release(other)
    await stage.run_until_idle(longest=_A_WHILE)
    await assert_told(stage, request)


async def test_what_comes_while_it_is_told_is_told_by_the_next_job(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits to be told is not dropped for what was told before it came."""
    request, job = await applied(stage)
    post = Poster.post_begun

    async def post_late(poster: Poster, begun: BegunPost, message: SlackMessage, **options: Any) -> PlaceOfPost:  # noqa: ANN401 - post_begun's
        async with stage.context.store.write() as uow:
            await uow.audit.append(
                EventKind.REQUEST_TRIED_AGAIN,
                actor=APPROVER.user_id,
                target=f"request {request.id}",
                request_id=request.id,
                at=stage.clock(),
            )
            await notify(uow, request.id)
            await tell_below_of(uow, request.id)
        return await post(poster, begun, message, **options)

    monkeypatch.setattr(Poster, "post_begun", post_late)
    await stage.jobs.do(job)
    assert len(stage.lines()) == 1
    assert [job.kind for job in await stage.waiting(JobKind.TELL_BELOW)] == [JobKind.TELL_BELOW]
    await stage.run()
    assert len(stage.lines()) == 2
    assert [kind for kind in _TELLING if await stage.waiting(kind)] == []
