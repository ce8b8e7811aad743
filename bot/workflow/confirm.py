"""Some minutes after a change: is the tenant still as it was left?"""

from __future__ import annotations

from bot.domain.audit import PORTCULLIS, EventKind
from bot.domain.requests import ItemState, Operation
from bot.store import Job
from bot.tenant.comparison import holds
from bot.workflow.context import Context
from bot.workflow.kinds import alert, notify

_LASTING = frozenset({ItemState.APPLIED, ItemState.ALREADY_SO})


async def confirm(context: Context, job: Job) -> None:
    """Job: read the list once more and say of each item whether it stands. Raises TenantError to be tried again."""
    request_id = int(job.payload["request_id"])
    async with context.store.read() as uow:
        request = await uow.requests.get(request_id)
    waiting = [item for item in request.items if item.state in _LASTING]
    entries = await context.tenant.read_list(request.list) if waiting else ()
    wanted = request.operation is Operation.ADD
    now = context.now()
    standing = {
        item.id
        for item in waiting
        if (holds(entries, item.value, request.action, now=now if wanted else None) is not None) == wanted
    }
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        # A later request may have ended an entry while this one read: what it recorded is newer.
        current = {item.id: item.state for item in (await uow.requests.get(request_id, lock=True)).items}
        gone = []
        # All that stands, then all that is gone: events of one kind that follow each other are told as one step.
        for item in sorted(waiting, key=lambda item: item.id not in standing):
            if current[item.id] not in _LASTING:
                continue
            stands = item.id in standing
            if stands:
                await uow.requests.set_items({item.id: (ItemState.CONFIRMED, item.outcome)})
            else:
                gone.append(item.value)
                await uow.requests.set_items({item.id: (ItemState.REMOVED, "somebody else changed it back")})
                if wanted:
                    await uow.known.end(request.list, request.action, item.value, at=now, how="found missing")
            await uow.audit.append(
                EventKind.ITEM_CONFIRMED if stands else EventKind.ITEM_MISSING,
                actor=PORTCULLIS,
                target=item.value,
                request_id=request_id,
                payload={"operation": request.operation, "action": request.action, "list": request.list},
                at=now,
            )
        if gone:
            await alert(uow, "entry_missing", request_id=request_id, details=", ".join(gone[:10]))
        await notify(uow, request_id)
        await uow.jobs.finish(job)
