"""A scripted service for each test, or the strict stand-in, and settings that point at it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.domain.lists.change import Change
from bot.playground.tenant.standin import TenantStandIn
from bot.tenant.access import Patience, TenantAccess
from bot.tenant.exchange.tenant import Tenant
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, Scripted, serving, serving_app

#: No test waits for a backoff, and none hangs for long.
QUICK = Patience(connect=2, read=5, total=10, first_wait=0.001, longest_wait=0.002, longest_retry_after=2)

SettingsFor = Callable[..., TenantAccess]


@pytest.fixture
async def service() -> AsyncIterator[Scripted]:
    async with serving() as scripted:
        yield scripted


@pytest.fixture
def settings_for() -> SettingsFor:
    def build(url: str, **changes: object) -> TenantAccess:
        values: dict[str, object] = {
            "tenant_id": TENANT_ID,
            "client_id": CLIENT_ID,
            "secret": secrets.token_hex(16),
            "exchange_url": url,
            "authority_url": url,
            "calls_per_second": 1000.0,
            "patience": QUICK,
        }
        return TenantAccess(**{**values, **changes})  # type: ignore[arg-type]

    return build


@pytest.fixture
def settings(service: Scripted, settings_for: SettingsFor) -> TenantAccess:
    return settings_for(service.url)


@dataclass(frozen=True)
class Stage:
    """A tenant's client and the stand-in that it talks to."""

    standin: TenantStandIn
    tenant: Tenant
    settings: TenantAccess

    async def state(self, asked: Change, **more: Sequence[float]) -> Mapping[str, bool]:
        """What the list, read back, says of each value of a change."""
        reading = await self.tenant.read_back(asked, **more)
        return reading.state(asked, now=datetime.now(UTC))


@pytest.fixture
async def stage(settings_for: SettingsFor) -> AsyncIterator[Stage]:
    async def no_wait(seconds: float) -> None:
        assert seconds > 0

    secret = secrets.token_hex(16)
    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secret)
    async with serving_app(standin.app()) as url:
        environment = standin.environment(url)
        settings = settings_for(
            environment["PORTCULLIS_EXCHANGE_URL"],
            authority_url=environment["PORTCULLIS_AUTHORITY_URL"],
            secret=secret,
        )
        tenant = Tenant(settings, wait=no_wait)
        try:
            yield Stage(standin, tenant, settings)
        finally:
            await tenant.close()
