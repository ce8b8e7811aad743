"""The mail of what an owner is about to be asked about, counted before they are."""

from __future__ import annotations

import structlog

from bot.domain.lists.entries import Entry
from bot.domain.reading.listed import listed_indicator
from bot.errors import TenantError
from bot.store import Job, UnitOfWork
from bot.workflow.asking.renewals import waiting_for
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, PersonPayload
from bot.workflow.shared.jobs import ask_owner
from bot.workflow.shared.mail_figures import figures_of

_log = structlog.get_logger(__name__)


async def count(context: Context, job: Job, payload: PersonPayload) -> None:
    """Job: count the mail of what an owner is about to be asked about, and have them asked. What can't be counted is
    asked about without."""
    async with context.store.read() as uow:
        waiting = await waiting_for(uow, payload.user, now=context.now())
        known = await uow.renewals.figures([each.id for each in waiting.first])
    for each in waiting.first:
        if each.id in known:
            continue
        indicator = listed_indicator(Entry(list=each.list, action=each.action, value=each.value))
        try:
            found = await figures_of(context, indicator)
        except TenantError as error:
            _log.info("an owner is asked without figures", renewal=each.id, error=str(error))
            break
        if found is not None:
            async with context.store.write() as uow:
                await uow.jobs.hold(job)
                await uow.renewals.note_figures(each.id, found)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await ask_owner(uow, payload.user)
        await uow.jobs.finish(job)


async def give_up_counting(_context: Context, uow: UnitOfWork, payload: PersonPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: the owner is asked without figures."""
    await ask_owner(uow, payload.user)


COUNT_FOR_OWNER_JOB = JobDefinition(kind=JobKind.COUNT_FOR_OWNER, handle=count, give_up=give_up_counting, alerts=False)
