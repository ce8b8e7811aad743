"""One change to the tenant, from what is still to do to what the tenant, read back, holds.

Nothing here believes an answer: whether a call said yes, no or nothing at all, each value's outcome is what the list
says afterwards. That makes it safe to run again after a crash at any point.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.lists import Entry
from bot.domain.requests import Operation
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError, ValueRefused
from bot.tenant.changes import Change, values_per_call
from bot.tenant.comparison import holds
from bot.tenant.tenant import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """How each value of a change ended."""

    done: frozenset[str] = frozenset()  #: the list, read back, is as asked
    unseen: frozenset[str] = frozenset()  #: the service said yes, and the list, read back, is not as asked
    refused: Mapping[str, str] = field(default_factory=dict)  #: value → the service's own words, or why it can't be


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the list, read just now, says of each value of a change."""

    missing: frozenset[str] = frozenset()  #: not yet as asked
    found: Mapping[str, Entry] = field(default_factory=dict)  #: of those to be added: the entries that are there


async def look(tenant: Tenant, change: Change, *, now: datetime) -> Reading:
    """Read the list, and change nothing. Raises TenantError."""
    return _reading(await tenant.read_for(change), change, now)


async def still_to_do(tenant: Tenant, change: Change, *, now: datetime) -> Reading:
    """Read the list and make way for what is still to be sent. Raises TenantError.

    An entry that is to be added, and is listed with an end date that has passed, is taken out first: it acts no more,
    and would make the new one a duplicate.
    """
    entries = await tenant.read_for(change)
    reading = _reading(entries, change, now)
    if change.operation is Operation.ADD:
        ended = tuple(
            value for value in change.values if value in reading.missing and holds(entries, value, change.action)
        )
        if ended:
            await settle(tenant, replace(change, operation=Operation.REMOVE, values=ended), now=now)
    return reading


def _reading(entries: Sequence[Entry], change: Change, now: datetime) -> Reading:
    if change.operation is Operation.REMOVE:
        there = (value for value in change.values if holds(entries, value, change.action) is not None)
        return Reading(missing=frozenset(there))
    held = {value: holds(entries, value, change.action, now=now) for value in change.values}
    return Reading(
        missing=frozenset(value for value, entry in held.items() if entry is None),
        found={value: entry for value, entry in held.items() if entry is not None},
    )


async def settle(tenant: Tenant, change: Change, *, now: datetime) -> Settled:
    """Send a change and find out what became of it.

    A refused call is halved until the values at fault stand alone, so that one bad value never costs the others.
    Raises TenantError when the outcome can't be known now (try again later, by reading first) or when the service
    took nothing of it for a passing reason.
    """
    refused: dict[str, str] = {}
    unsure: TenantError | None = None
    size = values_per_call(change.list)
    for start in range(0, len(change.values), size):
        chunk = replace(change, values=change.values[start : start + size])
        unsure = await _send(tenant, chunk, refused) or unsure
    taken = tuple(value for value in change.values if value not in refused)
    back = await tenant.read_back(replace(change, values=taken)) if taken else {}
    done = frozenset(value for value, as_asked in back.items() if as_asked)
    unseen = frozenset(taken) - done
    if unseen and unsure is not None:
        raise unsure
    done |= await _there_all_the_same(tenant, change, refused, now=now)
    return Settled(
        done=done, unseen=unseen, refused={value: words for value, words in refused.items() if value not in done}
    )


async def _there_all_the_same(
    tenant: Tenant, change: Change, refused: Mapping[str, str], *, now: datetime
) -> frozenset[str]:
    """Refused values for which the list is as asked: a duplicate that somebody added a second ago is no failure."""
    if not refused:
        return frozenset()
    try:
        reading = await look(tenant, replace(change, values=tuple(refused)), now=now)
    except (SignInFailed, PermissionMissing):
        return frozenset()
    return frozenset(refused) - reading.missing


async def _send(tenant: Tenant, change: Change, refused: dict[str, str]) -> TenantError | None:
    """Send at most a chunk. Returns the error that leaves the outcome open, if there was one."""
    try:
        await tenant.apply(change, reference=change.notes)
    except ValueRefused as error:
        if len(change.values) == 1:
            refused[change.values[0]] = error.service_text or error.what
            return None
        middle = len(change.values) // 2
        halves: Sequence[tuple[str, ...]] = (change.values[:middle], change.values[middle:])
        open_ends = [await _send(tenant, replace(change, values=half), refused) for half in halves]
        return next((error for error in open_ends if error is not None), None)
    except (SignInFailed, PermissionMissing) as error:
        # Final until the operator acts, and certain to have changed nothing.
        refused.update(dict.fromkeys(change.values, str(error)))
        return None
    except OutcomeUnknown as error:
        return error
    return None
