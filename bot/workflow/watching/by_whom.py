"""Who made the changes that nobody requested: the tenant's audit log is asked, again while its records are late.

The question is left there at one reading of the lists, and its answer looked at by a later one. Whatever goes wrong
with it holds up no reading.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

import structlog

from bot.domain.requests.attributing import (
    CLOCKS,
    AdminLog,
    AdminRecord,
    ask_at,
    attributed_event,
    may_be_named,
    operations,
    unattributed_event,
)
from bot.domain.requests.unrequested import UnrequestedChange
from bot.errors import TenantError
from bot.store.databases import in_chunks
from bot.store.unrequested import Asking
from bot.tenant.audit_records import AuditRecords, QueryStatus
from bot.workflow.shared.alerts import tell_of_unrequested
from bot.workflow.shared.context import Context

_log = structlog.get_logger(__name__)

#: A question that hasn't run by then, counted from when it was due, is left anew.
_RUNS_AT_MOST = timedelta(hours=12)

#: Of so many readings the log is asked at a time: each is a question of its own.
_MOST_AT_ONCE = 5

#: So many changes get their names in one transaction: of a list that was emptied there are thousands.
_STRIDE = 200


async def find_out_who(context: Context) -> None:
    """Ask about what is due, and fill in what is found: in the alert, and in the log as an event of its own."""
    service = context.audit_records
    if service is None:
        return
    async with context.store.read() as uow:
        due = await uow.unrequested.to_ask(context.now(), most=_MOST_AT_ONCE)
    for asking in due:
        try:
            await _ask(context, service, asking)
        except TenantError as error:
            _log.warning("the tenant's audit log was not read", reading=asking.reading, reason=str(error))
            await _ask_later(context, asking)


async def _ask(context: Context, service: AuditRecords, asking: Asking) -> None:
    if not asking.query:
        named = {each for change in asking.changes for each in operations(change)}
        if not named:
            await _ask_later(context, asking)
            return
        query = await service.leave_query(
            since=min(change.since for change in asking.changes) - CLOCKS,
            until=max(change.seen_at for change in asking.changes) + CLOCKS,
            operations=named,
        )
        async with context.store.write() as uow:
            await uow.unrequested.note_query(asking, query)
        return
    status = await service.status(asking.query)
    if status is QueryStatus.RUNNING and context.now() - asking.due < _RUNS_AT_MOST:
        return
    records: Sequence[AdminRecord] = ()
    if status is QueryStatus.SUCCEEDED:
        records = await service.records(asking.query)
    await _fill_in(context, service, asking, records)
    await _ask_later(context, asking)


async def _fill_in(context: Context, service: AuditRecords, asking: Asking, records: Sequence[AdminRecord]) -> None:
    # Thousands of changes and long records take seconds: in a thread, so that nobody waits for them.
    found = await asyncio.to_thread(_who_did, asking, records, service.own)
    named = [(change, record) for change, record in found if record is not None]
    for some in in_chunks(named, _STRIDE):
        async with context.store.write() as uow:
            events = [
                attributed_event(change, record, at=context.now())
                for change, record in some
                if await uow.unrequested.set_actor(change.number, record)
            ]
            await uow.audit.append_all(events)
            if events:
                await tell_of_unrequested(uow, asking.reading)


def _who_did(
    asking: Asking, records: Sequence[AdminRecord], own: Collection[str]
) -> list[tuple[UnrequestedChange, AdminRecord | None]]:
    log = AdminLog(records, own=own)
    return [(change, log.who_did(change)) for change in asking.changes]


async def _ask_later(context: Context, asking: Asking) -> None:
    """Ask once more when it is time, or give up those of whom nothing is known by then, with a line in the alert and in
    the log."""
    async with context.store.write() as uow:
        left = [each for each in await uow.unrequested.of_reading(asking.reading) if not each.actor]
        if not left:
            await uow.unrequested.ask_again(asking, None)
            return
        at = ask_at(left[0], asking.times + 1)
        if not await uow.unrequested.ask_again(asking, at) or at is not None:
            return
        events = [unattributed_event(each, at=context.now()) for each in left if may_be_named(each)]
        await uow.audit.append_all(events)
        if events:
            await tell_of_unrequested(uow, asking.reading)
