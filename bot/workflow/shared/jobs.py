"""The kinds of job that the workflow leaves in the outbox, and how it leaves them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.store import UnitOfWork


class JobKind(StrEnum):
    """What a job does. Its payload is named behind it."""

    APPLY = "request.apply"  #: request_id
    CONFIRM = "request.confirm"  #: request_id
    EXPIRE = "request.expire"  #: request_id
    LAPSE = "request.lapse"  #: request_id
    REMIND = "request.remind"  #: request_id: its end is near
    FOLLOW = "submission.follow"  #: request_id: ask what became of its submissions
    RESULT = "result.post"  #: request_id: the file with a line for each indicator
    IMPORT = "import.read"  #: what somebody gave as a file or as a long text: see bot.slack.jobs.import_reader
    EVIDENCE = "evidence.fetch"  #: a submission whose message is still in Slack: see bot.slack.jobs.evidence_fetcher
    NOTIFY = "request.notify"  #: request_id: bring every posted copy up to date, tell the story
    ALERT = "alert.post"  #: what, and what it is about
    CHECK = "check.answer"  #: indicators, user, response_url
    REPLY = "reply.post"  #: message, user, response_url
    WATCH = "lists.watch"  #: nothing
    CLEAN = "deliveries.forget"  #: nothing


async def notify(uow: UnitOfWork, request_id: int) -> None:
    """Have the cards and the story of a request brought up to date. Several calls before it runs are one run."""
    await uow.jobs.enqueue(JobKind.NOTIFY, {"request_id": request_id}, key=f"{JobKind.NOTIFY}:{request_id}")


async def later(uow: UnitOfWork, kind: JobKind, request_id: int, *, at: datetime | None = None) -> None:
    """Have one step of a request done, once, at a time or at once."""
    await uow.jobs.enqueue(kind, {"request_id": request_id}, run_at=at, key=f"{kind}:{request_id}")


async def alert(uow: UnitOfWork, what: str, *, request_id: int | None = None, details: str = "") -> None:
    """Have the alert channel told."""
    await uow.jobs.enqueue(JobKind.ALERT, {"what": what, "request_id": request_id, "details": details})


async def reply(uow: UnitOfWork, message: Mapping[str, Any], *, user: str, response_url: str = "") -> None:
    """Have one person told something that only they should see: where they asked, or by direct message."""
    await uow.jobs.enqueue(JobKind.REPLY, {"message": message, "user": user, "response_url": response_url})
