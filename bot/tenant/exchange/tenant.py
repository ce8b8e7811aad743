"""The tenant as the workflow sees it: read its lists, make one change, read it back.

Everything here raises only TenantErrors, and knows nothing of requests, people or Slack.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.aside import aside
from bot.clock import Clock, utc_now
from bot.domain.lists.change import Change, Operation, reaches_tenant, values_per_call
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.domain.lists.traits import Cmdlets, ListName
from bot.domain.overrides.override import PlaceReading
from bot.domain.overrides.safe_senders import JunkSettings
from bot.errors import (
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    ValueRefused,
)
from bot.tenant.access import TenantAccess
from bot.tenant.calling.answers import REMEDY_READ_BACK
from bot.tenant.calling.transport import Transport
from bot.tenant.exchange import list_reading
from bot.tenant.exchange.change_parts import cmdlets_to_send
from bot.tenant.exchange.cmdlets import cmdlets_for, on_the_wire
from bot.tenant.exchange.junk_settings import read_junk_settings
from bot.tenant.exchange.override_reading import read_places
from bot.tenant.exchange.records import EntryReader
from bot.tenant.exchange.shared_readings import Begins, SharedReadings
from bot.tenant.signing_in.access_tokens import AccessTokens

#: The waits between the tries of a read-back, in seconds: a write can take a moment until it shows.
READ_BACK_WAITS = (1.0, 2.0, 4.0, 8.0)

#: How long the tenant's own domains are taken for what they were.
DOMAINS_REMEMBERED = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class Tenant:
    """One Microsoft 365 tenant. Construction does no I/O; `close()` when done.

    With `overrides` the places beside the lists are read too. `wait` and `now` can be replaced, so that a test needs no
    time.
    """

    def __init__(
        self,
        settings: TenantAccess,
        *,
        overrides: bool = False,
        wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
        now: Clock = utc_now,
    ) -> None:
        self._tokens = AccessTokens(settings)
        self._overrides = overrides
        self._transport = Transport(settings=settings, tokens=self._tokens, now=now)
        self._wait = wait
        self._now = now
        self._entries = EntryReader()
        self._domains: _Domains | None = None
        self._readings: SharedReadings[ListName, ListSnapshot] = SharedReadings()

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

    async def read_lists(self, names: Collection[ListName] | None = None) -> Snapshot:
        """Read lists at the same time: all of them, the accepted domains and the places, or only those named.

        A list that can't be read stands in `unreadable` with the reason, and the others are there all the same; a
        failed sign-in is raised, because it says nothing about any list.
        """
        wanted = tuple(name for name in ListName if names is None or name in names)
        as_of = self._now()
        domains, places, results = await asyncio.gather(
            self._domains_if_readable() if names is None else _no_domains(),
            self.read_places() if names is None else _no_places(),
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
        return Snapshot(
            as_of=as_of,
            policies=policies,
            entries=tuple(entries),
            unreadable=unreadable,
            accepted_domains=domains,
            places=places,
        )

    async def read_places(self) -> tuple[PlaceReading, ...]:
        """Every place beside the lists, each as far as it can be seen; none, where they are not to be read.

        Raises no TenantError.
        """
        return await read_places(self._transport, now=self._now()) if self._overrides else ()

    async def read_junk_settings(self, mailbox: str) -> JunkSettings:
        """The safe and blocked senders of the one mailbox with this address: see that module for its errors."""
        return await read_junk_settings(self._transport, mailbox)

    async def read_list(self, name: ListName) -> tuple[Entry, ...]:
        """Every entry of one list. Raises a TenantError."""
        return (await self._read(name))[1]

    async def read_for(self, change: Change) -> ListSnapshot:
        """What says whether a change is made, and is needed to send it. Raises a TenantError.

        Whoever asks for a list before its reading begins gets the same one: see `bot.tenant.exchange.shared_readings`.
        """
        reading = self._readings.read(change.list, partial(self._read_alone, change.list))
        match change.list.traits.cmdlets:
            case Cmdlets.FILTER_POLICY if change.operation in {Operation.ADD, Operation.SAFE_LIST_OFF}:
                whole = await reading
                return replace(whole, entries=_policy_entries_for(change, whole.policies))
            case Cmdlets.SPOOF_ITEMS if change.operation is Operation.ADD:
                whole, domains = await asyncio.gather(reading, self.accepted_domains())
                return await aside(len(whole.entries), lambda: replace(whole, accepted_domains=domains))
            case Cmdlets.FILTER_POLICY | Cmdlets.SPOOF_ITEMS | Cmdlets.ITEMS:
                return await reading

    async def accepted_domains(self) -> frozenset[str]:
        """The tenant's own mail domains, lower case; empty when the app's role doesn't reach that far.

        Remembered for DOMAINS_REMEMBERED, because they hardly ever change. Raises a TenantError.
        """
        remembered = self._domains
        if remembered is not None and self._now() - remembered.as_of < DOMAINS_REMEMBERED:
            return remembered.names
        return await self._read_domains()

    async def apply(self, change: Change, *, reading: ListSnapshot | None = None, reference: str | None = None) -> None:
        """Send one change of at most `values_per_call(change.list, change.operation)` values.

        `reading` is what `read_for` returned for this change, or for a larger one that it is a part of: with it nothing
        is read, without it that is read first. What is listed is named as the tenant spells it, and nothing is sent for
        what is to be removed or edited and isn't there. Returns when the service took it, which is not yet proof: read
        back. `reference` stands beside the calls in the log. Raises ValueError for a change that never reaches the
        tenant or is too large, and otherwise a TenantError: after OutcomeUnknown the change may have been made, wholly
        or in part, and after any other it was not.
        """
        most = values_per_call(change.list, change.operation)
        if not 1 <= len(change.values) <= most:
            raise ValueError(f"one change of {change.list.value} takes 1 to {most} values")
        if not reaches_tenant(change):
            raise ValueError(f"{change.operation.value} of {change.list.value} never reaches the tenant")
        if reading is None and _needs_reading(change):
            reading = await self.read_for(change)
        if reading is not None and reading.list is not change.list:
            raise ValueError(f"a reading of {reading.list.value} says nothing of {change.list.value}")
        commands = cmdlets_for(change) if reading is None else cmdlets_to_send(change, reading)
        for position, command in enumerate(commands):
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
                log.info("tenant warning", cmdlet=command.cmdlet, warning=warning, about=reference)

    async def read_back(self, change: Change, *, waits: Sequence[float] = READ_BACK_WAITS) -> ListSnapshot:
        """The last reading after a change: ask its `state` what has become of each value.

        Reads until all are as asked, with `waits` (seconds) between the tries, because a write can take a moment to
        show. Raises a TenantError when the list can't be read in the end: then nothing is known.
        """
        for wait in (*waits, None):
            try:
                reading = await self.read_for(change)
                state = await aside(len(change.values), reading.state, change, now=self._now())
            except (SignInFailed, PermissionMissing):
                raise
            except TenantError:
                if wait is None:
                    raise
            else:
                if wait is None or all(state.values()):
                    return reading
            await self._wait(wait)
        raise AssertionError("the last try returns or raises")

    async def _attempt(self, name: ListName) -> tuple[tuple[FilterPolicy, ...], tuple[Entry, ...]] | TenantError:
        try:
            return await self._read(name)
        except TenantError as error:
            return error

    async def _domains_if_readable(self) -> frozenset[str]:
        """The accepted domains, read anew: they only sharpen what policy says, and never stop a reading of the lists.

        Those of last time where they can't be read now, else none.
        """
        try:
            return await self._read_domains()
        except TenantError as error:
            log.warning("accepted domains unreadable", error=type(error).__name__, reason=str(error))
            return self._domains.names if self._domains is not None else frozenset()

    async def _read_domains(self) -> frozenset[str]:
        # What was read before still holds when the app's role doesn't reach that far any more.
        names = self._domains.names if self._domains is not None else frozenset[str]()
        try:
            answer = await self._transport.invoke("Get-AcceptedDomain", {}, write=False)
        except (PermissionMissing, ValueRefused) as error:
            log.warning("accepted domains unreadable", error=type(error).__name__, reason=str(error))
        else:
            given = (record.get("DomainName") for record in answer.values)
            names = frozenset(name.strip().lower() for name in given if isinstance(name, str) and name.strip())
        self._domains = _Domains(names=names, as_of=self._now())
        return names

    async def _read_alone(self, name: ListName, begins: Begins) -> ListSnapshot:
        as_of = self._now()

        def has_turn() -> None:
            nonlocal as_of
            as_of = self._now()
            begins()

        policies, entries = await self._read(name, has_turn)
        return await aside(len(entries), ListSnapshot, list=name, as_of=as_of, policies=policies, entries=entries)

    async def _read(
        self, name: ListName, begins: Begins | None = None
    ) -> tuple[tuple[FilterPolicy, ...], tuple[Entry, ...]]:
        match name.traits.cmdlets:
            case Cmdlets.FILTER_POLICY:
                policies = await list_reading.get_policies(self._transport, begins=begins)
                return policies, policy_entries(policies)
            case Cmdlets.SPOOF_ITEMS:
                return (), await list_reading.get_pairs(self._transport, begins=begins)
            case Cmdlets.ITEMS:
                return (), await list_reading.get_entries(self._transport, name, self._entries, begins=begins)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Domains:
    names: frozenset[str]
    as_of: datetime


def _policy_entries_for(change: Change, policies: tuple[FilterPolicy, ...]) -> tuple[Entry, ...]:
    if change.operation is Operation.SAFE_LIST_OFF:
        return safe_lists_on(policies)
    # An addition goes to the default policy, and what another policy holds is no answer to it.
    return policy_entries((list_reading.default_policy(policies),))


def _needs_reading(change: Change) -> bool:
    """Whether sending a change takes more than the change itself: only additions of plain items don't."""
    return change.operation is not Operation.ADD or not change.list.traits.adds_by_value_alone


async def _no_domains() -> frozenset[str]:
    return frozenset()


async def _no_places() -> tuple[PlaceReading, ...]:
    return ()
