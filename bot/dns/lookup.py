"""One question to DNS at a time, with bounds on what comes back; what was answered is remembered for its time to live.

Whoever is asked about can answer anything: names are taken only in the letters of host names, texts up to a length,
lists up to a number, and times to live between a minute and an hour.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.nameserver
import dns.rdata
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.TXT
import dns.resolver

#: One question, in seconds; the whole of an address has a bound of its own.
QUESTION_WITHIN = 1.5
_SHORTEST, _LONGEST = 60.0, 3600.0
#: So many answers are remembered, the latest used ones.
_MOST_REMEMBERED = 4_096
#: So many records of one answer are looked at.
_MOST_RECORDS = 64
_LONGEST_TEXT = 8_192
_LONGEST_NAME = 253
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")


class NoAnswerFromDns(Exception):
    """Nobody answered, or not in time. It says nothing about what was asked."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    until: float
    values: tuple[str, ...]


class Lookup:
    """Asks the resolvers of the machine, or `servers`: addresses, each with its port. Construction does no I/O."""

    def __init__(
        self,
        servers: Sequence[tuple[str, int]] = (),
        *,
        within: float = QUESTION_WITHIN,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._servers = tuple(servers)
        self._within = within
        self._monotonic = monotonic
        self._resolver: dns.asyncresolver.Resolver | None = None
        self._remembered: OrderedDict[tuple[str, str], _Remembered] = OrderedDict()

    async def ask(self, name: str, kind: str) -> tuple[str, ...]:
        """The records of a name: `A`, `AAAA`, `PTR`, `MX` (the hosts) or `TXT`; none where there are none.

        Names come in lower case without their last dot. Raises NoAnswerFromDns.
        """
        key = (name.lower(), kind)
        found = self._remembered.get(key)
        if found is not None and found.until > self._monotonic():
            self._remembered.move_to_end(key)
            return found.values
        values, lasts = await self._asked(name, kind)
        self._remembered[key] = _Remembered(self._monotonic() + min(max(lasts, _SHORTEST), _LONGEST), values)
        self._remembered.move_to_end(key)
        while len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        return values

    async def _asked(self, name: str, kind: str) -> tuple[tuple[str, ...], float]:
        try:
            # Never with the machine's search list: what is asked is the name itself.
            answer = await self._resolving().resolve(f"{name}.", kind, raise_on_no_answer=False, search=False)
        except dns.resolver.NXDOMAIN:
            return (), _SHORTEST
        except (dns.exception.DNSException, OSError, ValueError) as error:
            raise NoAnswerFromDns(type(error).__name__) from error
        if answer.rrset is None:
            return (), _SHORTEST
        read = (_read(record) for record in list(answer.rrset)[:_MOST_RECORDS])
        return tuple(value for value in read if value is not None), float(answer.rrset.ttl)

    def _resolving(self) -> dns.asyncresolver.Resolver:
        if self._resolver is None:
            self._resolver = dns.asyncresolver.Resolver(configure=not self._servers)
            if self._servers:
                self._resolver.nameservers = [
                    dns.nameserver.Do53Nameserver(address, port) for address, port in self._servers
                ]
            self._resolver.lifetime = self._within
            self._resolver.timeout = self._within / 2
            self._resolver.cache = None  # what is remembered here has bounds
        return self._resolver


def host_name(text: str) -> str | None:
    """A name in lower case without its last dot; None for what is no name of a host, whatever DNS may carry."""
    name = text.lower().removesuffix(".")
    return name if len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) else None


def _read(record: dns.rdata.Rdata) -> str | None:
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        text = b"".join(record.strings)
        return text.decode("ascii", errors="replace") if len(text) <= _LONGEST_TEXT else None
    if isinstance(record, dns.rdtypes.ANY.PTR.PTR):
        return host_name(record.target.to_text())
    if isinstance(record, dns.rdtypes.ANY.MX.MX):
        return host_name(record.exchange.to_text())
    return record.to_text()  # an address, which dnspython has read as one
