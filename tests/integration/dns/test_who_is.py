"""Who an address is, by a DNS server: what is found, what isn't believed, and that nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.dns.lookup import Lookup
from bot.dns.who_is import WhoIs
from bot.domain.senders.shared_senders import SharedSender
from tests.support.dns_server import DnsServer, dns_server

HERE = "203.0.113.7"
REVERSE = "7.113.0.203.in-addr.arpa"
SENDERS = (
    SharedSender(name="Mailings", domains=("spf.mailings.example",)),
    SharedSender(name="Tickets", domains=("spf.tickets.example", "spf2.tickets.example")),
)


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server() as running:
        running.text("spf.mailings.example", "v=spf1 ip4:203.0.113.0/24 -all")
        running.text("spf.tickets.example", "v=spf1 ip4:198.51.100.0/24 -all")
        running.text("spf2.tickets.example", "v=spf1 ip4:192.0.2.0/24 -all")
        running.records |= {(REVERSE, "PTR"): ("Mail.Sender.example.",), ("mail.sender.example", "A"): (HERE,)}
        yield running


def who_is(server: DnsServer, *, within: float = 20.0) -> WhoIs:
    return WhoIs(Lookup(server.servers, within=20), senders=SENDERS, within=within)


async def test_a_name_that_leads_back_and_a_shared_sender(server: DnsServer) -> None:
    found = await who_is(server).find_out(HERE)
    assert found.names == ("mail.sender.example",)
    assert found.shared_by == ("Mailings",)
    assert found.is_complete


async def test_a_sender_of_several_domains_is_named_once(server: DnsServer) -> None:
    for domain in ("spf.tickets.example", "spf2.tickets.example"):
        server.records[domain, "TXT"] = ('"v=spf1 ip4:203.0.113.7"',)
    assert (await who_is(server).find_out(HERE)).shared_by == ("Mailings", "Tickets")


@pytest.mark.parametrize(
    "claimed",
    ["mail.google.example.", r"evil\000.example.", r"<!channel>\.example.", "a" * 63 + "." + "b" * 63 + ".example."],
)
async def test_a_name_that_does_not_lead_back_is_not_believed(server: DnsServer, claimed: str) -> None:
    server.records[REVERSE, "PTR"] = (claimed,)
    assert (await who_is(server).find_out(HERE)).names == ()


async def test_of_thousands_of_names_a_few_are_asked_about(server: DnsServer) -> None:
    server.records[REVERSE, "PTR"] = tuple(f"h{number}.sender.example." for number in range(20))
    await who_is(server).find_out(HERE)
    assert len([name for name, _ in server.asked if name.startswith("h")]) == 5


async def test_the_addresses_of_a_sender_that_another_includes_are_its_own(server: DnsServer) -> None:
    server.records["spf.tickets.example", "TXT"] = (
        '"v=spf1 include:spf2.tickets.example include:spf.mailings.example"',
    )
    assert (await who_is(server).find_out(HERE)).shared_by == ("Mailings",)
    assert (await who_is(server).find_out("192.0.2.1")).shared_by == ("Tickets",)


async def test_an_address_of_version_six(server: DnsServer) -> None:
    server.text("spf.six.example", "v=spf1 ip6:2001:db8::/32 -all")
    asking = WhoIs(Lookup(server.servers, within=20), senders=(SharedSender(name="Six", domains=("spf.six.example",)),))
    assert (await asking.find_out("2001:db8::7")).shared_by == ("Six",)


async def test_what_has_no_answer_is_left_out_and_the_rest_is_told(server: DnsServer) -> None:
    server.failing.add("spf.tickets.example")
    found = await who_is(server).find_out(HERE)
    assert found.shared_by == ("Mailings",)
    assert not found.is_complete


async def test_a_record_that_cannot_be_gone_by_is_an_answer(server: DnsServer) -> None:
    server.records["spf.tickets.example", "TXT"] = ('"v=spf1 include:spf.tickets.example"',)
    assert (await who_is(server).find_out(HERE)).is_complete


async def test_what_is_late_is_not_waited_for(server: DnsServer) -> None:
    server.silent |= {"spf.mailings.example", "spf.tickets.example", "spf2.tickets.example", REVERSE}
    found = await who_is(server, within=0.01).find_out(HERE)
    assert not found.is_told
    assert not found.is_complete


async def test_what_was_found_is_known_and_not_asked_again(server: DnsServer) -> None:
    asking = who_is(server)
    assert asking.known([HERE]) == {}
    found = await asking.find_out(HERE)
    asked = len(server.asked)
    assert asking.known([HERE, "198.51.100.1"]) == {HERE: found}
    assert await asking.find_out(HERE) == found
    assert len(server.asked) == asked


async def test_a_command_does_not_wait(server: DnsServer) -> None:
    asking = who_is(server)
    asking.find_out_later([HERE, "203.0.113.0/24", "not an address", "127.0.0.1"])
    assert asking.known([HERE]) == {}
    await asyncio.gather(*asking._under_way.values())
    assert asking.known([HERE])[HERE].shared_by == ("Mailings",)
    await asking.close()


async def test_a_list_of_many_addresses_is_asked_about_in_part(server: DnsServer) -> None:
    asking = who_is(server)
    asking.find_out_later([f"198.51.100.{number}" for number in range(100)])
    assert len(asking._under_way) == 16
    await asking.close()
    assert asking._under_way == {}


async def test_what_is_no_single_address_is_not_asked_about(server: DnsServer) -> None:
    inside = ("127.0.0.1", "10.0.0.7", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "0.0.0.1")
    six = ("::1", "fd00::1", "fe80::1", "::ffff:10.0.0.7", "64:ff9b::a00:7", "2002:a00:7::1")
    for value in ("203.0.113.0/24", "evil.example", "", *inside, *six):
        assert not (await who_is(server).find_out(value)).is_told
    assert server.asked == []


async def test_answers_are_remembered_for_an_hour_at_most_and_a_minute_at_least(server: DnsServer) -> None:
    now = [0.0]
    for ttl, asked_again_after in ((1_000_000, 3_601), (0, 61)):
        lookup = Lookup(server.servers, within=20, monotonic=lambda: now[0])
        server.ttl = ttl
        server.asked.clear()
        assert await lookup.ask("mail.sender.example", "A") == (HERE,)
        now[0] += asked_again_after - 2
        assert await lookup.ask("mail.sender.example", "A") == (HERE,)
        assert len(server.asked) == 1
        now[0] += 2
        await lookup.ask("mail.sender.example", "A")
        assert len(server.asked) == 2


async def test_no_server_at_all_is_an_incomplete_answer() -> None:
    asking = WhoIs(Lookup([("127.0.0.1", 9)]), senders=SENDERS, within=0.5)
    found = await asking.find_out(HERE)
    assert not found.is_told
    assert not found.is_complete
