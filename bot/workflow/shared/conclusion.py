"""What a request came to, written down, and what follows from that queued: `bot.domain.outcomes` says what it is."""

from __future__ import annotations

from datetime import datetime

from bot.domain.outcomes.conclusion import conclude_late
from bot.domain.outcomes.follow_ups import follow_ups, has_result_file
from bot.domain.requests.request import Request
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.jobs import confirm_later, later, notify

#: Of how many items the reasons are gathered: those that matter most come first in a summary.
_REASONS_OF = 50


async def summary_of(uow: UnitOfWork, request_id: int) -> Request:
    """A request with the counts of all its items, and those of them that matter most."""
    return await uow.requests.summary(request_id, items=_REASONS_OF)


async def schedule_follow_ups(context: Context, uow: UnitOfWork, request: Request) -> None:
    """Queue what follows once something was sent for a request, as a summary of it has it."""
    due = follow_ups(request, now=context.now(), confirm_after=context.confirm_after)
    if due.confirm is not None:
        await confirm_later(uow, request.id, at=due.confirm)
    if due.expire is not None:
        await later(uow, JobKind.EXPIRE, request.id, at=due.expire)
    if due.remind is not None:
        await later(uow, JobKind.REMIND, request.id, at=due.remind)


async def queue_result_file(uow: UnitOfWork, request: Request) -> None:
    """Have the file with a line for each indicator posted, where a request has one."""
    if has_result_file(request):
        await later(uow, JobKind.RESULT, request.id)


async def correct_status(uow: UnitOfWork, request_id: int, *, at: datetime) -> None:
    """Move a request on that was said to have failed, when what was sent for it turned up after all."""
    request = await summary_of(uow, request_id)
    conclusion = conclude_late(request, at=at)
    if conclusion is None:
        return
    if await uow.requests.move(request_id, expected=request.status, to=conclusion.status, failure=conclusion.failure):
        await uow.audit.append_all([conclusion.event])
        await notify(uow, request_id)
