"""A pending request is taken back by its requester, or nobody decides on it in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.people import Person
from bot.domain.requests.request import Decision, Request, Status
from bot.errors import Conflict, NotFound, NotPermitted
from bot.workflow.requesting.close import LAPSE_JOB
from bot.workflow.requesting.decide import decide
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import later
from tests.integration.databases import until_blocked
from tests.integration.workflow.requesting.conftest import Desk
from tests.support.deciding import shown, take_back
from tests.support.people import APPROVER, REQUESTER

ON_POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


async def taken_back(
    desk: Desk, request: Request, who: Person = REQUESTER, seen: ShownCard | None = None, delivery: str = "a click"
) -> Request:
    return await take_back(desk.context, request.id, who=who, seen=seen, delivery=delivery)


async def test_its_requester_takes_it_back_without_any_role(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request)
    after = await taken_back(desk, request, Person(user_id=REQUESTER.user_id))
    assert after.status is Status.WITHDRAWN
    event = (await desk.events(request))[-1]
    assert (event.kind, event.actor, event.at) == ("request.withdrawn", REQUESTER.user_id, desk.clock())
    assert await desk.due(request) == [JobKind.NOTIFY]
    assert not await desk.has_file(request)


async def test_taken_back_again_by_the_same_click_nothing_changes(desk: Desk) -> None:
    request = await desk.proposed()
    after = await taken_back(desk, request)
    assert await taken_back(desk, request) == after
    assert await desk.kinds(request) == ["request.withdrawn"]


async def test_nobody_else_takes_it_back_and_the_try_is_logged_once(desk: Desk) -> None:
    request = await desk.proposed()
    for _ in range(2):
        with pytest.raises(NotPermitted, match="not yours"):
            await taken_back(desk, request, APPROVER)
    [event] = await desk.events(request)
    assert (event.kind, event.actor, event.target) == ("access.refused", APPROVER.user_id, "propose")
    assert event.payload["why"] == "not the requester"
    assert await desk.status(request) is Status.PENDING
    assert await desk.has_file(request)


async def test_what_is_decided_is_not_taken_back(desk: Desk) -> None:
    request = await desk.proposed()
    await desk.review(request, Decision.DENY)
    with pytest.raises(Conflict, match="is denied already"):
        await taken_back(desk, request)
    assert await desk.kinds(request) == ["request.reviewed", "request.denied"]


async def test_what_is_not_there_is_not_taken_back(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await taken_back(desk, replace(await desk.proposed(), id=99), seen=ShownCard(channel="D1", ts="1.1", version=1))


async def test_what_nobody_decides_on_lapses(desk: Desk) -> None:
    request = await desk.proposed()
    job = await desk.lapse_job(request)
    desk.clock.now = request.lapses_at
    await LAPSE_JOB.run(desk.context, job)
    assert await desk.status(request) is Status.LAPSED
    [event] = await desk.events(request)
    assert (event.kind, event.actor, event.at) == ("request.lapsed", PORTCULLIS, request.lapses_at)
    assert not await desk.has_file(request)
    assert await desk.due(request) == [JobKind.NOTIFY]  # and the job is done


async def test_what_was_decided_does_not_lapse(desk: Desk) -> None:
    request = await desk.proposed()
    job = await desk.lapse_job(request)
    await desk.review(request, Decision.DENY)
    await LAPSE_JOB.run(desk.context, job)  # a worker had taken it by then
    assert await desk.status(request) is Status.DENIED
    assert "request.lapsed" not in await desk.kinds(request)
    async with desk.store.read() as uow:
        assert not await uow.jobs.waiting(kind=JobKind.LAPSE)


@pytest.mark.parametrize("decision", [*Decision, None])
async def test_once_it_is_decided_nothing_waits_for_its_lapse(desk: Desk, decision: Decision | None) -> None:
    """Nor for the others to be called: a week later nobody needs to look at what was over at once."""
    request = await desk.proposed("evil.example", action=Action.BLOCK)
    async with desk.store.write() as uow:
        await later(uow, JobKind.CALL_LATE, request.id, at=request.lapses_at)
    if decision is None:
        await taken_back(desk, request)
    else:
        await desk.review(request, decision)
    async with desk.store.read() as uow:
        kinds = {job.kind for job in await uow.jobs.waiting()}
    assert not kinds & {JobKind.LAPSE, JobKind.CALL_LATE}


# In the middle of somebody's decision.


@ON_POSTGRESQL
async def test_a_decision_that_is_under_way_is_not_crossed_by_a_withdrawal(desk: Desk, database_url: str) -> None:
    request = await desk.proposed()
    copy = await shown(desk.context, request.id, purpose=Purpose.COPY)
    async with desk.store.write() as uow:
        await uow.requests.summary(request.id, lock=True)
        await decide(uow, request, Status.DENIED, actor=APPROVER.user_id, at=desk.clock())
        withdrawing = asyncio.create_task(taken_back(desk, request, seen=copy))
        await until_blocked(withdrawing, database_url)
    with pytest.raises(Conflict, match="is denied already"):
        await withdrawing
    assert await desk.status(request) is Status.DENIED


@ON_POSTGRESQL
async def test_a_decision_that_is_under_way_keeps_a_request_from_lapsing(desk: Desk, database_url: str) -> None:
    """The job finds it decided, and is done."""
    request = await desk.proposed()
    job = await desk.lapse_job(request)
    async with desk.store.write() as uow:
        await uow.requests.summary(request.id, lock=True)
        await decide(uow, request, Status.APPROVED, actor=APPROVER.user_id, at=desk.clock())
        lapsing = asyncio.create_task(LAPSE_JOB.run(desk.context, job))
        await until_blocked(lapsing, database_url)
    await lapsing
    assert await desk.status(request) is Status.APPROVED
