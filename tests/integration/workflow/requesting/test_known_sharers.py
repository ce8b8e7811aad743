"""What DNS says of an address: nobody waits for it, and what is known by then is told of an IP allow and in a check."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.dns.lookup import Lookup
from bot.dns.who_is import WhoIs
from bot.domain.lists.traits import Action
from bot.domain.senders.shared_senders import SharedSender
from bot.workflow.asking.check import check, on_record
from bot.workflow.requesting.consider import Considered, consider
from bot.workflow.shared.context import Context
from bot.workflow.shared.rights import proposer
from tests.integration.workflow.conftest import Stage
from tests.support.dns_server import DnsServer, dns_server
from tests.support.people import REQUESTER
from tests.support.proposing import drafted

pytestmark = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)

HERE = "203.0.113.7"


@pytest.fixture
async def server() -> AsyncIterator[DnsServer]:
    async with dns_server() as running:
        running.text("spf.mailings.example", "v=spf1 ip4:203.0.113.0/24 -all")
        yield running


def asking(stage: Stage, server: DnsServer) -> tuple[Context, WhoIs]:
    sender = SharedSender(name="Mailings", domains=("spf.mailings.example",))
    who_is = WhoIs(Lookup(server.servers, within=20), senders=(sender,), within=20)
    return replace(stage.context, who_is=who_is), who_is


def codes(considered: Considered) -> set[str]:
    return {warning.code for judged in considered.judged for warning in judged.assessment.warnings}


async def test_an_allow_is_judged_at_once_and_asked_about_meanwhile(stage: Stage, server: DnsServer) -> None:
    await stage.snapshot()
    context, who_is = asking(stage, server)
    actor = await proposer(context, REQUESTER, delivery="typed")
    proposals = drafted(context, HERE, action=Action.ALLOW, end="5d")
    first = await consider(context, actor=actor, proposals=proposals)
    assert "ip_allow_shared" in codes(first)
    assert "ip_allow_shared_by" not in codes(first)
    await who_is.soon([HERE], within=20)
    second = await consider(context, actor=actor, proposals=proposals)
    assert "ip_allow_shared_by" in codes(second)
    assert "ip_allow_shared" not in codes(second)


async def test_a_block_asks_nobody(stage: Stage, server: DnsServer) -> None:
    await stage.snapshot()
    context, _ = asking(stage, server)
    actor = await proposer(context, REQUESTER, delivery="typed")
    await consider(context, actor=actor, proposals=drafted(context, HERE, end="5d"))
    assert server.asked == []


async def test_a_check_says_whose_an_address_is(stage: Stage, server: DnsServer) -> None:
    await stage.snapshot()
    context, who_is = asking(stage, server)
    await who_is.find_out(HERE)
    [indicator] = drafted(context, HERE, end="5d")[0].indicators
    checked = await check(context, actor=REQUESTER, indicators=[indicator], delivery="asked", response_url="")
    found = await on_record(context, checked)
    assert found.owners[HERE].shared_by == ("Mailings",)
