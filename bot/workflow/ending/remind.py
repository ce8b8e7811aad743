"""A day before the end of what a request keeps: the requester is told, and can ask for another end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.requests.reminding import ending_soon, reminder
from bot.domain.requests.request import Item, Request
from bot.domain.requests.requested_change import change_for
from bot.store import Job, UnitOfWork
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, RequestPayload
from bot.workflow.shared.jobs import notify
from bot.workflow.shared.keeping import kept_by


async def remind(context: Context, job: Job, payload: RequestPayload) -> None:
    """Job: tell the requester what ends soon. Raises TenantError to be tried again.

    Nobody is told of what another request keeps by now, of what is no longer on the list, or after the end.
    """
    request_id = payload.request_id
    now = context.now()
    async with context.store.read() as uow:
        request, ending = await _ending(uow, request_id, now)
    if ending:
        change = change_for(request, ending, operation=Operation.REMOVE)
        listed = await asyncio.to_thread(_listed, await context.tenant.read_for(change), change)
        ending = [item for item in ending if item.value in listed]
        # What was decided while the list was being read counts. Not in the transaction: there may be thousands.
        async with context.store.read() as uow:
            request, still = await _ending(uow, request_id, now)
        numbers = {item.id for item in still}
        ending = [item for item in ending if item.id in numbers]
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        if ending:
            await uow.audit.append_all([reminder(request, ending, at=now)])
            await notify(uow, request_id)
        await uow.jobs.finish(job)


async def _ending(uow: UnitOfWork, request_id: int, now: datetime) -> tuple[Request, Sequence[Item]]:
    request = await uow.requests.get(request_id)
    kept = await kept_by(uow, request)
    return request, await judged_aside(request.total, None, partial(ending_soon, request, kept, now=now))


def _listed(reading: ListSnapshot, change: Change) -> frozenset[str]:
    return frozenset(value for value in change.values if reading.holds(value, change.action) is not None)


REMIND_JOB = JobDefinition(kind=JobKind.REMIND, handle=remind)
