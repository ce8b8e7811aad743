"""What is known of an IP address, and finding it out in the background: nobody waits for DNS."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, ip_address
from typing import Any, TypeVar

import structlog

from bot.dns.lookup import Lookup, NoAnswerFromDns
from bot.dns.spf import Address, SpfUnusable, stands_in
from bot.domain.indicators.indicator import NoteCode
from bot.domain.indicators.special_ranges import ipv4_notes, ipv6_notes
from bot.domain.senders.owner import AddressOwner
from bot.domain.senders.shared_senders import SHARED_SENDERS, SharedSender

#: All about one address, in seconds.
WITHIN = 2.0
#: What was found is gone by for so long; with answers missing, for less.
_LASTS, _LASTS_INCOMPLETE = 3600.0, 60.0
_MOST_REMEMBERED = 4_096
#: So many addresses are asked about at once; others are left out, and asked about when they come up again.
_MOST_AT_ONCE = 16
#: An address can name thousands of hosts.
_MOST_NAMES = 5

log = structlog.get_logger(__name__)

FoundT = TypeVar("FoundT")


@dataclass(frozen=True, slots=True)
class _Remembered:
    until: float
    owner: AddressOwner


class WhoIs:
    """Finds out whose addresses are, and remembers it. `close()` ends what is under way.

    `known` and `find_out_later` never wait, so that a command can use them.
    """

    def __init__(
        self,
        lookup: Lookup,
        *,
        senders: Sequence[SharedSender] = SHARED_SENDERS,
        within: float = WITHIN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lookup = lookup
        self._senders = tuple(senders)
        self._within = within
        self._monotonic = monotonic
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._under_way: dict[str, asyncio.Task[AddressOwner]] = {}

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def known(self, values: Iterable[str]) -> Mapping[str, AddressOwner]:
        """What is known now of those values that are single addresses."""
        now = self._monotonic()
        found = ((value, self._remembered.get(value)) for value in values)
        return {value: each.owner for value, each in found if each is not None and each.until > now}

    def find_out_later(self, values: Iterable[str]) -> None:
        """Ask about those values that are single addresses and aren't known, in the background."""
        for value in values:
            if len(self._under_way) >= _MOST_AT_ONCE:
                return
            if value in self._under_way or self.known([value]) or _address(value) is None:
                continue
            task = asyncio.create_task(self.find_out(value), name=f"who is {value}")
            self._under_way[value] = task
            task.add_done_callback(partial(self._ended, value))

    async def soon(self, values: Iterable[str], *, within: float) -> Mapping[str, AddressOwner]:
        """What is known of those values after `within` seconds at most; the rest is found out all the same."""
        values = tuple(values)
        self.find_out_later(values)
        waited_for = [task for value in values if (task := self._under_way.get(value)) is not None]
        if waited_for:
            await asyncio.wait(waited_for, timeout=within)
        return self.known(values)

    def _ended(self, value: str, task: asyncio.Task[AddressOwner]) -> None:
        del self._under_way[value]
        if not task.cancelled() and task.exception() is not None:
            log.error("who is failed", exc_info=task.exception())

    async def find_out(self, value: str) -> AddressOwner:
        """What DNS says of an address, within `within` seconds; never raises for what DNS does.

        A value that is no single address has no owner.
        """
        known = self.known([value]).get(value)
        address = _address(value)
        if known is not None or address is None:
            return known or AddressOwner(address=value)
        owner = await self._ask(value, address)
        lasts = _LASTS if owner.is_complete else _LASTS_INCOMPLETE
        self._remembered[value] = _Remembered(self._monotonic() + lasts, owner)
        while len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        log.info("who is", names=len(owner.names), shared=list(owner.shared_by), complete=owner.is_complete)
        return owner

    def _others(self, sender: SharedSender) -> frozenset[str]:
        return frozenset(domain for each in self._senders if each is not sender for domain in each.domains)

    async def _ask(self, value: str, address: Address) -> AddressOwner:
        names = asyncio.ensure_future(_confirmed_names(self._lookup, address))
        shared = {
            asyncio.ensure_future(stands_in(self._lookup, domain, address, others=self._others(sender))): sender.name
            for sender in self._senders
            for domain in sender.domains
        }
        try:
            await asyncio.wait([names, *shared], timeout=self._within)
        finally:
            late = [task for task in (names, *shared) if not task.done()]
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        by = (name for task, name in shared.items() if _result(task, default=False))
        missing = any(_is_missing(task) for task in (names, *shared))
        return AddressOwner(
            address=value,
            names=_result(names, default=()),
            shared_by=tuple(dict.fromkeys(by)),
            is_complete=not missing,
        )


async def _confirmed_names(lookup: Lookup, address: Address) -> tuple[str, ...]:
    """The names that the address has and that have the address: whoever holds it can write any name at all."""
    kind = "A" if address.version == 4 else "AAAA"
    confirmed = []
    for name in (await lookup.ask(address.reverse_pointer, "PTR"))[:_MOST_NAMES]:
        with suppress(NoAnswerFromDns):
            if str(address) in await lookup.ask(name, kind):
                confirmed.append(name)
    return tuple(confirmed)


def _result(task: asyncio.Future[FoundT], *, default: FoundT) -> FoundT:
    return default if task.cancelled() or task.exception() is not None else task.result()


def _is_missing(task: asyncio.Future[Any]) -> bool:
    """Whether an answer is missing; a record that can't be gone by is an answer."""
    return task.cancelled() or not isinstance(task.exception(), (SpfUnusable, type(None)))


def _address(value: str) -> Address | None:
    """The address, where it is one of the internet, or one for examples."""
    try:
        address = ip_address(value)
    except ValueError:
        return None
    # What it is for inside is nobody's business outside, and nothing outside would know. No mail comes from there.
    notes = ipv4_notes(address, address) if isinstance(address, IPv4Address) else ipv6_notes(address, address)
    return address if all(note.code is NoteCode.DOCUMENTATION for note in notes) else None
