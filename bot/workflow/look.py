"""Looking things up: requests and the audit log, for those who may see them. Reading the log is itself an event."""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.audit import Event, EventKind
from bot.domain.lists import TenantLists
from bot.domain.people import Person, Right
from bot.domain.requests import Request, Status
from bot.store import AuditFilter
from bot.workflow.access import required
from bot.workflow.context import Context


async def requests(
    context: Context,
    *,
    actor: Person,
    statuses: Collection[Status] | None = None,
    requester: str | None = None,
    before_id: int | None = None,
    limit: int,
) -> list[Request]:
    """Requests, the newest first. Raises NotPermitted."""
    await required(context, actor, Right.SEE_REQUESTS)
    async with context.store.read() as uow:
        return await uow.requests.page(statuses=statuses, requester=requester, before_id=before_id, limit=limit)


async def one_request(context: Context, *, actor: Person, request_id: int, events: int) -> tuple[Request, list[Event]]:
    """A request with its newest events, oldest first. Raises NotPermitted and NotFound."""
    await required(context, actor, Right.SEE_REQUESTS, request_id=request_id)
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        story = await uow.audit.page(filters=AuditFilter(request_id=request_id, limit=events))
    return request, story[::-1]


async def details(
    context: Context, *, actor: Person, request_id: int, events: int
) -> tuple[Request, list[Event], TenantLists | None]:
    """As `one_request`, with the last picture of the tenant's lists, which asks nothing of the tenant."""
    request, story = await one_request(context, actor=actor, request_id=request_id, events=events)
    async with context.store.read() as uow:
        return request, story, await uow.snapshots.load()


async def audit(context: Context, *, actor: Person, filters: AuditFilter, query: str) -> list[Event]:
    """Events, the newest first. That somebody read the log, and for what, is logged. Raises NotPermitted."""
    await required(context, actor, Right.QUERY_AUDIT)
    async with context.store.write() as uow:
        events = await uow.audit.page(filters=filters)
        await uow.audit.append(
            EventKind.AUDIT_READ,
            actor=actor.user_id,
            target="audit log",
            payload={"query": query[:200]},
            at=context.now(),
        )
    return events
