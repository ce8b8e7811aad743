"""Thousands of values: how many calls they cost, and that nobody has to wait for their looking up."""

from __future__ import annotations

import secrets
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.lists import list_snapshot
from bot.domain.lists.change import Change, Operation, values_per_call
from bot.domain.lists.comparison import comparable
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName
from bot.playground.tenant.standin import TenantStandIn
from bot.tenant.access import TenantAccess
from bot.tenant.exchange import list_reading
from bot.tenant.exchange.tenant import Tenant
from tests.integration.tenant.conftest import QUICK
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, Scripted, serving_app
from tests.support.stand_ins import access_to

VALUES = tuple(f"Host{number}.example" for number in range(10_000))
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
async def standin() -> AsyncIterator[tuple[TenantStandIn, Tenant]]:
    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16), plan="plan2")
    async with serving_app(standin.app()) as url:
        tenant = Tenant(access_to(standin.environment(url), patience=QUICK, calls_per_second=100_000.0))
        try:
            yield standin, tenant
        finally:
            await tenant.close()


async def test_ten_thousand_values_cost_five_hundred_writes_and_few_reads(
    standin: tuple[TenantStandIn, Tenant],
) -> None:
    service, tenant = standin
    asked = Change(
        operation=Operation.ADD,
        action=Action.BLOCK,
        list=ListName.SENDER,
        values=VALUES,
        expires=datetime.now(UTC).replace(microsecond=0) + timedelta(days=30),
        notes="request 7",
    )
    reading = await tenant.read_for(asked)
    size = values_per_call(asked.list, asked.operation)
    for start in range(0, len(VALUES), size):
        await tenant.apply(replace(asked, values=VALUES[start : start + size]), reading=reading)
    back = await tenant.read_back(asked)

    assert all(back.state(asked, now=datetime.now(UTC)).values())
    calls = Counter(str(call["cmdlet"]) for call in service.calls())
    # One page says that the list is empty, and ten of a thousand records each read it back.
    assert calls == {"New-TenantAllowBlockListItems": 500, "Get-TenantAllowBlockListItems": 11}
    assert service.remarks() == []


async def test_thousands_are_looked_up_away_from_the_event_loop_and_each_but_once(
    settings: TenantAccess, service: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = tuple(
        Entry(list=ListName.URL, action=Action.BLOCK, value=f"HOST{number}.example/a") for number in range(15_000)
    )
    asked = Change(
        operation=Operation.ADD,
        action=Action.BLOCK,
        list=ListName.URL,
        values=tuple(f"host{number}.example/a" for number in range(5_000, 15_000)),
    )
    threads: Counter[int] = Counter()

    def noted(name: ListName, value: str) -> object:
        threads[threading.get_ident()] += 1
        return comparable(name, value)

    async def read(_: object, name: ListName, *_reader: object, **_options: object) -> tuple[Entry, ...]:
        assert name is ListName.URL
        return entries

    monkeypatch.setattr(list_snapshot, "comparable", noted)
    monkeypatch.setattr(list_reading, "get_entries", read)
    tenant = Tenant(settings, now=lambda: NOW)
    reading = await tenant.read_back(asked)
    await tenant.close()

    assert threading.get_ident() not in threads
    # No more than one look at each entry and each value: what grows with their product is too slow.
    assert threads.total() == 25_000
    assert reading.holds("host14999.example/a", Action.BLOCK) is entries[-1]
