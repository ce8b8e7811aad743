"""The one registry of jobs: every kind that is done, each declared once, beside its handler.

A new job takes a kind with its payload, a handler, and a `JobDefinition` beside it that is named here, or in
`bot.slack.jobs.registry` if it ends in Slack.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import structlog

from bot.errors import JobsError, PayloadUnreadable
from bot.store import Job, UnitOfWork
from bot.workflow.applying.apply import APPLY_JOB
from bot.workflow.applying.confirm import CONFIRM_JOB
from bot.workflow.ending.expire import EXPIRE_JOB
from bot.workflow.ending.remind import REMIND_JOB
from bot.workflow.requesting.close import LAPSE_JOB
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import BoundJob, JobDefinition
from bot.workflow.shared.jobs import KINDS, alert_given_up
from bot.workflow.submitting.follow import FOLLOW_JOB
from bot.workflow.watching.anchor import ANCHOR_JOB
from bot.workflow.watching.watch import CLEAN_JOB, WATCH_JOB

_log = structlog.get_logger(__name__)

#: The jobs that the workflow does itself.
WORKFLOW_JOBS: tuple[JobDefinition[Context, Any], ...] = (
    APPLY_JOB,
    CONFIRM_JOB,
    EXPIRE_JOB,
    REMIND_JOB,
    LAPSE_JOB,
    FOLLOW_JOB,
    WATCH_JOB,
    CLEAN_JOB,
    ANCHOR_JOB,
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
