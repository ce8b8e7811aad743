"""What `portcullis doctor` says of DNS."""

from __future__ import annotations

from bot.dns.diagnosis import diagnose_dns
from bot.dns.lookup import Lookup
from bot.domain.senders.shared_senders import SHARED_SENDERS
from tests.support.dns_server import dns_server

DOMAIN = SHARED_SENDERS[0].domains[0]


async def test_dns_answers_or_what_to_do() -> None:
    async with dns_server() as server:
        [unknown] = await diagnose_dns(Lookup(server.servers, within=20))
        assert not unknown.ok
        assert "DNS_SERVERS" in unknown.remedy
        server.text(DOMAIN, "v=spf1 ip4:203.0.113.0/24 -all")
        [well] = await diagnose_dns(Lookup(server.servers, within=20))
        assert well.ok
        server.failing.add(DOMAIN)
        [silent] = await diagnose_dns(Lookup(server.servers, within=20))
        assert not silent.ok
        assert DOMAIN in silent.details
