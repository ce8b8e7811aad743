"""The audit log, handed on to a program elsewhere: in order, and again until it says that it has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.domain.telling.audit_exports import line_of
from bot.errors import ReceiverFailed
from bot.store import AuditFilter, Job
from bot.workflow.asking.audit_batches import numbers_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_definition import JobDefinition
from bot.workflow.shared.job_kinds import JobKind, NothingPayload

#: How often it is looked for new events.
HAND_ON_EVERY = timedelta(seconds=10)

#: So many events go at once, and so much text, in characters: an event of a large import can be long.
BATCH = 100
_LARGEST = 500_000
#: So many times in one job; then others of its lane have their turn.
_ROUNDS = 100


async def hand_on(context: Context, job: Job, _payload: NothingPayload) -> None:
    """Job: hand on what the receiver doesn't have yet. Without a receiver there is nothing to do.

    The cursor moves once the receiver has said that it has a batch, so that after a kill it gets that batch again. A
    batch that it refuses for what it says is halved, so that all before the event at fault arrives; nothing is passed
    over. Raises ReceiverFailed to be tried again, with that event's number.
    """
    receiver = context.receiver
    if receiver is None:
        return
    most = BATCH
    for _ in range(_ROUNDS):
        async with context.store.read() as uow:
            at = await uow.audit_cursors.at(receiver.name)
            events = (await uow.audit.page(filters=AuditFilter(after_seq=at, limit=most)))[::-1]
            names = await uow.people.names()
            numbers = await numbers_of(uow, events)
        if not events:
            return
        lines = _that_fit([line_of(event, context.receiver_format, names, numbers) for event in events])
        first, last = events[0].seq, events[len(lines) - 1].seq
        try:
            await receiver.send("".join(lines).encode(errors="replace"), first=first, last=last)
        except ReceiverFailed as failed:
            most = len(lines) // 2
            if not failed.refuses_content:
                raise
            if not most:
                raise _refused(first, failed) from failed
            continue
        async with context.store.write() as uow:
            await uow.jobs.hold(job)
            await uow.audit_cursors.move(receiver.name, last)


def _refused(number: int, failed: ReceiverFailed) -> ReceiverFailed:
    return ReceiverFailed(
        f"{failed.what} It refuses event {number}, sent by itself, so that this one and all after it wait.",
        f"Look at the event: portcullis audit list --before {number + 1} --limit 1. {failed.remedy}",
        retry_after=failed.retry_after,
    )


def _that_fit(lines: Sequence[str]) -> list[str]:
    """As many lines as go at once: one in any case."""
    taken, size = list(lines[:1]), len(lines[0])
    for line in lines[1:]:
        size += len(line)
        if size > _LARGEST:
            break
        taken.append(line)
    return taken


HAND_ON_JOB = JobDefinition(kind=JobKind.HAND_ON, handle=hand_on)
