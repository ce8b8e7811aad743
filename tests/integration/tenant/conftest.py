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
from tests.support.stand_ins import access_to

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
        environment = {
            "PORTCULLIS_TENANT_ID": TENANT_ID,
            "PORTCULLIS_CLIENT_ID": CLIENT_ID,
            "PORTCULLIS_CLIENT_SECRET": secrets.token_hex(16),
            "PORTCULLIS_EXCHANGE_URL": url,
            "PORTCULLIS_AUTHORITY_URL": url,
        }
        return access_to(environment, **{"patience": QUICK, **changes})

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
async def stage() -> AsyncIterator[Stage]:
    async def no_wait(seconds: float) -> None:
        assert seconds > 0

    standin = TenantStandIn(tenant_id=TENANT_ID, client_id=CLIENT_ID, client_secret=secrets.token_hex(16))
    async with serving_app(standin.app()) as url:
        settings = access_to(standin.environment(url), patience=QUICK)
        tenant = Tenant(settings, wait=no_wait)
        try:
            yield Stage(standin, tenant, settings)
        finally:
            await tenant.close()
