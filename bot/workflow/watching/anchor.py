"""The audit log's head, kept outside the database each day: in a file, and told to the alert channel."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.anchoring.keeper import AnchorKeeper, KeptAnchor
from bot.domain.auditing.events import PORTCULLIS, EventKind
from bot.domain.telling.alert_facts import AlertName
from bot.store import Job, Store, UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import AlertPayload, JobKind, NothingPayload
from bot.workflow.shared.jobs import enqueue

ANCHOR_EVERY = timedelta(days=1)


async def anchor(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: keep the head as it is now. A log without any event has none."""
    kept = await keep_head_of(context.store, context.anchors)
    if kept is None:
        return
    async with context.store.write() as uow:
        await uow.jobs.hold(job)
        await note_kept(uow, kept, actor=PORTCULLIS, at=context.now())
        await uow.jobs.finish(job)


async def keep_head_of(store: Store, keeper: AnchorKeeper) -> KeptAnchor | None:
    """Sign, stamp and keep the head of a log as it is now; None where it has no event yet."""
    async with store.read() as uow:
        head = await uow.audit.head()
    if head is None or head.seq == 0:
        return None
    return await keeper.keep(store.tenant_id, head, at=store.clock())


async def note_kept(uow: UnitOfWork, kept: KeptAnchor, *, actor: str, at: datetime) -> None:
    """Have the alert channel told of a head that was kept, and write that down, in this transaction."""
    told = f"{kept.anchor.seq} {kept.anchor.hash}"
    await enqueue(
        uow,
        JobKind.ALERT,
        AlertPayload(what=AlertName.LOG_ANCHORED.value, details=" ".join([told, *kept.problems])),
    )
    await uow.audit.append(
        EventKind.AUDIT_ANCHORED,
        actor=actor,
        target="audit log",
        payload={
            "seq": kept.anchor.seq,
            "hash": kept.anchor.hash,
            "signed": bool(kept.anchor.signature),
            "time_stamped": bool(kept.anchor.time_stamp),
            "problems": list(kept.problems),
        },
        at=at,
    )


ANCHOR_JOB = JobDefinition(kind=JobKind.ANCHOR, handle=anchor)
