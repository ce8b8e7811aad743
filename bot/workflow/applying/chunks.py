"""Sending a change of any size: chunk by chunk, so that one bad value costs the others nothing, and few calls.

A refused chunk has changed nothing. The list is read once for it: what is there already (or gone already, or can't be)
is dropped, and the rest is sent again whole. If nothing was to be dropped, or the rest is refused too, it is halved,
and so on: for n values, b of them bad, at most n/20 + b·(2·log₂ 20 + 2) calls, and a reading for each refused chunk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeAlias

from bot.domain.lists.change import Change, values_per_call
from bot.domain.lists.list_snapshot import ListSnapshot
from bot.domain.outcomes.findings import find
from bot.errors import OutcomeUnknown, PermissionMissing, SignInFailed, TenantError, ValueRefused
from bot.tenant.exchange.tenant import Tenant
from bot.workflow.shared.items import strides

#: Called with the values that are about to be sent; returns those that still are to be. What it writes down is on disk
#: before the first of them leaves.
Before: TypeAlias = Callable[[Sequence[str]], Awaitable[Sequence[str]]]

#: Called after each chunk with how many values it had.
After: TypeAlias = Callable[[int], Awaitable[None]]

#: For how many values at a time `Before` is called: as many are in doubt when the worker dies.
INTENDED_AT_ONCE = 100

#: After so many calls in a row without an answer, the rest is left to the next attempt.
MOST_UNANSWERED = 3


@dataclass(slots=True, kw_only=True)
class Sent:
    """What became of the calls: not yet of the values, which only a reading shows."""

    taken: list[str] = field(default_factory=list)  #: the service said yes, or nothing, or the list is so already
    refused: dict[str, str] = field(default_factory=dict)  #: value → the service's own words, or why it can't be
    left: list[str] = field(default_factory=list)  #: never sent
    unsure: TenantError | None = None  #: the last call whose answer was lost


async def send_in_chunks(
    tenant: Tenant,
    change: Change,
    *,
    reading: ListSnapshot,
    now: Callable[[], datetime],
    reference: str,
    before: Before | None = None,
    after: After | None = None,
) -> Sent:
    """Send all values of a change. `reading` is what `Tenant.read_for` has just returned for it.

    Raises TenantError when the service took nothing of a chunk for a passing reason, or the list can't be read after a
    refusal: then what was sent before is to be read back.
    """
    return await _Sending(tenant, change, reading, now, reference).run(before, after)


class _Sending:
    """One run of `send`."""

    def __init__(
        self, tenant: Tenant, change: Change, reading: ListSnapshot, now: Callable[[], datetime], reference: str
    ) -> None:
        self._tenant = tenant
        self._change = change
        self._reading = reading
        self._now = now
        self._reference = reference
        self._sent = Sent()
        self._final: TenantError | None = None
        self._unanswered = 0

    async def run(self, before: Before | None, after: After | None) -> Sent:
        size = values_per_call(self._change.list, self._change.operation)
        begun = 0
        for stride in strides(self._change.values, INTENDED_AT_ONCE):
            begun += len(stride)
            still = tuple(await before(stride)) if before is not None else tuple(stride)
            for chunk in strides(still, size):
                if self._is_over:
                    self._sent.left += chunk
                    continue
                await self._send(tuple(chunk))
                if after is not None:
                    await after(len(chunk))
            if self._is_over:
                break
        self._sent.left += self._change.values[begun:]
        if self._final is not None:
            # Trying again changes nothing until the operator acts: what was not sent is refused for the same reason.
            self._sent.refused |= dict.fromkeys(self._sent.left, str(self._final))
            self._sent.left = []
        return self._sent

    @property
    def _is_over(self) -> bool:
        return self._final is not None or self._unanswered >= MOST_UNANSWERED

    async def _send(self, values: tuple[str, ...], *, looked: bool = False) -> None:
        if self._final is not None:
            self._sent.left += values
            return
        try:
            await self._tenant.apply(
                replace(self._change, values=values), reading=self._reading, reference=self._reference
            )
        except ValueRefused as error:
            await self._narrow(values, error, looked=looked)
        except (SignInFailed, PermissionMissing) as error:
            # Certain to have changed nothing.
            self._final = error
            self._sent.left += values
        except OutcomeUnknown as error:
            self._unanswered += 1
            self._sent.unsure = error
            self._sent.taken += values
        else:
            self._unanswered = 0
            self._sent.taken += values

    async def _narrow(self, values: tuple[str, ...], error: ValueRefused, *, looked: bool) -> None:
        """Find the values at fault in a refused call."""
        if len(values) == 1:
            self._sent.refused[values[0]] = error.service_text or error.what
            return
        if not looked:
            rest = await self._without_settled(values)
            if len(rest) < len(values):
                if rest:
                    await self._send(rest, looked=True)
                return
        middle = len(values) // 2
        await self._send(values[:middle], looked=True)
        await self._send(values[middle:], looked=True)

    async def _without_settled(self, values: tuple[str, ...]) -> tuple[str, ...]:
        """The values that are still to be sent, by what the list says now."""
        change = replace(self._change, values=values)
        self._reading = await self._tenant.read_for(change)
        found = await asyncio.to_thread(find, self._reading, change, now=self._now())
        self._sent.refused |= found.barred
        self._sent.taken += [value for value in values if value not in found.missing and value not in found.barred]
        return tuple(value for value in values if value in found.missing)
