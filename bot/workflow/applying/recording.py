"""Recording what an attempt at applying a request came to: items, who keeps them, and the events that tell it.

What is recorded is decided in `bot.domain.outcomes`. Of a large request it takes several transactions. One that dies in
between leaves the rest of the items open, and the next attempt records what it then reads of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from bot.domain.auditing.events import NewEvent
from bot.domain.lists.change import Operation
from bot.domain.outcomes.conclusion import conclude
from bot.domain.outcomes.item_states import (
    after_annotation,
    after_extension,
    after_keeping,
    item_events,
    items_after,
    to_keep,
)
from bot.domain.outcomes.outcome import Outcomes
from bot.domain.outcomes.texts import KeptLonger
from bot.domain.requests.keeping import EntryRecords
from bot.domain.requests.request import Item, ItemState, Request, Status
from bot.domain.telling.alert_facts import AlertName
from bot.errors import TryLater
from bot.store import Job, UnitOfWork
from bot.workflow.applying.others import SETTLED_AFTER, alone_with_intents, look_at_others
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.aside import judged_aside
from bot.workflow.shared.conclusion import queue_result_file, schedule_follow_ups, summary_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import current_states, set_items, strides
from bot.workflow.shared.jobs import notify_of
from bot.workflow.shared.keeping import EntryKeeper, alone_with_records, records


async def record(context: Context, job: Job, request: Request, waiting: Sequence[Item], outcomes: Outcomes) -> None:
    """Record what became of each waiting item, and conclude the request with the last of them.

    `outcomes` has an outcome for each of their values. Raises TenantUnavailable while one of the entries is being taken
    out at its end, and TryLater while what was not there to be removed is being added.
    """
    after = await judged_aside(len(waiting), None, partial(items_after, request, waiting, outcomes))
    parts = list(strides(after)) or [()]
    states = {item.id: item.state for item in request.items}
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await alone_with_records(uow, request)
            states = await current_states(uow, request.id, states)
            # What another request has taken out since it was sent is told already, and isn't kept.
            still = [item for item in part if states[item.id].is_open]
            recorded, events = await _record(uow, request, still, outcomes, at=context.now())
            states |= {item.id: item.state for item in recorded}
            if part is parts[-1]:
                await _conclude(context, uow, request.id, events)
                await uow.jobs.finish(job)
            else:
                await uow.audit.append_all(events)


async def _record(
    uow: UnitOfWork, request: Request, items: Sequence[Item], outcomes: Outcomes, *, at: datetime
) -> tuple[Sequence[Item], Sequence[NewEvent]]:
    """Write down how it went with some items. Returns them as they are then, and the events that tell it, to be
    appended."""
    removed: list[NewEvent] = []
    match request.operation:
        case Operation.ADD:
            keeper = await EntryKeeper.open(uow, request, [item.value for item in items])
            kept = to_keep(request, items, outcomes, keeper.known)
            longer = await keeper.keep(kept.values, at=at)
            numbers = await uow.requests.proposal_numbers({entry.request_id for entry in longer.values()})
            told = {
                value: KeptLonger(expires=entry.expires, number=numbers.get(entry.request_id, entry.request_id))
                for value, entry in longer.items()
            }
            items = after_keeping(request, items, outcomes, kept, told)
        case Operation.REMOVE:
            await _require_still_gone(uow, request, items, outcomes)
            gone = [item.value for item in items if item.state is ItemState.APPLIED]
            keeper = await EntryKeeper.open(uow, request, gone)
            removed = await keeper.release(gone, at=at)
        case Operation.EXTEND:
            extended = [item.value for item in items if item.state.holds]
            keeper = await EntryKeeper.open(uow, request, extended)
            items = after_extension(request, items, await keeper.extend(extended, at=at))
        case Operation.ANNOTATE:
            annotated = [item.value for item in items if item.state.holds]
            keeper = await EntryKeeper.open(uow, request, annotated)
            items = after_annotation(request, items, await keeper.annotate(annotated))
        case Operation.SAFE_LIST_OFF | Operation.SUBMIT:
            pass  # no entry is kept for it
    await set_items(uow, items)
    return items, [*removed, *item_events(request, items, at=at)]


async def _require_still_gone(uow: UnitOfWork, removal: Request, items: Sequence[Item], outcomes: Outcomes) -> None:
    """Raises TryLater where something that was not there to be removed is being added, or was added since the reading.

    Whoever adds it writes the intent down alone, and so is this: nobody begins until the removal is recorded.
    """
    already = [item for item in items if item.state is ItemState.ALREADY_SO]
    if not already:
        return
    await alone_with_intents(uow, removal)
    (await look_at_others(uow, removal, already)).wait(already)
    known = EntryRecords(removal, await records(uow, removal.list, [item.value for item in already]))
    for item in already:
        if outcomes.read_at is not None and any(entry.since > outcomes.read_at for entry in known.of(item.value)):
            raise TryLater(SETTLED_AFTER, f"{item.value} was added after the list was read for #{removal.proposal_id}.")


async def _conclude(context: Context, uow: UnitOfWork, request_id: int, told: Sequence[NewEvent]) -> None:
    """Say what the request came to, behind the events that are `told` of its items, and queue what follows."""
    request = await summary_of(uow, request_id)
    conclusion = conclude(request, at=context.now())
    await uow.requests.move(request_id, expected=Status.APPLYING, to=conclusion.status, failure=conclusion.failure)
    await uow.audit.append_all([*told, conclusion.event])
    await schedule_follow_ups(context, uow, request)
    await queue_result_file(uow, request)
    if conclusion.fell_short:
        await alert(uow, AlertName.REQUEST_FAILED, request_id=request_id, details=conclusion.failure)
    await notify_of(uow, request.proposal_id)
