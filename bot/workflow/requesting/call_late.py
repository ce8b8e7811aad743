"""Before a request lapses that nobody has decided, the others whom the operator has named are called below its card."""

from __future__ import annotations

from datetime import datetime

from bot.domain.auditing.events import EventKind
from bot.domain.requests.calling import called_events, to_call
from bot.domain.requests.request import Request
from bot.store import Job, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import later, tell_below_of


async def call_in_time(uow: UnitOfWork, context: Context, request: Request, *, at: datetime) -> None:
    """Have the others called before a request lapses that is proposed `at` a time. Where nobody is named, nothing."""
    if context.calling.second:
        await later(uow, JobKind.CALL_LATE, request.id, at=context.calling.second_at(at, request.lapses_at))


async def call_late(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: call the others to decide on a request, once. One that has moved on is left alone."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        parts = await uow.requests.parts(payload.request_id, lock=True)
        request = parts.lead
        if names := to_call(context.calling.second, parts, context.rules.approvers):
            await uow.audit.append_all(called_events(EventKind.APPROVERS_CALLED_LATE, request, names, at=context.now()))
            await tell_below_of(uow, request.proposal_id)
        await uow.jobs.finish(job)


CALL_LATE_JOB = JobDefinition(kind=JobKind.CALL_LATE, handle=call_late)
