"""What it takes to send a change: said once, for all that have a part in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.clock import Clock
from bot.domain.lists.change import Change
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.tenant.exchange.tenant import Tenant

#: Called with the values that are about to be sent; returns those that still are to be. What it writes down is on disk
#: before the first of them leaves.
Before: TypeAlias = Callable[[Sequence[str]], Awaitable[Sequence[str]]]

#: Called after each chunk with how many values it had.
After: TypeAlias = Callable[[int], Awaitable[None]]


async def _all_of_them(values: Sequence[str]) -> Sequence[str]:
    return values


async def _nothing(count: int) -> None:
    del count


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A change that is to be sent."""

    tenant: Tenant
    change: Change  #: with the values that the list, as it was read, does not show as asked
    reading: ListSnapshot  #: what `Tenant.read_for` has just returned for this change, or for one that it is part of
    now: Clock
    reference: str  #: stands beside the calls in the log
    before: Before = _all_of_them
    after: After = _nothing
