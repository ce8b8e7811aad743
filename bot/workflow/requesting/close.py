"""How a pending request ends without a decision: its requester withdraws it, or nobody decides in time."""

from __future__ import annotations

from bot.domain.auditing.events import PORTCULLIS
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, Status
from bot.domain.requests.reviewing import require_withdrawable
from bot.errors import NotPermitted
from bot.store import Job
from bot.workflow.requesting.decide import decide
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import JobKind, RequestPayload
from bot.workflow.shared.rights import log_refused


async def withdraw(context: Context, *, actor: Person, request_id: int, delivery: str) -> Request:
    """Take one's own pending request back and return it as it stands then.

    Raises NotPermitted (somebody else's), NotFound, and Conflict (no longer pending). Delivered again, it changes
    nothing. No role is needed: who may no longer propose may still take back.
    """
    try:
        async with context.store.write() as uow:
            request = await uow.requests.summary(request_id, lock=True)
            if not await uow.deliveries.first_time(delivery):
                return request
            require_withdrawable(request, actor.user_id)
            await decide(uow, request, Status.WITHDRAWN, actor=actor.user_id, at=context.now())
            return await uow.requests.summary(request_id)
    except NotPermitted:
        await log_refused(
            context, actor, Right.PROPOSE, request_id=request_id, why="not the requester", delivery=delivery
        )
        raise


async def lapse(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: end a request that nobody decided on in time. One that has moved on is left alone."""
    request_id = payload.request_id
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        request = await uow.requests.summary(request_id, lock=True)
        if request.is_open:
            await decide(uow, request, Status.LAPSED, actor=PORTCULLIS, at=context.now())
        await uow.jobs.finish(job)


LAPSE_JOB = JobDefinition(kind=JobKind.LAPSE, handle=lapse)
