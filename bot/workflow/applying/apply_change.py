"""One change to the tenant, from what is still to do to what the tenant, read back, holds.

Nothing here believes an answer: whether a call said yes, no or nothing at all, each value's outcome is what the list
says afterwards. That makes it safe to run again after a crash at any point.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Entry
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes.findings import Found, find, in_the_way
from bot.errors import PermissionMissing, SignInFailed
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.applying.chunks import After, Before, Sent, send_in_chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How each value of a change ended."""

    done: frozenset[str] = frozenset()  #: the list, read back, is as asked
    unseen: frozenset[str] = frozenset()  #: the service said yes, and the list, read back, is not as asked
    refused: Mapping[str, str] = field(default_factory=dict)  #: value → the service's own words, or why it can't be
    entries: Mapping[str, Entry] = field(default_factory=dict)  #: of what was added or edited: the entries, read back


async def read_list(tenant: Tenant, change: Change, *, now: datetime) -> Found:
    """Read the list, and change nothing. Raises TenantError."""
    return await asyncio.to_thread(find, await tenant.read_for(change), change, now=now)


async def make_way(tenant: Tenant, change: Change, reading: ListSnapshot, found: Found, *, reference: str) -> None:
    """Take out the ended entries that stand in the way of what is to be added. Raises TenantError.

    Whether that came off shows when the addition is sent.
    """
    for action, values in (await asyncio.to_thread(in_the_way, reading, change, found)).items():
        removal = replace(change, operation=Operation.REMOVE, action=action, values=values, expires=None, notes="")
        await apply_change(tenant, removal, reading=reading, now=lambda: reading.as_of, reference=reference)


async def apply_change(
    tenant: Tenant,
    change: Change,
    *,
    reading: ListSnapshot,
    now: Callable[[], datetime],
    reference: str,
    before: Before | None = None,
    after: After | None = None,
) -> Settled:
    """Send a change and find out what became of it. `reading` is what `Tenant.read_for` has just returned for it.

    Raises TenantError when the outcome can't be known now (try again later, by reading first) or when the service
    took nothing of it for a passing reason.
    """
    sent = await send_in_chunks(
        tenant, change, reading=reading, now=now, reference=reference, before=before, after=after
    )
    back = await _read_back(tenant, change, sent)
    if back is None:
        return Settled(refused=sent.refused)
    tried = replace(change, values=(*dict.fromkeys((*sent.taken, *sent.refused)),))
    found = await asyncio.to_thread(find, back, tried, now=now())
    # A refused value for which the list is as asked: a duplicate that somebody added a second ago is no failure.
    done = frozenset(value for value in tried.values if value not in found.missing and value not in found.barred)
    unseen = frozenset(sent.taken) - done
    if (unseen or sent.left) and sent.unsure is not None:
        raise sent.unsure
    return Settled(
        done=done,
        unseen=unseen,
        refused={value: words for value, words in sent.refused.items() if value not in done},
        entries=found.entries,
    )


async def _read_back(tenant: Tenant, change: Change, sent: Sent) -> ListSnapshot | None:
    if sent.taken:
        return await tenant.read_back(replace(change, values=tuple(sent.taken)))
    if not sent.refused:
        return None
    try:
        return await tenant.read_for(replace(change, values=tuple(sent.refused)))
    except (SignInFailed, PermissionMissing):
        return None
