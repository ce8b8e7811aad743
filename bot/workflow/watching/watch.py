"""Keeping a snapshot of the tenant's lists, so that a proposal can be judged without waiting for the tenant."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.requests.binding import Purpose
from bot.errors import TenantUnavailable
from bot.store import Job
from bot.workflow.importing.previews import clear
from bot.workflow.requesting.portions import drop_left_behind
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload
from bot.workflow.shared.kept_lists import is_unanswered
from bot.workflow.shared.mail_figures import LASTS as FIGURES_LAST
from bot.workflow.shared.seen_places import keep_reading, prepare_reading
from bot.workflow.watching.by_whom import find_out_who


async def watch(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: read all lists and save the snapshot, and have told what somebody changed that nobody requested. A list that
    can't be read doesn't hide the others.

    Raises SignInFailed to be tried again: it says nothing about any list; and TenantUnavailable where none could be
    read, and there is a snapshot: it is kept as it is.
    """
    lists = await context.tenant.read_lists()
    if is_unanswered(lists):
        async with context.store.read() as uow:
            if await uow.snapshots.age():
                why = next(iter(lists.unreadable.values()))
                raise TenantUnavailable(f"No list of the tenant could be read. {why}")
    seen = await prepare_reading(context, lists)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await keep_reading(context, uow, seen)
        await uow.jobs.finish(job)
    await find_out_who(context)
    # A second's work for a full tenant: whoever asks next should not have to wait for it.
    await context.index_cache.index(lists)


#: Slack repeats a delivery within minutes; a day is ample.
REMEMBER_DELIVERIES = timedelta(days=1)
#: Who still has one open after so long opens it anew, which costs a click.
REMEMBER_FORMS = timedelta(days=1)
#: How long it stays on record when a process had no connection to Slack.
REMEMBER_OUTAGES = timedelta(days=30)
#: No message is called for so long after it was first: then it is on record, or nobody waits for it.
REMEMBER_POSTS = timedelta(days=30)
CLEAN_EVERY = timedelta(hours=6)

#: So long a `response_url` works: https://docs.slack.dev/interactivity/handling-user-interaction
ADDRESS_WORKS = timedelta(minutes=30)
FORGET_ADDRESSES_EVERY = timedelta(minutes=10)


async def clean(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: forget deliveries that can't come again, forms that nobody has open any more, and who is in user groups that
    give no role any more, budgets of calls that are full, what was written down before a message was posted long ago,
    mail figures that are old, and connections that were lost long ago; and end the previews of imports that nobody
    asked for in time. What was written ahead of a proposal that never came is dropped.
    """
    await drop_left_behind(context)
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.deliveries.forget(context.now() - REMEMBER_DELIVERIES)
        for form in (Purpose.FORM, Purpose.DENY_FORM, Purpose.TOGETHER_FORM, Purpose.DETAILS):
            await uow.messages.forget_old(form, before=context.now() - REMEMBER_FORMS)
        await uow.figures.forget(context.now() - FIGURES_LAST)
        await uow.budgets.forget_full(since=CLEAN_EVERY.total_seconds())
        await uow.posts.forget(context.now() - REMEMBER_POSTS)
        if context.user_groups is not None:
            await uow.user_groups.forget_others(context.user_groups)
        await uow.socket_outages.forget(context.now() - REMEMBER_OUTAGES)
        await clear(uow, context)
        await uow.jobs.finish(job)


async def forget_addresses(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: forget where people could be answered, once that works no longer. The answers go by direct message then."""
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await uow.jobs.forget_addresses((JobKind.CHECK, JobKind.REPLY), context.now() - ADDRESS_WORKS)
        await uow.jobs.finish(job)


WATCH_JOB = JobDefinition(kind=JobKind.WATCH, handle=watch)
CLEAN_JOB = JobDefinition(kind=JobKind.CLEAN, handle=clean)
FORGET_ADDRESSES_JOB = JobDefinition(kind=JobKind.FORGET_ADDRESSES, handle=forget_addresses)
