"""What is too much for one transaction is written down before it is proposed, in portions that hold nobody up.

Until the transaction that proposes it has committed, with its events and jobs, nobody sees any of it. Where that
doesn't happen, it is dropped: here, or later by `drop_left_behind`, where a process ended in between.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.domain.lists.entries import Snapshot
from bot.domain.requests.request import Request
from bot.errors import Conflict, StoreError
from bot.store import UnitOfWork
from bot.store.request_rows import NewRequest
from bot.workflow.requesting.goes_out import spelled_out
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import RECORDED_AT_ONCE

_log = structlog.get_logger(__name__)

#: Nobody writes one request down for so long.
LEFT_BEHIND = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenAhead:
    """A part of a proposal of which all rows are written down, and that nobody sees yet."""

    request: Request  #: without its items
    rows: int
    sends: Sequence[Mapping[str, object]]  #: what will go out for it, for the log


def is_large(parts: Collection[NewRequest]) -> bool:
    """Whether a proposal has more rows than one transaction writes."""
    return sum(part.rows for part in parts) > RECORDED_AT_ONCE


@asynccontextmanager
async def written_ahead(
    context: Context, parts: Sequence[NewRequest], lists: Snapshot | None, *, delivery: str
) -> AsyncIterator[Sequence[WrittenAhead]]:
    """Around the transaction that proposes a large proposal: its parts, written down before. Of a small one, none.

    What the delivery has begun is dropped at the end, but for what that transaction has finished. Where another attempt
    at the same delivery was quicker, it has dropped what this one had begun, and none is given.
    """
    if not is_large(parts):
        yield ()
        return
    try:
        yield await _written(context, parts, lists, delivery=delivery)
    except asyncio.CancelledError:
        raise  # whoever stops has no time left
    except BaseException:
        await _drop_begun_by(context, delivery)
        raise
    await _drop_begun_by(context, delivery)


async def drop_left_behind(context: Context) -> None:
    """Drop what a process that ended in between has left."""
    async with context.store.read() as uow:
        left = await uow.unfinished.begun_before(context.store.clock() - LEFT_BEHIND)
    await _drop(context, left)


async def show(context: Context, uow: UnitOfWork, part: WrittenAhead, *, at: datetime) -> Request:
    """Finish a part in the transaction that proposes it, and return its summary. Raises Conflict where it was dropped
    meanwhile."""
    await uow.unfinished.finish(part.request, written=part.rows, lapses_at=at + context.lapse_after, at=at)
    return await uow.requests.summary(part.request.id)


async def _written(
    context: Context, parts: Sequence[NewRequest], lists: Snapshot | None, *, delivery: str
) -> Sequence[WrittenAhead]:
    async with context.store.read() as uow:
        if await uow.deliveries.answered(delivery) is not None:
            return ()  # it has been dealt with
    written: list[WrittenAhead] = []
    now = context.now()
    for part in parts:
        first = written[0].request.id if written else None
        async with context.store.write() as uow:
            request = await uow.unfinished.begin(
                part, delivery=delivery, lapses_at=now + context.lapse_after, at=now, proposal_id=first
            )
        so_far = 0
        while so_far < part.rows:
            try:
                async with context.store.write() as uow:
                    so_far = await uow.unfinished.write(part, request.id, so_far=so_far, most=RECORDED_AT_ONCE)
            except Conflict:
                return ()
        sends = await spelled_out(context, request, part, lists, now=now)
        written.append(WrittenAhead(request=request, rows=so_far, sends=sends))
    return written


async def _drop_begun_by(context: Context, delivery: str) -> None:
    """Drop what a delivery has begun and not finished. What can't be dropped now is dropped later."""
    try:
        async with context.store.read() as uow:
            begun = await uow.unfinished.of(delivery)
        await _drop(context, begun)
    except StoreError as error:
        _log.info("what was written ahead is left to be dropped later", error=str(error))


async def _drop(context: Context, request_ids: Sequence[int]) -> None:
    for request_id in request_ids:
        is_gone = False
        while not is_gone:
            async with context.store.write() as uow:
                is_gone = await uow.unfinished.drop(request_id)
