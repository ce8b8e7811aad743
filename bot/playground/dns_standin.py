"""A stand-in for DNS on loopback, over UDP, with the records that it is given. It can be silent, and can fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

#: What a zone says: (name, kind) → the records, as a zone file writes them.
Records = Mapping[tuple[str, str], tuple[str, ...]]


@dataclass
class DnsStandIn:
    """What the server answers, and what it was asked."""

    port: int = 0
    records: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)  #: see `Records`
    ttl: int = 300
    silent: set[str] = field(default_factory=set)  #: names that are never answered
    failing: set[str] = field(default_factory=set)  #: names for which the server has no answer, and says so
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def servers(self) -> tuple[tuple[str, int], ...]:
        """The server's address, as a lookup takes it."""
        return (("127.0.0.1", self.port),)

    def environment(self) -> dict[str, str]:
        """What the bot has to be told to ask this one whose addresses are, and nobody else."""
        return {"PORTCULLIS_WHO_IS": "on", "PORTCULLIS_DNS_SERVERS": f"127.0.0.1:{self.port}"}

    def text(self, name: str, record: str) -> None:
        """Give a name a TXT record, in strings of 255 characters as zones have them."""
        parts = [record[start : start + 255] for start in range(0, len(record), 255)]
        self.records[name, "TXT"] = (*self.records.get((name, "TXT"), ()), " ".join(f'"{part}"' for part in parts))

    def answer(self, wire: bytes) -> bytes | None:
        """The answer to a query; None where there is none, and for what is no query."""
        try:
            query = dns.message.from_wire(wire)
            [question] = query.question
        except (dns.exception.DNSException, ValueError):
            return None
        name, kind = question.name.to_text().lower().removesuffix("."), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        reply = dns.message.make_response(query)
        reply.flags |= dns.flags.RA
        if name in self.failing:
            reply.set_rcode(dns.rcode.SERVFAIL)
        elif found := self.records.get((name, kind)):
            reply.answer.append(dns.rrset.from_text(question.name, self.ttl, "IN", kind, *found))
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire(max_size=65535)


class _Protocol(asyncio.DatagramProtocol):
    def __init__(self, server: DnsStandIn) -> None:
        self._server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        reply = self._server.answer(data)
        if reply is not None:
            self._transport.sendto(reply, addr)


@asynccontextmanager
async def dns_standin(records: Records | None = None) -> AsyncIterator[DnsStandIn]:
    """Run the server on a free port."""
    server = DnsStandIn(records=dict(records or {}))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Protocol(server), local_addr=("127.0.0.1", 0))
    server.port = transport.get_extra_info("sockname")[1]
    try:
        yield server
    finally:
        transport.close()
