"""Some minutes after a change: is the tenant still as it was left, and has what was not to be seen turned up?"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Entry
from bot.domain.outcomes.findings import Found, find
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.requests.requested_change import change_for
from bot.store import Job, UnitOfWork
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import current_states, strides
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.jobs import ConfirmPayload, JobKind, alert, confirm_later, notify
from bot.workflow.shared.keeping import EntryKeeper

#: How often a change that was sent and never seen is looked for, each time after twice the wait: about a day in all.
LOOKS = 9

#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)

#: How many of what is gone are named in the alert.
_TOLD = 10

CHANGED_BACK = "somebody else changed it back"
LATE = "the list showed it late"

_NUMBER_IN_NOTES = re.compile(r"Portcullis request (\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the list says of the items of a request: all that stand, then all that don't, so that each is told once."""

    request: Request
    found: Found
    items: Sequence[Item]
    at: datetime

    def stands(self, item: Item) -> bool:
        return item.value not in self.found.missing and item.value not in self.found.barred


async def confirm(context: Context, job: Job, payload: ConfirmPayload) -> None:
    """Job: read the list once more and say of each item whether it stands. Raises TenantError to be tried again.

    An item of which nothing is known is looked for as well: found, it is as good as any other, and the request is put
    right; not found, it stays unknown.
    """
    request_id = payload.request_id
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
    waiting = [item for item in request.items if item.state.awaits_confirmation or item.state is ItemState.INTENDED]
    seen = await _look(context, request, waiting)
    gone: list[str] = []
    unknown = 0
    states = {item.id: item.state for item in request.items}
    parts = list(strides(seen.items)) or [()]
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            # Locked before the items are read: a later request changes what is known of an entry first, then its items.
            keeper = await EntryKeeper.open(uow, request, [item.value for item in part])
            states = await current_states(uow, request_id, states)
            part_gone, part_unknown = await _record(uow, seen, part, states, keeper)
            gone += part_gone
            unknown += part_unknown
            if part is parts[-1]:
                await _conclude(context, uow, job, payload, gone, unknown)


async def _look(context: Context, request: Request, waiting: Sequence[Item]) -> _Seen:
    now = context.now()
    if not waiting:
        return _Seen(request=request, found=Found(), items=(), at=now)
    change = change_for(request, waiting)
    reading = await context.tenant.read_for(change)
    found = await asyncio.to_thread(find, reading, change, now=now)
    absent = found.missing | found.barred.keys()
    return _Seen(
        request=request, found=found, items=sorted(waiting, key=lambda item: (item.value in absent, item.id)), at=now
    )


async def _record(
    uow: UnitOfWork, seen: _Seen, part: Sequence[Item], current: dict[int, ItemState], keeper: EntryKeeper
) -> tuple[list[str], int]:
    """Record what was seen of some items, in `current` too. Returns what is gone, and how many are still unknown."""
    request = seen.request
    # A later request may have ended an entry while this one read: what it recorded is newer.
    unchanged = [item for item in part if current[item.id] is item.state]
    standing = [item for item in unchanged if seen.stands(item)]
    absent = [item for item in unchanged if not seen.stands(item)]
    overtaken = {item.id for item in absent if _overtaken(request, keeper.known, seen.found.entries, item)}
    gone = [item for item in absent if item.state.awaits_confirmation and item.id not in overtaken]
    late = [item for item in standing if item.state is ItemState.INTENDED]
    states = {item.id: (ItemState.CONFIRMED, LATE if item in late else item.outcome) for item in standing}
    states |= {item.id: (ItemState.REMOVED, CHANGED_BACK) for item in gone}
    await uow.requests.set_items(states)
    current |= {item_id: state for item_id, (state, _) in states.items()}
    await _end_what_is_gone(seen, keeper, gone)
    removed = await _catch_up(keeper, request.operation, [item.value for item in late], at=seen.at)
    await uow.audit.append_all(
        [
            *removed,
            *(_event(EventKind.ITEM_CONFIRMED, request, item, seen.at) for item in standing),
            *(_event(EventKind.ITEM_MISSING, request, item, seen.at) for item in gone),
        ]
    )
    unknown = sum(item.state is ItemState.INTENDED and item.id not in overtaken for item in absent)
    return [item.value for item in gone], unknown


def _overtaken(request: Request, known: EntryRecords, entries: Mapping[str, Entry], item: Item) -> bool:
    """Whether a later request gave the entry yet another end, or other notes: then this one's no longer matter."""
    if not request.operation.edits or item.value not in entries:
        return False
    if request.operation is Operation.EXTEND:
        return any(entry.request_id != request.id for entry in known.of(item.value))
    if any(entry.notes != request.reason for entry in known.of(item.value)):
        return True
    number = _NUMBER_IN_NOTES.search(entries[item.value].notes)
    return number is not None and int(number[1]) > request.id


async def _end_what_is_gone(seen: _Seen, keeper: EntryKeeper, gone: Sequence[Item]) -> None:
    """Nothing is kept of an entry that is no longer there; one that merely has another end or other notes is."""
    if not seen.request.operation.gives_an_end:
        return
    missing = [item.value for item in gone if item.value not in seen.found.entries]
    await keeper.end(missing, "found missing", at=seen.at)


async def _catch_up(keeper: EntryKeeper, operation: Operation, late: Sequence[str], *, at: datetime) -> list[NewEvent]:
    """What would have been recorded, had the change been seen at once. Additions are kept from the first."""
    match operation:
        case Operation.REMOVE:
            return await keeper.release(late, at=at)
        case Operation.EXTEND:
            await keeper.extend(late, at=at)
        case Operation.ANNOTATE:
            await keeper.annotate(late)
    return []


async def _conclude(
    context: Context, uow: UnitOfWork, job: Job, payload: ConfirmPayload, gone: Sequence[str], unknown: int
) -> None:
    request_id = payload.request_id
    await correct_status(uow, request_id, at=context.now())
    if gone:
        more = f" and {len(gone) - _TOLD:,} more" if len(gone) > _TOLD else ""
        await alert(uow, "entry_missing", request_id=request_id, details=", ".join(gone[:_TOLD]) + more)
    if unknown:
        await _look_again(context, uow, payload)
    await notify(uow, request_id)
    await uow.jobs.finish(job)


async def _look_again(context: Context, uow: UnitOfWork, payload: ConfirmPayload) -> None:
    if payload.looks < LOOKS:
        at = context.now() + context.confirm_after * 2**payload.looks
        await confirm_later(uow, payload.request_id, at=at, looks=payload.looks + 1)


def _event(kind: EventKind, request: Request, item: Item, at: datetime) -> NewEvent:
    return NewEvent(
        kind=kind,
        actor=PORTCULLIS,
        target=item.value,
        request_id=request.id,
        payload={"operation": request.operation, "action": request.action, "list": request.list},
        at=at,
    )


async def give_up(context: Context, uow: UnitOfWork, payload: ConfirmPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: what was never seen is looked for all the same.

    The operator is told of the dead job; a new one goes on trying.
    """
    await confirm_later(uow, payload.request_id, at=context.now() + AGAIN_AFTER, looks=payload.looks)


CONFIRM_JOB = JobDefinition(kind=JobKind.CONFIRM, handle=confirm, give_up=give_up)
