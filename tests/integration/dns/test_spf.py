"""SPF by RFC 7208, asked of a DNS server: what matches, and the limits that keep a record from asking for too much."""

from __future__ import annotations

from collections.abc import AsyncIterator
from ipaddress import ip_address

import pytest

from bot.dns.lookup import Lookup, NoAnswerFromDns
from bot.dns.spf import SpfUnusable, stands_in
from tests.support.dns_server import DnsServer, dns_server

HERE = "203.0.113.7"
SIX = "2001:db8::7"


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server() as running:
        yield running


async def stands(server: DnsServer, address: str = HERE, domain: str = "sender.example") -> bool:
    return await stands_in(Lookup(server.servers, within=20), domain, ip_address(address))


@pytest.mark.parametrize(
    ("record", "address", "expected"),
    [
        ("v=spf1 ip4:203.0.113.7 -all", HERE, True),
        ("v=spf1 ip4:203.0.113.0/24 ~all", HERE, True),
        ("v=spf1 ip4:203.0.113.9/24 ~all", HERE, True),
        ("v=spf1 ip4:198.51.100.0/24 -all", HERE, False),
        ("v=spf1 ip6:2001:db8::/32 -all", SIX, True),
        ("v=spf1 ip6:2001:db8::/32 -all", HERE, False),
        ("V=SPF1 IP4:203.0.113.7", HERE, True),
        ("v=spf1 -ip4:203.0.113.7 +all", HERE, False),
        ("v=spf1 ?ip4:203.0.113.7 -all", HERE, False),
        ("v=spf1 ?all", HERE, False),
        ("v=spf1 +all", HERE, False),
        ("v=spf1 all redirect=other.example", "192.0.2.1", False),
        ("v=spf1 include:anybody.example -all", HERE, False),
        ("v=spf1 include:anybody.example ip4:203.0.113.0/24 -all", HERE, True),
        ("v=spf1 ip4:0.0.0.0/0 ip4:0.0.0.0/1 ip4:128.0.0.0/1 -all", HERE, False),
        ("v=spf1 ip4:0.0.0.0/0 ip4:203.0.113.7 -all", HERE, True),
        ("v=spf1 -ip4:0.0.0.0/0 ip4:203.0.113.7 -all", HERE, False),
        ("v=spf1 ip4:203.0.0.0/8 -all", HERE, True),
        ("v=spf1 ip6:2000::/3 -all", SIX, False),
        ("v=spf1 a:hosts.example/0//0 -all", "192.0.2.1", False),
        ("v=spf1 a:hosts.example/24//0 -all", SIX, False),
        ("v=spf1 exists:hosts.example -all", HERE, False),
        ("v=spf1 exists:%{d} -all", HERE, False),
        ("v=spf1", HERE, False),
        ("v=spf1 a -all", HERE, True),
        ("v=spf1 a:hosts.example/24 -all", "203.0.113.200", True),
        ("v=spf1 a:hosts.example -all", "203.0.113.200", False),
        ("v=spf1 a:hosts.example//64 -all", "2001:db8::99", True),
        ("v=spf1 mx -all", "198.51.100.5", True),
        ("v=spf1 include:other.example -all", "192.0.2.1", True),
        ("v=spf1 include:refuses.example ip4:203.0.113.7 -all", HERE, True),
        ("v=spf1 redirect=other.example", "192.0.2.1", True),
        ("v=spf1 exists:%{i}._spf.example -all", HERE, True),
        ("v=spf1 exists:%{ir}.%{v}._spf.example -all", HERE, True),
        ("v=spf1 exists:%{l}._spf.example -all", HERE, False),
        ("v=spf1 ptr ip4:203.0.113.7", HERE, True),
        ("v=spf1 made-up=value ip4:203.0.113.7", HERE, True),
    ],
)
async def test_what_a_record_says_of_an_address(server: DnsServer, record: str, address: str, expected: bool) -> None:
    server.text("sender.example", record)
    server.text("other.example", "v=spf1 ip4:192.0.2.0/24 -all")
    server.text("refuses.example", "v=spf1 -all")
    server.text("anybody.example", "v=spf1 +all")
    server.records |= {
        ("sender.example", "A"): (HERE,),
        ("sender.example", "MX"): ("10 mx.example.", "20 nothing.example."),
        ("mx.example", "A"): ("198.51.100.5",),
        ("hosts.example", "A"): ("203.0.113.1",),
        ("hosts.example", "AAAA"): ("2001:db8::1",),
        (f"{HERE}._spf.example", "A"): ("127.0.0.2",),
        ("7.113.0.203.in-addr._spf.example", "A"): ("127.0.0.2",),
    }
    assert await stands(server, address) is expected


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ip4:203.0.113.999 -all",
        "v=spf1 ip4: -all",
        "v=spf1 nobody-knows:this -all",
        "v=spf1 made:up -all",
        "v=spf1 include:nothing.example -all",
        "v=spf1 redirect=nothing.example",
        "v=spf1 include:sender.example -all",
        "v=spf1 include:back.example -all",
        "v=spf1 include:sp%ace.example -all",
        "v=spf1 a:one.example a:two.example a:three.example -all",
        "v=spf1 " + " ".join(f"include:i{number}.example" for number in range(11)) + " ip4:203.0.113.7",
    ],
)
async def test_a_record_that_cannot_be_gone_by(server: DnsServer, record: str) -> None:
    server.text("sender.example", record)
    server.text("back.example", "v=spf1 include:sender.example")
    for number in range(11):
        server.text(f"i{number}.example", "v=spf1 ip4:192.0.2.1 -all")
    with pytest.raises(SpfUnusable):
        await stands(server)
    assert len(server.asked) < 30


@pytest.mark.parametrize("record", ["v=spf1 include:other.example ip4:192.0.2.1 -all", "v=spf1 redirect=other.example"])
async def test_what_is_taken_over_from_another_is_the_others(server: DnsServer, record: str) -> None:
    server.text("sender.example", record)
    server.text("other.example", "v=spf1 ip4:203.0.113.0/24 -all")
    lookup = Lookup(server.servers, within=20)
    assert await stands_in(lookup, "sender.example", ip_address(HERE))
    assert not await stands_in(lookup, "sender.example", ip_address(HERE), others={"other.example"})
    assert await stands_in(lookup, "other.example", ip_address(HERE), others={"sender.example"})


async def test_two_records_and_none_are_no_record(server: DnsServer) -> None:
    with pytest.raises(SpfUnusable):
        await stands(server)
    server.text("sender.example", "v=spf10 ip4:203.0.113.7")
    with pytest.raises(SpfUnusable):
        await stands(server)
    server.text("two.example", "v=spf1 ip4:203.0.113.7")
    server.text("two.example", "v=spf1 -all")
    with pytest.raises(SpfUnusable):
        await stands(server, domain="two.example")


async def test_a_record_longer_than_a_string_is_read_as_one(server: DnsServer) -> None:
    many = " ".join(f"ip4:198.51.100.{number}" for number in range(40))
    server.text("sender.example", f"v=spf1 {many} ip4:203.0.113.7 -all")
    assert await stands(server)


async def test_no_answer_is_no_record_that_names_nobody(server: DnsServer) -> None:
    server.failing.add("sender.example")
    with pytest.raises(NoAnswerFromDns):
        await stands(server)
