"""The tenant as the workflow sees it: read its lists, make one change, read back.

Everything here raises only TenantErrors, and knows nothing of requests, people or Slack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime

import structlog

from bot.domain.lists import Entry, FilterPolicy, ListName, TenantLists
from bot.domain.requests import Operation
from bot.errors import (
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    ValueRefused,
)
from bot.tenant import block_list, connection_filter, spoof
from bot.tenant.answers import REMEDY_READ_BACK
from bot.tenant.changes import Change, values_per_call
from bot.tenant.commands import Command, on_the_wire
from bot.tenant.comparison import holds
from bot.tenant.records import policy_entries
from bot.tenant.settings import TenantSettings
from bot.tenant.tokens import Tokens
from bot.tenant.transport import Transport

#: The waits between the tries of a read-back, in seconds: a write can take a moment until it shows.
READ_BACK_WAITS = (1.0, 2.0, 4.0, 8.0)

log = structlog.get_logger(__name__)


class Tenant:
    """One Microsoft 365 tenant. Construction does no I/O; `close()` when done.

    `wait` and `now` can be replaced, so that a test needs no time.
    """

    def __init__(
        self,
        settings: TenantSettings,
        *,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._tokens = Tokens(settings)
        self._transport = Transport(settings=settings, tokens=self._tokens, now=now)
        self._wait = wait
        self._now = now

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()
        await self._tokens.close()

    async def sign_in(self) -> None:
        """Get a token, or use the one there is. Raises SignInFailed, TenantUnavailable or Throttled."""
        await self._tokens.token()

    @property
    def clock_skew(self) -> float | None:
        """How far the service's clock is ahead of this machine's, in seconds; None before the first answer."""
        return self._transport.clock_skew

    async def read_lists(self, names: Collection[ListName] | None = None) -> TenantLists:
        """Read lists at the same time: all of them and the accepted domains, or only those named.

        A list that can't be read stands in `unreadable` with the reason, and the others are there all the same; a
        failed sign-in is raised, because it says nothing about any list.
        """
        wanted = tuple(name for name in ListName if names is None or name in names)
        as_of = self._now()
        domains, results = await asyncio.gather(
            self._domains_if_readable() if names is None else _no_domains(),
            asyncio.gather(*(self._attempt(name) for name in wanted)),
        )
        policies: tuple[FilterPolicy, ...] = ()
        entries: list[Entry] = []
        unreadable: dict[ListName, str] = {}
        for name, result in zip(wanted, results, strict=True):
            if isinstance(result, SignInFailed):
                raise result
            if isinstance(result, TenantError):
                unreadable[name] = str(result)
                log.warning("list unreadable", list=name.value, error=type(result).__name__, reason=str(result))
                continue
            of_policies, of_list = result
            policies += of_policies
            entries += of_list
        return TenantLists(
            as_of=as_of, policies=policies, entries=tuple(entries), unreadable=unreadable, accepted_domains=domains
        )

    async def read_list(self, name: ListName) -> tuple[Entry, ...]:
        """Every entry of one list. Raises a TenantError."""
        return (await self._read(name))[1]

    async def read_for(self, change: Change) -> tuple[Entry, ...]:
        """The entries that say whether a change is made. Raises a TenantError.

        Those of its whole list, but for an addition to the connection filter: that goes to the default policy, and what
        another policy holds is no answer to it.
        """
        if change.operation is Operation.ADD and change.list is ListName.CONNECTION_FILTER:
            policies = await connection_filter.get_policies(self._transport)
            return policy_entries((connection_filter.default_policy(policies),))
        return await self.read_list(change.list)

    async def accepted_domains(self) -> frozenset[str]:
        """The tenant's own mail domains, lower case; empty when the app's role doesn't reach that far."""
        try:
            answer = await self._transport.invoke("Get-AcceptedDomain", {}, write=False)
        except (PermissionMissing, ValueRefused) as error:
            log.warning("accepted domains unreadable", error=type(error).__name__, reason=str(error))
            return frozenset()
        names = (record.get("DomainName") for record in answer.values)
        return frozenset(name.strip().lower() for name in names if isinstance(name, str) and name.strip())

    async def apply(self, change: Change, *, reference: str | None = None) -> None:
        """Send one change of at most `values_per_call(change.list)` values.

        A removal first reads the list, to name each value as the tenant spells it, and sends nothing when the list
        holds none of them. Returns when the service took it, which is not yet proof: read back. `reference` stands
        beside the calls in the log. Raises a TenantError; after OutcomeUnknown the change may have been made, wholly or
        in part, and after any other it was not.
        """
        if not 1 <= len(change.values) <= values_per_call(change.list):
            raise ValueError(f"one change of {change.list.value} takes 1 to {values_per_call(change.list)} values")
        for position, command in enumerate(await self._commands(change)):
            parameters = {name: on_the_wire(parameter) for name, parameter in command.parameters.items()}
            try:
                answer = await self._transport.invoke(command.cmdlet, parameters, write=True, reference=reference)
            except OutcomeUnknown:
                raise
            except TenantError as error:
                if position == 0:
                    raise
                raise OutcomeUnknown(
                    f"A part of the change was made, then: {error.what}",
                    REMEDY_READ_BACK,
                    service_text=error.service_text,
                    status=error.status,
                ) from error
            for warning in answer.warnings:
                log.info("tenant warning", cmdlet=command.cmdlet, warning=warning, reference=reference)

    async def read_back(self, change: Change, *, waits: Sequence[float] = READ_BACK_WAITS) -> Mapping[str, bool]:
        """For each value of a change, whether the tenant now has it as the change wants it.

        Reads until all are so, with `waits` (seconds) between the tries, because a write can take a moment to show.
        Raises a TenantError when the list can't be read in the end: then nothing is known.
        """
        for wait in (*waits, None):
            try:
                state = await asyncio.to_thread(self._state, change, await self.read_for(change))
            except (SignInFailed, PermissionMissing):
                raise
            except TenantError:
                if wait is None:
                    raise
            else:
                if wait is None or all(state.values()):
                    return state
            await self._wait(wait)
        raise AssertionError("the last try returns or raises")

    def _state(self, change: Change, entries: Sequence[Entry]) -> dict[str, bool]:
        if change.operation is Operation.ADD:
            now = self._now()
            return {value: holds(entries, value, change.action, now=now) is not None for value in change.values}
        return {value: holds(entries, value, change.action) is None for value in change.values}

    async def _attempt(self, name: ListName) -> tuple[tuple[FilterPolicy, ...], tuple[Entry, ...]] | TenantError:
        try:
            return await self._read(name)
        except TenantError as error:
            return error

    async def _domains_if_readable(self) -> frozenset[str]:
        """The accepted domains, or none: they only sharpen what policy says, and never stop a reading of the lists."""
        try:
            return await self.accepted_domains()
        except TenantError as error:
            log.warning("accepted domains unreadable", error=type(error).__name__, reason=str(error))
            return frozenset()

    async def _read(self, name: ListName) -> tuple[tuple[FilterPolicy, ...], tuple[Entry, ...]]:
        if name is ListName.CONNECTION_FILTER:
            policies = await connection_filter.get_policies(self._transport)
            return policies, policy_entries(policies)
        if name is ListName.SPOOF:
            return (), await spoof.get_pairs(self._transport)
        return (), await block_list.get_entries(self._transport, name)

    async def _commands(self, change: Change) -> tuple[Command, ...]:
        removes = change.operation is Operation.REMOVE
        if change.list is ListName.CONNECTION_FILTER:
            return connection_filter.commands(change, await connection_filter.get_policies(self._transport))
        if change.list is ListName.SPOOF:
            return spoof.commands(
                change,
                await spoof.get_pairs(self._transport) if removes else (),
                accepted_domains=frozenset() if removes else await self.accepted_domains(),
            )
        entries = await self.read_list(change.list) if removes else ()
        return await asyncio.to_thread(block_list.commands, change, entries)


async def _no_domains() -> frozenset[str]:
    return frozenset()
