"""The tenant's lists, read now, for the commands that look at them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from bot import logs
from bot.bootstrap import build_tenant
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.settings import TenantSettings, load


def read_live_lists(names: Collection[ListName] | None = None) -> Snapshot:
    """Read some lists of the tenant that the settings name, or all. Raises SettingsError and TenantError."""
    settings = load(TenantSettings)
    # On stderr, whatever there is: stdout is the command's own, and may be JSON.
    logs.configure("WARNING")

    async def read() -> Snapshot:
        tenant = build_tenant(settings)
        try:
            return await tenant.read_lists(names)
        finally:
            await tenant.close()

    return asyncio.run(read())
