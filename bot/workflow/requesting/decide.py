"""A pending request is decided: its status, the event that tells it, and what follows."""

from __future__ import annotations

from datetime import datetime

from bot.domain.requests.request import Request, Status
from bot.domain.requests.reviewing import decided_event
from bot.errors import Conflict
from bot.store import UnitOfWork
from bot.workflow.shared.jobs import JobKind, later, notify


async def decide(uow: UnitOfWork, request: Request, status: Status, *, actor: str, at: datetime) -> None:
    """Move a pending request to approved, denied, withdrawn or lapsed, and log it.

    Approved, it is queued to be applied. Otherwise its file goes: other people's mail, which nobody needs any more.
    Raises Conflict if the request is not pending by now.
    """
    if not await uow.requests.move(request.id, expected=Status.PENDING, to=status):
        raise Conflict(f"Request {request.id} was decided by somebody else just now.", "The card shows by whom.")
    await uow.audit.append_all([decided_event(request, status, actor=actor, at=at)])
    if status is Status.APPROVED:
        await later(uow, JobKind.APPLY, request.id)
    else:
        await uow.attachments.drop(request.id)
    await notify(uow, request.id)
