"""Updates that may have undone a newer one: what they brought up to date is shown once more.

Of some nobody knows what became of them, and such a one may take effect after the next. A job that runs again may have
made one before: its call was not answered, or its process ended in the middle of it. Once that job is done, what it
keeps up to date is shown once more, when such a call has taken effect or never will.

Others come late: a process that stood still goes on where it was, though its job was taken over and done by another.
"""

from __future__ import annotations

from datetime import timedelta

from bot.domain.requests.binding import Purpose
from bot.store import Job, PostedMessage, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import ALERT_PURPOSE, JobKind, RequestPayload
from bot.workflow.shared.jobs import notify, show_again

#: So long after the next update it is sure that one of before takes effect no more: the longest that Slack takes for a
#: call on a bad day, and a little.
SHOWN_AGAIN_AFTER = timedelta(seconds=15)


async def note_shown(uow: UnitOfWork, posted: PostedMessage, version: int) -> None:
    """Put on record that a message, which was `posted` as it was read before, has just been brought to a version.

    Where somebody has brought it to a newer one meanwhile, this one may stand in its place: it is rendered anew.
    """
    if await uow.messages.mark(posted.id, version=version, was_outdated=posted.is_outdated):
        return
    now = await uow.messages.find(posted.channel, posted.ts)
    if now is not None and now.request_id is not None and now.version > max(version, posted.version):
        await uow.messages.outdate(now.request_id, now.purpose)
        await notify(uow, now.request_id)


def may_be_undone(job: Job) -> bool:
    """Whether an attempt of before may have made an update of which nobody knows what became of it."""
    return job.attempts > 1 or job.was_interrupted


class DoubtedUpdates:
    """Shows once more what an update of before may have undone."""

    def __init__(self, *, context: Context) -> None:
        self._context = context

    async def look_after(self, job: Job, request_id: int) -> bool:
        """To be called by a job that has just shown a request as it is: whether it is shown once more. Raises
        LeaseLost."""
        if not may_be_undone(job):
            return False
        at = self._context.store.clock() + SHOWN_AGAIN_AFTER
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            await show_again(uow, request_id, at=at, after=job.id)
        return True

    async def show(self, job: Job, payload: RequestPayload) -> None:
        """Job: have the card of a request, its copy and its alerts rendered anew, whichever version they are said to
        show."""
        async with self._context.store.write() as uow:
            await uow.jobs.hold(job)
            for purpose in (Purpose.CARD, Purpose.COPY):
                await uow.messages.outdate(payload.request_id, purpose)
            for request in (await uow.requests.parts(payload.request_id, items=1)).requests:
                posted = await uow.messages.of_request(request.id)
                for alert in {each.purpose for each in posted if each.purpose.startswith(ALERT_PURPOSE)}:
                    await uow.messages.outdate(request.id, alert)
            await notify(uow, payload.request_id)
            await uow.jobs.finish(job)


DOUBT_JOB = JobDefinition(kind=JobKind.SHOW_AGAIN, handle=DoubtedUpdates.show, alerts=False)
