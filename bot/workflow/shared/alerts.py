"""What the alert channel is told of, and how it is queued."""

from __future__ import annotations

from datetime import datetime

from bot.domain.telling.alert_facts import AlertName
from bot.store import UnitOfWork
from bot.workflow.shared.job_kinds import (
    AlertPayload,
    JobKind,
)
from bot.workflow.shared.jobs import enqueue


async def alert(
    uow: UnitOfWork, name: AlertName, *, request_id: int, details: str = "", event: int | None = None
) -> None:
    """Have the alert channel told of something that happened to a request: of one `event`, where it is about one."""
    payload = AlertPayload(what=name.value, request_id=request_id, details=details, event=event)
    await enqueue(uow, JobKind.ALERT, payload)


async def alert_of_group(uow: UnitOfWork, name: AlertName, *, group: str, details: str) -> None:
    """Have the alert channel told of something that happened to a user group which gives roles."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=name.value, details=f"{group}: {details}"))


async def alert_unwatched(uow: UnitOfWork, *, details: str) -> None:
    """Have the alert channel told that changes of a place can't be seen: `details` says of which, and why."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=AlertName.PLACE_UNWATCHED, details=details))


async def alert_restored(uow: UnitOfWork, *, details: str) -> None:
    """Have the alert channel told that the database was restored: `details` says with which event the backup ends."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=AlertName.RESTORED.value, details=details))


async def alert_given_up(uow: UnitOfWork, kind: str, *, request_id: int | None = None, details: str) -> None:
    """Have the alert channel told that a job of a kind was given up, with its last error as the `details`."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=kind, request_id=request_id, details=details))


async def alert_late(uow: UnitOfWork, *, details: str) -> None:
    """Have the alert channel told that some work isn't done in time: `details` says which, since when, and why."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=AlertName.JOBS_DELAYED, details=details))


async def alert_of_socket(
    uow: UnitOfWork, outage: int, *, at: datetime | None = None, after: int | None = None
) -> None:
    """Have the alert channel told of a lost connection, or what it was told brought up to date: at once, or once more
    at a time, on behalf of the job `after`.
    """
    payload = AlertPayload(what=AlertName.SOCKET_LOST, outage=outage)
    key = f"{AlertName.SOCKET_LOST}:{outage}" + ("" if after is None else f":{after}")
    await enqueue(uow, JobKind.ALERT, payload, at=at, key=key)


async def tell_of_unrequested(
    uow: UnitOfWork, reading: int, *, at: datetime | None = None, after: int | None = None
) -> None:
    """Have the alert channel told of the changes that a reading found and nobody requested, or what it was told brought
    up to date: at once, or once more at a time, on behalf of the job `after`. The reading is known by the number of the
    first of their events.
    """
    payload = AlertPayload(what=AlertName.UNREQUESTED, event=reading)
    key = f"{AlertName.UNREQUESTED}:{reading}" + ("" if after is None else f":{after}")
    await enqueue(uow, JobKind.ALERT, payload, at=at, key=key, sooner=True)


async def tell_of_posture(uow: UnitOfWork, name: AlertName, scan: int) -> None:
    """Have the alert channel told what a scan of the posture found: `scan` is the number of its event."""
    payload = AlertPayload(what=name.value, event=scan)
    await enqueue(uow, JobKind.ALERT, payload, key=f"{name}:{scan}")
