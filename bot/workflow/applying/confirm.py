"""Some minutes after a change: is the tenant still as it was left, and has what was not to be seen turned up?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.aside import aside
from bot.domain.auditing.events import NewEvent
from bot.domain.lists.change import Operation
from bot.domain.outcomes import confirmation
from bot.domain.outcomes.confirmation import Confirmation
from bot.domain.outcomes.findings import find
from bot.domain.outcomes.outcome import Outcomes, Step
from bot.domain.requests.request import Item, Request
from bot.domain.requests.requested_change import change_for
from bot.domain.telling.alert_facts import AlertName
from bot.store import Job, UnitOfWork
from bot.workflow.shared.alerts import alert
from bot.workflow.shared.conclusion import correct_status
from bot.workflow.shared.context import Context
from bot.workflow.shared.items import current_states, set_items, strides
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import ConfirmPayload, JobKind
from bot.workflow.shared.jobs import confirm_later, notify
from bot.workflow.shared.keeping import EntryKeeper, alone_with_records
from bot.workflow.shared.kept_lists import keep_list
from bot.workflow.shared.same_entries import decided_on

#: How long after the last attempt was given up the next ones begin.
AGAIN_AFTER = timedelta(hours=1)


async def confirm(context: Context, job: Job, payload: ConfirmPayload) -> None:
    """Job: read the list once more and say of each item whether it stands. Raises TenantError to be tried again.

    An item of which nothing is known is looked for as well: found, it is as good as any other, and the request is put
    right; not found, it stays unknown.
    """
    request_id = payload.request_id
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
    waiting = confirmation.to_confirm(request.items)
    at = context.now()
    outcomes = await _look(context, request, waiting, at)
    if outcomes.reading is not None:
        await keep_list(context, job, outcomes.reading)
    states = {item.id: item.state for item in request.items}
    gone: list[str] = []
    unknown = 0
    parts = list(strides(confirmation.standing_first(waiting, outcomes))) or [()]
    for part in parts:
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await alone_with_records(uow, request)
            # Locked before the items are read: a later request changes what is known of an entry first, then its items.
            keeper = await EntryKeeper.open(uow, request, [item.value for item in part])
            states = await current_states(uow, request_id, states)
            amiss = [item for item in part if outcomes[item.value].step is not Step.AS_ASKED]
            taken_out = (await decided_on(uow, request, amiss)).taken_out()
            confirmed = confirmation.confirm(
                request, part, outcomes, keeper.known, states_now=states, at=at, taken_out=taken_out
            )
            await _record(uow, keeper, request.operation, confirmed, at=at)
            states |= {item.id: item.state for item in confirmed.items}
            gone += confirmed.gone
            unknown += confirmed.unknown
            if part is parts[-1]:
                await _conclude(context, uow, job, payload, gone, unknown)


async def _look(context: Context, request: Request, waiting: Sequence[Item], at: datetime) -> Outcomes:
    if not waiting:
        return Outcomes()
    change = change_for(request, waiting)
    reading = await context.tenant.read_for(change)
    return await aside(len(reading.entries) + len(change.values), find, reading, change, now=at)


async def _record(
    uow: UnitOfWork, keeper: EntryKeeper, operation: Operation, confirmed: Confirmation, *, at: datetime
) -> None:
    """Write down what was seen of some items."""
    await set_items(uow, confirmed.items)
    await keeper.end(confirmed.kept_no_more, "found missing", at=at)
    removed = await _catch_up(keeper, operation, confirmed.late, at=at)
    await uow.audit.append_all([*removed, *confirmed.events])


async def _catch_up(keeper: EntryKeeper, operation: Operation, late: Sequence[str], *, at: datetime) -> list[NewEvent]:
    """What would have been recorded, had the change been seen at once. Additions are kept from the first.

    The list was read after `at`: what was recorded of an entry since then came after the change, and stays.
    """
    late = [value for value in late if all(entry.since <= at for entry in keeper.known.of(value))]
    match operation:
        case Operation.REMOVE:
            return await keeper.release(late, at=at)
        case Operation.EXTEND:
            await keeper.extend(late, at=at)
        case Operation.ANNOTATE:
            await keeper.annotate(late)
        case Operation.ADD | Operation.SAFE_LIST_OFF | Operation.SUBMIT:
            pass
    return []


async def _conclude(
    context: Context, uow: UnitOfWork, job: Job, payload: ConfirmPayload, gone: Sequence[str], unknown: int
) -> None:
    request_id = payload.request_id
    await correct_status(uow, request_id, at=context.now())
    if gone:
        await alert(uow, AlertName.ENTRY_MISSING, request_id=request_id, details=confirmation.named(gone))
    if unknown:
        await _look_again(context, uow, payload)
    await notify(uow, request_id)
    await uow.jobs.finish(job)


async def _look_again(context: Context, uow: UnitOfWork, payload: ConfirmPayload) -> None:
    at = confirmation.next_look(payload.looks, now=context.now(), confirm_after=context.confirm_after)
    if at is not None:
        await confirm_later(uow, payload.request_id, at=at, looks=payload.looks + 1)


async def give_up(context: Context, uow: UnitOfWork, payload: ConfirmPayload, _why: str) -> None:
    """Called in the transaction that gives up a job of this kind: what was never seen is looked for all the same.

    The operator is told of the dead job; a new one goes on trying.
    """
    await confirm_later(uow, payload.request_id, at=context.now() + AGAIN_AFTER, looks=payload.looks)


CONFIRM_JOB = JobDefinition(kind=JobKind.CONFIRM, handle=confirm, give_up=give_up)
