"""A copy of a part of the audit log for somebody in Slack: asked for, made, and logged once they have it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.auditing.events import Event, EventKind
from bot.domain.auditing.query import AuditQuery
from bot.domain.requests.people import Person, Right
from bot.domain.telling.audit_exports import Format, head_of, line_of
from bot.errors import Conflict, InvalidInput
from bot.store import UnitOfWork
from bot.workflow.asking.audit import demand_there, filters_of, query_of
from bot.workflow.asking.audit_batches import batches, numbers_of
from bot.workflow.shared.context import Context
from bot.workflow.shared.job_kinds import ExportPayload, JobKind
from bot.workflow.shared.jobs import enqueue
from bot.workflow.shared.rights import required

#: So many events are handed out in Slack; more, and any number, at the command line.
MOST_EVENTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """A file, and how many events are in it."""

    content: bytes
    events: int
    query: AuditQuery  #: what was looked for, as it was understood


async def ask_for_export(context: Context, *, actor: Person, text: str, form: Format, delivery: str) -> None:
    """Have a job hand out what a text asks for. What isn't understood is said at once.

    Raises NotPermitted, InvalidInput, and Conflict while the same person's last one is still to be made.
    """
    await required(context, actor, Right.QUERY_AUDIT, delivery=delivery)
    now = context.now()
    query = await query_of(context, actor=actor, text=text, now=now)
    payload = ExportPayload(user=actor.user_id, query=text, format=form.value, asked_at=now)
    async with context.store.write() as uow:
        named = replace(filters_of(query), limit=1)
        if query.request_id is not None and not await uow.audit.page(filters=named):
            await demand_there(uow, query.request_id)
        if not await uow.deliveries.first_time(f"export:{delivery}"):
            return
        key = f"{JobKind.EXPORT_AUDIT}:{actor.user_id}"
        if not await enqueue(uow, JobKind.EXPORT_AUDIT, payload, key=key, person=actor.user_id):
            raise Conflict("The file that you asked for before is still being made.", "Wait for it, then ask again.")


async def make_export(context: Context, payload: ExportPayload, *, actor: Person) -> Exported:
    """The file that somebody asked for. Raises NotPermitted, and InvalidInput for too many events, or for none."""
    await required(context, actor, Right.QUERY_AUDIT)
    query = await query_of(context, actor=actor, text=payload.query, now=payload.asked_at)
    async with context.store.read() as uow:
        head = await uow.audit.head()
        names = await uow.people.names()
    # What is logged while it is made stays out of it.
    filters = replace(filters_of(query), before_seq=1 if head is None else head.seq + 1)
    found: list[Event] = []
    numbers: dict[int, int] = {}
    async for events in batches(context.store, filters):
        found += events
        async with context.store.read() as uow:
            numbers |= await numbers_of(uow, events)
        if len(found) > MOST_EVENTS:
            raise InvalidInput(
                f"That is more than {MOST_EVENTS:,} events, which is as much as goes into a file here.",
                "Ask for a shorter time, or have the operator run portcullis audit export.",
            )
    if not found:
        # Slack takes no file with nothing in it.
        raise InvalidInput("Nothing was found for the file that you asked for.", "/audit shows what there is.")
    content = await asyncio.to_thread(_content, found, Format(payload.format), names, numbers)
    return Exported(content=content, events=len(found), query=query)


async def note_exported(uow: UnitOfWork, payload: ExportPayload, *, events: int, at: datetime) -> None:
    """Write down that somebody was handed the file, in the transaction that remembers that they have it."""
    await uow.audit.append(
        EventKind.AUDIT_EXPORTED,
        actor=payload.user,
        target="audit log",
        payload={"query": payload.query[:200], "format": payload.format, "events": events},
        at=at,
    )


def _content(events: Sequence[Event], form: Format, names: Mapping[str, str], numbers: Mapping[int, int]) -> bytes:
    lines = (line_of(event, form, names, numbers) for event in events)
    return (head_of(form) + "".join(lines)).encode(errors="replace")
