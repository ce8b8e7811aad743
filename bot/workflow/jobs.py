"""The one registry of jobs: every kind that is done, each declared once, beside its handler.

A new job takes a kind with its payload, a handler, and a `JobDefinition` beside it that is named here, or in
`bot.slack.jobs.registry` if it ends in Slack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import structlog

from bot.domain.telling.counting import plural
from bot.errors import JobsError, PayloadUnreadable
from bot.store import Job, JobLane, UnitOfWork
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.applying.confirm import CONFIRM_JOB
from bot.workflow.ending.expire import EXPIRE_JOB
from bot.workflow.ending.remind import REMIND_JOB
from bot.workflow.requesting.call_late import CALL_LATE_JOB
from bot.workflow.requesting.close import LAPSE_JOB
from bot.workflow.requesting.emergency import UNREVIEWED_JOB
from bot.workflow.requesting.figures import READ_FIGURES_JOB
from bot.workflow.requesting.owners import FIND_OWNERS_JOB
from bot.workflow.shared.alerts import alert, alert_given_up, alert_late
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import BoundJob, JobDefinition
from bot.workflow.shared.job_kinds import KINDS
from bot.workflow.shared.lanes import Lane, Urgency
from bot.workflow.submitting.follow import FOLLOW_JOB
from bot.workflow.watching.anchor import ANCHOR_JOB
from bot.workflow.watching.hand_on import HAND_ON_JOB
from bot.workflow.watching.posture import SCAN_POSTURE_JOB
from bot.workflow.watching.renewal_figures import COUNT_FOR_OWNER_JOB
from bot.workflow.watching.renewals import RENEWALS_JOB
from bot.workflow.watching.watch import CLEAN_JOB, FORGET_ADDRESSES_JOB, WATCH_JOB

_log = structlog.get_logger(__name__)

#: Why a job is late that has not failed.
_HELD = "It waits for its turn, or for an answer that has not come."

#: The jobs that the workflow does itself.
WORKFLOW_JOBS: tuple[JobDefinition[Context, Any], ...] = (
    APPLY_JOB,
    CONFIRM_JOB,
    EXPIRE_JOB,
    REMIND_JOB,
    LAPSE_JOB,
    CALL_LATE_JOB,
    UNREVIEWED_JOB,
    READ_FIGURES_JOB,
    FIND_OWNERS_JOB,
    FOLLOW_JOB,
    WATCH_JOB,
    SCAN_POSTURE_JOB,
    CLEAN_JOB,
    ANCHOR_JOB,
    HAND_ON_JOB,
    FORGET_ADDRESSES_JOB,
    RENEWALS_JOB,
    COUNT_FOR_OWNER_JOB,
)


class JobRegistry:
    """All jobs, ready to be run: what a worker is given."""

    def __init__(self, context: Context, others: Iterable[BoundJob]) -> None:
        """The workflow's own jobs, with their context, and `others`, which rooms above it do.

        Raises JobsError when a kind that the workflow queues is done by none of them, or any kind by two: it has to
        show at the start, not in what was queued and lies there.
        """
        jobs = (*(job.bound_to(context) for job in WORKFLOW_JOBS), *others)
        times = Counter(job.kind for job in jobs)
        problems = [f"{kind} is declared {count} times." for kind, count in times.items() if count > 1]
        problems += [f"{kind} is queued, and nobody does it." for kind in KINDS - times.keys()]
        if problems:
            raise JobsError(tuple(sorted(problems)))
        self._jobs = {job.kind: job for job in jobs}

    @property
    def lanes(self) -> tuple[JobLane, ...]:
        """The lanes of all these jobs; and one for whatever another version has queued, so that it is given up."""
        return (
            *(self._lane(lane) for lane in Lane),
            JobLane(name="unknown", but=frozenset(self._jobs), places=1),
        )

    def _lane(self, lane: Lane) -> JobLane:
        own = [job for job in self._jobs.values() if job.lane is lane]
        by_urgency = (tuple(job.kind for job in own if job.urgency is urgency) for urgency in Urgency)
        traits = lane.traits
        return JobLane(
            name=lane.value,
            kinds=tuple(filter(None, by_urgency)),
            places=traits.places,
            of_all=traits.of_all,
            late_after=traits.late_after,
        )

    async def tell_late(self, uow: UnitOfWork, lane: JobLane, late: Sequence[Job]) -> None:
        """Called in the transaction that finds jobs of a lane that should have been done by now.

        What an approved request or an end waits for is told by request. Of the rest the alert channel hears once, until
        all that it was told of is done.
        """
        others = []
        for job in late:
            known = self._jobs.get(job.kind)
            if known is None or not known.alerts:
                continue
            request_id = job.payload.get("request_id")
            if known.late is not None and isinstance(request_id, int):
                await alert(uow, known.late, request_id=request_id, details=job.error or _HELD)
            else:
                others.append(job)
        if others and not await uow.jobs.has_others_told_late(lane, late):
            oldest = others[0]
            waiting = f"{plural(len(others), 'job')} or more" if len(others) > 1 else "1 job"
            what = Lane(lane.name).traits.what
            why = oldest.error or _HELD
            details = f"{what[0].upper()}{what[1:]}: {waiting}, since {oldest.due_at:%Y-%m-%d %H:%M} UTC. {why}"
            await alert_late(uow, details=details)

    @property
    def handlers(self) -> Mapping[str, Callable[[Job], Awaitable[None]]]:
        """By kind, what does a job that was taken from the outbox."""
        return MappingProxyType({kind: job.run for kind, job in self._jobs.items()})

    async def give_up(self, uow: UnitOfWork, job: Job, error: str) -> None:
        """Called in the transaction that marks a job dead: no request may look as if it went on, nobody may wait for
        an answer for ever, and the operator must hear of it.

        Of a kind that this version doesn't know, or a payload that it can't read, only the operator hears.
        """
        known = self._jobs.get(job.kind)
        if known is not None:
            try:
                await known.give_up(uow, job, error)
            except PayloadUnreadable as unreadable:
                _log.warning("jobs.given_up_unread", job=job.id, kind=job.kind, error=str(unreadable))
        if known is None or known.alerts:
            request_id = job.payload.get("request_id")
            about = request_id if isinstance(request_id, int) else None
            await alert_given_up(uow, job.kind, request_id=about, details=error)
