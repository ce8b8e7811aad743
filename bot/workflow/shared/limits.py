"""How much one person may have waiting at once, so that nobody can fill the queue for all others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.auditing.events import EventKind
from bot.errors import InvalidInput
from bot.store import UnitOfWork
from bot.workflow.shared.context import Context
from bot.workflow.shared.owed_answers import owe


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One thing that people may have only so many of."""

    setting: str  #: where the operator says how many
    things: str  #: what they are called, more than one of them
    until: str  #: what makes room again


class Limited(StrEnum):
    """What there is a limit for, by the name that the log has for it."""

    IMPORTS = "imports"
    CHECKS = "live checks"
    REQUESTS = "open requests"
    EMERGENCIES = "emergency blocks"


_LIMITS = {
    Limited.IMPORTS: Limit(
        setting="IMPORTS_PER_PERSON",
        things="imports that wait to be read or requested",
        until="Wait until one of them is done, then send this one again",
    ),
    Limited.CHECKS: Limit(
        setting="CHECKS_PER_PERSON",
        things="checks for which the tenant has still to be read",
        until="Wait for their answers, then check again",
    ),
    Limited.REQUESTS: Limit(
        setting="OPEN_REQUESTS_PER_PERSON",
        things="requests that wait for approval",
        until="Have some of them decided, or withdraw what is no longer needed, then ask again",
    ),
    Limited.EMERGENCIES: Limit(
        setting="EMERGENCY_PER_HOUR",
        things="emergency blocks within an hour",
        until="Request it as an ordinary block, without the word emergency, and ask an approver to decide on it now",
    ),
}


async def demand_room(context: Context, *, person: str, what: Limited, has: int, more: int = 1, delivery: str) -> None:
    """Hold somebody to what one person may have waiting: they have so many, and want so many `more`.

    Raises InvalidInput, after it was logged, once for each delivery.
    """
    most = most_of(context, what)
    if has + more <= most:
        return
    limit = _LIMITS[what]
    wanted = "" if more == 1 else f", and these are {more} more"
    error = InvalidInput(
        f"One person may have {most} {limit.things}. You have {has}{wanted}.",
        f"{limit.until}. Need more? Ask whoever runs Portcullis.",
    )
    async with context.store.write() as uow:
        if await uow.deliveries.first_time(f"limited:{delivery}"):
            await owe(uow, error)
            await uow.audit.append(
                EventKind.ACCESS_REFUSED,
                actor=person,
                target=what.value,
                payload={"why": "limit", "has": has, "more": more, "most": most},
                at=context.now(),
            )
    raise error


@asynccontextmanager
async def within_limit(
    context: Context, *, person: str, what: Limited, more: int = 1, delivery: str
) -> AsyncIterator[None]:
    """Around a transaction that says `recount`: where that finds no room, all of it is undone.

    Raises InvalidInput then, as `demand_room` does.
    """
    try:
        yield
    except _NoRoomError as found:
        await demand_room(context, person=person, what=what, has=found.has, more=more, delivery=delivery)


async def recount(
    context: Context,
    uow: UnitOfWork,
    count: Callable[[], Awaitable[int]],
    *,
    person: str,
    what: Limited,
    more: int = 1,
) -> None:
    """Count once more what somebody has, in the transaction that adds to it and before it does.

    Whoever sends many at once has room for each of them before the first is written down, in this process or another.
    """
    await uow.alone_with(f"limit:{what}:{person}")
    has = await count()
    if has + more > most_of(context, what):
        raise _NoRoomError(has)


class _NoRoomError(Exception):
    def __init__(self, has: int) -> None:
        super().__init__(has)
        self.has = has


def most_of(context: Context, what: Limited) -> int:
    """How many one person may have."""
    match what:
        case Limited.IMPORTS:
            return context.limits.imports
        case Limited.CHECKS:
            return context.limits.checks
        case Limited.REQUESTS:
            return context.limits.open_requests
        case Limited.EMERGENCIES:
            return context.limits.emergencies
