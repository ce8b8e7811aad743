"""What somebody reads of others is an event, before they are answered; a slow log keeps nobody from their answer."""

from __future__ import annotations

import asyncio

from bot.domain.auditing.events import Event, EventKind
from bot.store import AuditFilter
from bot.workflow.asking import noting, queries
from bot.workflow.asking.audit import audit
from tests.integration.workflow.conftest import Stage
from tests.support.people import APPROVER, REQUESTER


async def events(stage: Stage, kind: EventKind) -> list[Event]:
    async with stage.context.store.read() as uow:
        return await uow.audit.page(filters=AuditFilter(kind=kind.value))


async def test_looking_at_requests_of_others_is_an_event_of_none_of_them(stage: Stage) -> None:
    request = await stage.propose("evil.example")
    for person in (REQUESTER, APPROVER):
        await queries.details(stage.context, actor=person, request_id=request.id)
        await queries.one_request(stage.context, actor=person, request_id=request.id)
        await queries.requests(stage.context, actor=person, requester=person.user_id, limit=5)
        await queries.requests(stage.context, actor=person, limit=5)
    read = await events(stage, EventKind.REQUESTS_READ)
    assert [(event.actor, event.target, event.request_id) for event in read[::-1]] == [
        (REQUESTER.user_id, "requests", None),
        (APPROVER.user_id, f"request {request.id}", None),
        (APPROVER.user_id, f"request {request.id}", None),
        (APPROVER.user_id, "requests", None),
    ]
    assert await stage.kinds(request) == ["request.proposed"]


async def test_a_query_of_the_log_is_an_event(stage: Stage) -> None:
    await stage.propose("evil.example")
    page = await audit(stage.context, actor=APPROVER, text="evil.example 7d", limit=10)
    assert [event.kind for event in page.events] == ["request.proposed"]
    [read] = await events(stage, EventKind.AUDIT_READ)
    assert (read.actor, read.payload) == (APPROVER.user_id, {"query": "evil.example 7d", "events": 1})


async def test_a_slow_log_is_written_after_the_answer(stage: Stage) -> None:
    """Somebody else holds the log: the answer comes all the same, and the event when the log is free."""
    request = await stage.propose("evil.example")
    free = asyncio.Event()
    holding = asyncio.Event()

    async def hold() -> None:
        async with stage.context.store.write() as uow:
            await uow.audit.append(EventKind.CHECK_ASKED, actor="U1", target="x", at=stage.clock())
            holding.set()
            await free.wait()

    holder = asyncio.create_task(hold())
    await holding.wait()
    patience, noting.PATIENCE = noting.PATIENCE, 0.05
    try:
        found = await queries.details(stage.context, actor=APPROVER, request_id=request.id)
    finally:
        noting.PATIENCE = patience
    assert found.parts.id == request.id
    assert await events(stage, EventKind.REQUESTS_READ) == []
    free.set()
    await holder
    await asyncio.gather(*noting._late)
    assert len(await events(stage, EventKind.REQUESTS_READ)) == 1


async def test_many_who_read_at_once_keep_no_connection_from_what_is_written_of_them(stage: Stage) -> None:
    """As many as there are connections, each at one look: what is written down needs one besides."""
    await stage.propose("evil.example")
    everybody = asyncio.Barrier(16 if stage.context.store.is_for_one_process else 20)

    async def read() -> None:
        async with stage.context.store.one_look():
            async with stage.context.store.read() as uow:
                await uow.jobs.waiting()
                await everybody.wait()
            await queries.requests(stage.context, actor=APPROVER, limit=5)

    await asyncio.gather(*(read() for _ in range(everybody.parties)))
    assert not noting._late
    assert len(await events(stage, EventKind.REQUESTS_READ)) == everybody.parties
