"""That somebody read something is written down before they are answered; a slow log doesn't keep them waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import structlog

from bot.domain.auditing.events import EventKind
from bot.domain.requests.people import Person
from bot.errors import StoreError
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: Slack waits three seconds for an answer. After so many seconds the answer goes out, and the event is written later.
PATIENCE = 1.5

#: What is still being written: the loop itself holds on to no task.
_late: set[asyncio.Task[None]] = set()


async def note_read(
    context: Context, kind: EventKind, *, actor: Person, target: str, payload: Mapping[str, object]
) -> None:
    """Write down that somebody reads something. It is on disk when this returns, unless the log was too slow.

    One event for a reading, and of no request: what others looked at is no part of its story. Raises StoreError.
    """
    # A look holds a connection: as many as there are would wait here for writings that wait for one.
    await context.store.look_anew()
    writing = asyncio.create_task(_write(context, kind, actor, target, payload))
    done, _ = await asyncio.wait({writing}, timeout=PATIENCE)
    if done:
        await writing
        return
    _log.warning("the log is slow: a reading is written down after its answer", kind=str(kind), actor=actor.user_id)
    _late.add(writing)
    writing.add_done_callback(_written_late)


async def _write(context: Context, kind: EventKind, actor: Person, target: str, payload: Mapping[str, object]) -> None:
    async with context.store.write() as uow:
        await uow.audit.append(kind, actor=actor.user_id, target=target, payload=payload, at=context.now())


def _written_late(task: asyncio.Task[None]) -> None:
    _late.discard(task)
    if task.cancelled():
        return
    if isinstance(error := task.exception(), StoreError):
        _log.error("a reading could not be written down", error=str(error))
    elif error is not None:
        _log.error("a reading could not be written down", exc_info=error)
