"""How a pending request ends without a decision: its requester withdraws it, or nobody decides in time."""

from __future__ import annotations

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.people import Person, Right
from bot.domain.requests.request import Request, Status
from bot.errors import Conflict, NotPermitted
from bot.store import Job
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.rights import log_refused


async def withdraw(context: Context, *, actor: Person, request_id: int, delivery: str) -> Request:
    """Take one's own pending request back and return it as it stands then.

    Raises NotPermitted (somebody else's), NotFound, and Conflict (no longer pending). Delivered again, it changes
    nothing. No role is needed: who may no longer propose may still take back.
    """
    try:
        async with context.store.write() as uow:
            request = await uow.requests.get(request_id, lock=True)
            if not await uow.deliveries.first_time(delivery):
                return request
            if request.requester != actor.user_id:
                raise NotPermitted(
                    f"Request {request_id} is not yours to withdraw.",
                    "An approver can deny it.",
                )
            if not await uow.requests.move(request_id, expected=Status.PENDING, to=Status.WITHDRAWN):
                raise Conflict(
                    f"Request {request_id} is {request.status.replace('_', ' ')} already and can't be withdrawn.",
                    "To undo a change, propose the opposite.",
                )
            await uow.audit.append(
                EventKind.REQUEST_WITHDRAWN,
                actor=actor.user_id,
                target=f"request {request_id}",
                request_id=request_id,
                at=context.now(),
            )
            await uow.attachments.drop(request_id)
            await notify(uow, request_id)
            return await uow.requests.summary(request_id)
    except NotPermitted:
        await log_refused(
            context, actor, Right.PROPOSE, request_id=request_id, why="not the requester", delivery=delivery
        )
        raise


async def lapse(context: Context, job: Job) -> None:
    """Job: end a request that nobody decided on in time. One that has moved on is left alone."""
    request_id = int(job.payload["request_id"])
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        if await uow.requests.move(request_id, expected=Status.PENDING, to=Status.LAPSED):
            await uow.audit.append(
                EventKind.REQUEST_LAPSED,
                actor=PORTCULLIS,
                target=f"request {request_id}",
                request_id=request_id,
                at=context.now(),
            )
            await uow.attachments.drop(request_id)
            await notify(uow, request_id)
        await uow.jobs.finish(job)
