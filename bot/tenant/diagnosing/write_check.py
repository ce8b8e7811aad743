"""May the app change the lists? Found out by adding one documentation entry to each place and taking it out again.

What is added can hurt nobody: a sender block for a name of its own under example.com, which sends no mail, and an IP
block for an address of 192.0.2.0/24, which is routed nowhere (RFC 2606 and RFC 5737). The sender block is given an end,
so that it goes even if nobody can take it out; the connection filter keeps no ends.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import IPv4Network

from bot.clock import Clock
from bot.diagnosis import Diagnosis
from bot.domain.lists.change import Change, Operation
from bot.domain.lists.traits import Action, ListName, label
from bot.errors import OutcomeUnknown, PermissionMissing, TenantError, ValueRefused
from bot.tenant.diagnosing.guidance import WRITING_ROLE, Guidance
from bot.tenant.exchange.tenant import Tenant

_DOCUMENTATION = IPv4Network("192.0.2.0/24")
#: The shortest end that the portal offers.
_SENDER_ENDS_AFTER = timedelta(days=1)
#: How often an entry is tried to be taken out before it is told as left.
_REMOVALS = 3


class WriteCheck:
    """Writes to both places, one after the other, and always takes out what it added, also when it is interrupted.

    `tell` hears what is about to be written, and what could not be taken out.
    """

    def __init__(self, tenant: Tenant, guidance: Guidance, *, tell: Callable[[str], None], now: Clock) -> None:
        self._tenant = tenant
        self._guidance = guidance
        self._tell = tell
        self._now = now

    async def run(self) -> list[Diagnosis]:
        """A finding for each place. Raises no TenantError."""
        findings = []
        for name, change in ((ListName.SENDER, self._sender), (ListName.CONNECTION_FILTER, self.address)):
            check = f"write: {label(name)}"
            try:
                findings.append(await self._try(await change(), check=check))
            except TenantError as error:
                findings.append(self.refused(error, check=check))
        return findings

    async def _sender(self) -> Change:
        return Change(
            operation=Operation.ADD,
            action=Action.BLOCK,
            list=ListName.SENDER,
            values=(f"portcullis-doctor-{secrets.token_hex(6)}.example.com",),
            expires=self._now() + _SENDER_ENDS_AFTER,
            notes="portcullis doctor --write: can be removed",
        )

    async def address(self) -> Change:
        """An address that isn't listed yet: what somebody else made must not be taken out. Raises a TenantError."""
        listed = {entry.value for entry in await self._tenant.read_list(ListName.CONNECTION_FILTER)}
        free = [str(host) for host in _DOCUMENTATION.hosts() if str(host) not in listed]
        if not free:
            raise ValueRefused(
                f"Every address of {_DOCUMENTATION} is listed, so that none can be added to try.",
                "Take one out: they are routed nowhere, and an entry for them does nothing.",
            )
        return Change(
            operation=Operation.ADD,
            action=Action.BLOCK,
            list=ListName.CONNECTION_FILTER,
            values=(secrets.choice(free),),
        )

    async def _try(self, change: Change, *, check: str) -> Diagnosis:
        [value] = change.values
        self._tell(f"Adding a block of {value} to {label(change.list)}, and taking it out again.")
        shown, error, settled = False, None, False
        try:
            shown = await self._add(change)
            settled = True
        except TenantError as refused:
            error, settled = refused, True
        finally:
            # Also when the add was refused, or this was interrupted: what was sent may have been taken all the same.
            left = await (self._take_out_at_last(change) if settled else self.take_out(change, settled=False))
        if left:
            said = f" {error.what}" if error else ""
            return Diagnosis(check=check, ok=False, details=f"{left}{said}", remedy=self.by_hand(change))
        if error:
            return self.refused(error, check=check)
        if not shown:
            details = f"The service took a block of {value} and never listed it."
            remedy = "Try again in some minutes; if it stays so, see the service health in the Microsoft 365 portal."
            return Diagnosis(check=check, ok=False, details=details, remedy=remedy)
        return Diagnosis(check=check, ok=True, details=f"A block of {value} was added, read back and taken out again.")

    async def _add(self, change: Change) -> bool:
        """Whether the list shows it afterwards. Raises a TenantError when it was refused."""
        with suppress(OutcomeUnknown):  # what has become of it is read
            await self._tenant.apply(change, reference="doctor")
        return await self.is_so(change)

    async def is_so(self, change: Change) -> bool:
        """Whether the list is as the change wants it, within the time that a write may take to show."""
        reading = await self._tenant.read_back(change)
        return all(reading.state(change, now=self._now()).values())

    async def _take_out_at_last(self, added: Change) -> str:
        """Take the entry out, also when this is interrupted meanwhile; a second interruption ends it."""
        taking_out = asyncio.ensure_future(self.take_out(added, settled=True))
        try:
            return await asyncio.shield(taking_out)
        except asyncio.CancelledError:
            self._tell(f"Stopping: the block of {added.values[0]} is being taken out first.")
            await taking_out
            raise

    async def take_out(self, added: Change, *, settled: bool) -> str:
        """Take the entry out; what is left of it, in words, or nothing.

        Not `settled` means that the add was cut off under way: it is waited for first, because a list that doesn't show
        it yet would look as if there were nothing to take out.
        """
        change = replace(added, operation=Operation.REMOVE, expires=None, notes="")
        reason = "it is still listed."
        for _ in range(_REMOVALS):
            try:
                if not settled:
                    self._tell(f"Stopping: looking whether the block of {change.values[0]} was added.")
                    await self.is_so(added)
                    settled = True
                # It reads first, and sends nothing for an entry that isn't there.
                await self._tenant.apply(change, reference="doctor")
                if await self.is_so(change):
                    return ""
            except TenantError as error:
                reason = error.what
            except asyncio.CancelledError:
                self._tell_left(change, "it was stopped a second time.")
                raise
        return self._tell_left(change, reason)

    def _tell_left(self, change: Change, reason: str) -> str:
        left = f"A block of {change.values[0]} may be left in {label(change.list)}: {reason}"
        self._tell(f"{left} {self.by_hand(change)}")
        return left

    def refused(self, error: TenantError, *, check: str) -> Diagnosis:
        """That the service doesn't take it, and what to do."""
        remedy = error.remedy
        if isinstance(error, PermissionMissing):
            remedy = self._guidance.directory_role(WRITING_ROLE)
        return Diagnosis(check=check, ok=False, details=error.what, remedy=remedy)

    def by_hand(self, change: Change) -> str:
        """Where somebody takes it out."""
        return f"Take it out by hand: {self._guidance.by_hand(change.list)}."
