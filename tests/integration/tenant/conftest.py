"""A scripted service for each test, and settings that point at it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable

import pytest

from bot.tenant.settings import Patience, TenantSettings
from tests.integration.tenant.scripted import CLIENT_ID, TENANT_ID, Scripted, serving

#: No test waits for a backoff, and none hangs for long.
QUICK = Patience(connect=2, read=5, total=10, first_wait=0.001, longest_wait=0.002, longest_retry_after=2)

SettingsFor = Callable[..., TenantSettings]


@pytest.fixture
async def service() -> AsyncIterator[Scripted]:
    async with serving() as scripted:
        yield scripted


@pytest.fixture
def settings_for() -> SettingsFor:
    def build(url: str, **changes: object) -> TenantSettings:
        values: dict[str, object] = {
            "tenant_id": TENANT_ID,
            "client_id": CLIENT_ID,
            "secret": secrets.token_hex(16),
            "exchange_url": url,
            "authority_url": url,
            "calls_per_second": 1000.0,
            "patience": QUICK,
        }
        return TenantSettings(**{**values, **changes})  # type: ignore[arg-type]

    return build


@pytest.fixture
def settings(service: Scripted, settings_for: SettingsFor) -> TenantSettings:
    return settings_for(service.url)
