"""The audit log from some event on, oldest first, a batch at a time: however long it is, little of it is in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

from bot.domain.auditing.events import Event
from bot.store import AuditFilter, Store, UnitOfWork

#: So many events are read at once.
BATCH = 1_000


async def batches(
    store: Store, filters: AuditFilter, *, after: int = 0, size: int = BATCH
) -> AsyncIterator[Sequence[Event]]:
    """What a filter lets through after an event's number, in batches; none of them is empty.

    It ends where the log does at the time. Each batch is a transaction of its own. Raises StoreError.
    """
    while True:
        async with store.read() as uow:
            newest_first = await uow.audit.page(
                filters=replace(filters, after_seq=after, limit=size, every_request=True)
            )
        if not newest_first:
            return
        yield newest_first[::-1]
        after = newest_first[0].seq
        if len(newest_first) < size:
            return


async def numbers_of(uow: UnitOfWork, events: Sequence[Event]) -> Mapping[int, int]:
    """By which number people know the requests of some events: that of its proposal, by request."""
    return await uow.requests.proposal_numbers({each.request_id for each in events if each.request_id is not None})
