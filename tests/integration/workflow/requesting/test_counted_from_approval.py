"""A length counts from the approval, in the tenant, on the card and in the log; a day that was typed stays that day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.auditing.events import EventKind, iso
from bot.domain.lists.traits import Action
from bot.domain.requests.request import Status
from tests.integration.workflow.conftest import Stage
from tests.support.people import APPROVER, SECOND


async def test_thirty_days_are_thirty_days_from_the_approval(stage: Stage) -> None:
    request = await stage.propose("evil.example", end="30d")
    await stage.run()
    [card] = stage.cards()
    assert "30 days from approval" in str(card.blocks)
    stage.clock.advance(days=3)
    approved_at = stage.clock()
    await stage.decide(request)
    ends = approved_at + timedelta(days=30)
    assert (await stage.request(request)).expires == ends
    await stage.run()
    [item] = stage.standin.lists()["items"]["Sender"]
    assert str(item["ExpirationDate"]).startswith(f"{ends:%Y-%m-%dT%H:%M:%S}")
    [approved] = [event for event in await stage.events(request) if event.kind == EventKind.REQUEST_APPROVED]
    assert approved.payload["expires"] == iso(ends)
    [card] = stage.cards()
    assert f"{ends:%Y-%m-%d}" in str(card.blocks)
    async with stage.context.store.read() as uow:
        assert (await uow.audit.verify_requests()).findings == ()


async def test_a_last_day_stays_that_day(stage: Stage) -> None:
    last = (stage.clock() + timedelta(days=9)).date()
    request = await stage.propose("evil.example", end=last.isoformat())
    stage.clock.advance(days=3)
    await stage.decide(request)
    after = datetime(last.year, last.month, last.day, tzinfo=UTC) + timedelta(days=1)
    assert (await stage.request(request)).expires == after


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_the_most_of_an_ip_allow_counts_from_the_second_approval(stage: Stage) -> None:
    request = await stage.propose("203.0.113.7", end="7d", action=Action.ALLOW)
    stage.clock.advance(days=2)
    await stage.decide(request, who=APPROVER)
    stage.clock.advance(days=2)
    approved = await stage.decide(request, who=SECOND)
    assert approved.status is Status.APPROVED
    assert approved.expires == stage.clock() + timedelta(days=7)
    await stage.run()
    assert (await stage.request(request)).status is Status.APPLIED


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_short_length_does_not_run_out_while_it_waits(stage: Stage) -> None:
    request = await stage.propose("evil.example", end="1d")
    stage.clock.advance(days=2)
    assert (await stage.decide(request)).status is Status.APPROVED
