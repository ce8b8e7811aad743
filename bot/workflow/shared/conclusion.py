"""What a request came to, by its items, and what follows from that later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.requests.ends import is_ours_to_end
from bot.domain.requests.request import Request, Status
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import LARGE
from bot.workflow.shared.jobs import JobKind, confirm_later, later, notify

#: Of how many items the reasons are gathered: those that matter most come first in a summary.
_REASONS_OF = 50

#: How long after an end that the service keeps it is looked whether it came.
AFTER_THE_END = timedelta(minutes=15)

#: How long before its end people are reminded, and how long a thing has to last for that.
REMIND_BEFORE = timedelta(days=1)
REMIND_IF_LONGER_THAN = timedelta(days=2)


def result(request: Request) -> tuple[Status, EventKind]:
    """What a request came to, by its items: one of which nothing is known counts as not made."""
    not_made = sum(count for state, count in request.counts.items() if not state.was_made)
    if not_made == 0:
        return Status.APPLIED, EventKind.REQUEST_APPLIED
    if not_made < request.total:
        return Status.PARTLY_APPLIED, EventKind.REQUEST_PARTLY_APPLIED
    return Status.FAILED, EventKind.REQUEST_FAILED


def failure(request: Request) -> str:
    """Why not all of a request came through, for people."""
    words = {item.outcome for item in request.items if not item.state.was_made}
    return "; ".join(sorted(filter(None, words)))[:1000]


def counts(request: Request) -> dict[str, int]:
    """How many items of a request are in each state, as an event tells it."""
    return {state.value: count for state, count in sorted(request.counts.items()) if count}


async def summary_of(uow: UnitOfWork, request_id: int) -> Request:
    """A request with the counts of all its items, and those of them that matter most."""
    return await uow.requests.summary(request_id, items=_REASONS_OF)


async def schedule_follow_ups(context: Context, uow: UnitOfWork, request: Request) -> None:
    """Queue what follows once something was sent for a request: the confirmation, its end, and the word before that.

    Whether it came through or nobody knows makes no difference: an entry that shows late has to end as well.
    """
    if not any(state.was_made or state.may_hold for state, count in request.counts.items() if count):
        return
    now = context.now()
    await confirm_later(uow, request.id, at=now + context.confirm_after)
    if not request.operation.gives_an_end or request.expires is None:
        return
    ends = request.expires if is_ours_to_end(request) else request.expires + AFTER_THE_END
    await later(uow, JobKind.EXPIRE, request.id, at=ends)
    if request.expires - now > REMIND_IF_LONGER_THAN:
        await later(uow, JobKind.REMIND, request.id, at=request.expires - REMIND_BEFORE)


async def queue_result_file(uow: UnitOfWork, request: Request) -> None:
    """Have the file with a line for each indicator posted: of an import, and where a card can't show them all."""
    is_imported = any(item.line is not None for item in request.items)
    if request.total > LARGE or request.set_aside or is_imported:
        await later(uow, JobKind.RESULT, request.id)


async def correct_status(uow: UnitOfWork, request_id: int, *, at: datetime) -> None:
    """Move a request on that was said to have failed, when what was sent for it turned up after all."""
    request = await summary_of(uow, request_id)
    if not request.status.may_improve:
        return
    status, kind = result(request)
    if status in {request.status, Status.FAILED}:
        return
    if await uow.requests.move(request_id, expected=request.status, to=status, failure=failure(request)):
        payload: Mapping[str, object] = {**counts(request), "late": True}
        await uow.audit.append(
            kind,
            actor=PORTCULLIS,
            target=f"request {request_id}",
            request_id=request_id,
            payload=payload,
            at=at,
        )
        await notify(uow, request_id)
