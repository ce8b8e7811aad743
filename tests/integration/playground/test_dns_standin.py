"""The stand-in for DNS: what the demo's bot finds out from it, and that nothing that it is sent ends it."""

from __future__ import annotations

import asyncio
import socket

from bot.dns.lookup import Lookup
from bot.dns.who_is import WhoIs
from bot.playground import samples
from bot.playground.dns_standin import dns_standin


async def test_the_demo_has_an_address_that_many_share_and_one_that_is_a_printers_own() -> None:
    async with dns_standin(samples.DNS) as running:
        whose = WhoIs(Lookup(running.servers, within=20), within=20)
        news, scanner = await whose.find_out("198.51.100.7"), await whose.find_out("203.0.113.7")
    assert (news.shared_by, news.names, news.is_complete) == (("SendGrid",), ("news.mailings.example",), True)
    assert (scanner.shared_by, scanner.names, scanner.is_complete) == ((), ("scan.printer.example",), True)


async def test_what_is_no_query_is_not_answered_and_the_next_one_is() -> None:
    async with dns_standin(samples.DNS) as running:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            for wire in (b"", b"x", b"\0" * 12, b"\xff" * 600):
                await asyncio.to_thread(sender.sendto, wire, ("127.0.0.1", running.port))
        assert await Lookup(running.servers, within=20).ask("news.mailings.example", "A") == ("198.51.100.7",)


async def test_the_environment_names_it_alone() -> None:
    async with dns_standin() as running:
        assert running.environment() == {
            "PORTCULLIS_WHO_IS": "on",
            "PORTCULLIS_DNS_SERVERS": f"127.0.0.1:{running.port}",
        }
