"""A day before the end of what a request keeps: the requester is told, and can ask for another end."""

from __future__ import annotations

import asyncio

from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.requests.requested_change import change_for
from bot.store import Job, UnitOfWork
from bot.workflow.ending.expire import still_kept
from bot.workflow.shared.context import Context
from bot.workflow.shared.jobs import notify

#: How many of what ends are named in the event; the count is of all.
MOST_NAMED = 100

_STANDING = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED})


async def remind(context: Context, job: Job) -> None:
    """Job: tell the requester what ends soon. Raises TenantError to be tried again.

    Nobody is told of what another request keeps by now, of what is no longer on the list, or after the end.
    """
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
        ending = await _standing(uow, request)
    now = context.now()
    if ending and request.expires is not None and now < request.expires:
        change = change_for(request, ending, operation=Operation.REMOVE)
        listed = await asyncio.to_thread(_listed, await context.tenant.read_for(change), change)
        ending = [item for item in ending if item.value in listed]
    else:
        ending = []
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        still = {item.id for item in await _standing(uow, await uow.requests.get(request_id))}
        items = [item.value for item in ending if item.id in still]
        if items:
            await uow.audit.append(
                EventKind.REQUEST_REMINDED,
                actor=PORTCULLIS,
                target=f"request {request_id}",
                request_id=request_id,
                payload={"items": items[:MOST_NAMED], "count": len(items), "expires": request.expires},
                at=now,
            )
            await notify(uow, request_id)
        await uow.jobs.finish(job)


async def _standing(uow: UnitOfWork, request: Request) -> list[Item]:
    return [item for item in await still_kept(uow, request) if item.state in _STANDING]


def _listed(reading: ListSnapshot, change: Change) -> frozenset[str]:
    return frozenset(value for value in change.values if reading.holds(value, change.action) is not None)
