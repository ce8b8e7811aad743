"""Whose the addresses of an IP allow are, where DNS says it late: on the card, in the log, in the way of nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.dns.lookup import Lookup
from bot.dns.who_is import WhoIs
from bot.domain.auditing.events import EventKind
from bot.domain.lists.traits import Action
from bot.domain.requests.binding import Purpose, ShownCard
from bot.domain.requests.request import Decision, Request
from bot.domain.senders.shared_senders import SharedSender
from bot.store import PostedMessage
from bot.workflow.requesting.review import review
from bot.workflow.shared.job_kinds import JobKind
from tests.integration.workflow.conftest import Stage
from tests.support.deciding import read_in_full
from tests.support.dns_server import DnsServer, dns_server
from tests.support.jobs import Jobs
from tests.support.people import APPROVER, who_is

HERE, NEXT = "203.0.113.7", "203.0.113.8"
NAME = "mail[.]sender[.]example"
SHARED = "Shared: Mailings's outbound range."


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server() as running:
        running.text("spf.mailings.example", "v=spf1 ip4:203.0.113.0/24 -all")
        running.records |= {
            ("7.113.0.203.in-addr.arpa", "PTR"): ("mail.sender.example.",),
            ("mail.sender.example", "A"): (HERE,),
        }
        yield running


@pytest.fixture
async def asking(stage: Stage, server: DnsServer) -> AsyncIterator[Stage]:
    """A stage on which DNS is asked, with a time of its own for what is remembered: the test's clock."""
    sender = SharedSender(name="Mailings", domains=("spf.mailings.example",))
    clock = stage.clock
    lookup = Lookup(server.servers, within=20, monotonic=lambda: clock().timestamp())
    whose = WhoIs(lookup, senders=(sender,), within=20, monotonic=lambda: clock().timestamp())
    stage.context = replace(stage.context, who_is=whose)
    stage.jobs = Jobs(stage.context, stage.playground)
    await stage.snapshot()
    yield stage
    await whose.close()


async def allow(stage: Stage, *values: str) -> Request:
    return await stage.propose(*(values or (HERE,)), end="1d", action=Action.ALLOW)


async def posted(stage: Stage, request: Request) -> PostedMessage:
    async with stage.context.store.read() as uow:
        [known] = await uow.messages.of_request(request.id, Purpose.CARD)
    return known


def card(stage: Stage) -> str:
    [message] = stage.cards()
    return str(message.blocks)


async def test_what_dns_says_late_comes_onto_the_card_as_the_log_has_it(asking: Stage) -> None:
    request = await allow(asking)
    await asking.run()
    assert f"{SHARED} By DNS it is {NAME}." in card(asking)
    [event] = [event for event in await asking.events(request) if event.kind == EventKind.OWNERS_SHOWN]
    assert event.payload["owners"] == [
        {"address": HERE, "names": ["mail.sender.example"], "shared_by": ["Mailings"], "is_complete": True}
    ]
    known = await posted(asking, request)
    assert (known.beside.owners, known.version) == (event.seq, request.version)
    shown = ShownCard(channel=known.channel, ts=known.ts, version=request.version)
    full = await read_in_full(asking.context, request.id, shown, who=APPROVER)
    await review(
        asking.context,
        actor=APPROVER,
        request_id=request.id,
        decision=Decision.APPROVE,
        shown=full,
        who_is=who_is,
        delivery="click",
    )
    assert EventKind.REQUEST_REVIEWED in await asking.kinds(request)


async def test_what_the_request_is_warned_of_already_is_not_told_twice(asking: Stage) -> None:
    assert asking.context.who_is is not None
    await asking.context.who_is.find_out(HERE)
    await allow(asking)
    await asking.run()
    assert SHARED not in card(asking)
    assert "is shared: Mailings" in card(asking)
    assert f"By DNS it is {NAME}." in card(asking)


async def test_of_several_each_is_named(asking: Stage) -> None:
    await allow(asking, HERE, NEXT)
    await asking.run()
    assert f"`203.0.113[.]8`: {SHARED}" in card(asking)


async def test_what_has_no_answer_is_asked_again_for_a_while(asking: Stage, server: DnsServer) -> None:
    server.failing.add("spf.mailings.example")
    request = await allow(asking)
    await asking.run()
    assert SHARED not in card(asking)
    assert f"By DNS it is {NAME}." in card(asking)
    server.failing.clear()
    [job] = await asking.waiting(JobKind.FIND_OWNERS)
    asking.clock.now = job.run_at
    await asking.run()
    assert SHARED in card(asking)
    assert await asking.waiting(JobKind.FIND_OWNERS) == []
    assert (await asking.kinds(request)).count(EventKind.OWNERS_SHOWN) == 2


async def test_it_is_not_asked_for_ever(asking: Stage, server: DnsServer) -> None:
    server.failing |= {"spf.mailings.example", "7.113.0.203.in-addr.arpa"}
    request = await allow(asking)
    await asking.run()
    asking.clock.now += timedelta(minutes=11)
    await asking.run()
    assert await asking.waiting(JobKind.FIND_OWNERS) == []
    assert EventKind.OWNERS_SHOWN not in await asking.kinds(request)


async def test_a_block_asks_nobody(asking: Stage, server: DnsServer) -> None:
    await asking.propose(HERE, end="1d")
    await asking.run()
    assert server.asked == []
