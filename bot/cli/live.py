"""The tenant's lists, read now, for the commands that look at them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

from bot import logs
from bot.bootstrap import build_tenant
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.settings import LookingSettings, TenantSettings, load


def read_live_lists(names: Collection[ListName] | None = None) -> Snapshot:
    """Read some lists of the tenant that the settings name, or all, with the places beside them.

    Raises SettingsError and TenantError.
    """
    settings, looking = load(TenantSettings), load(LookingSettings)
    # On stderr, whatever there is: stdout is the command's own, and may be JSON.
    logs.configure("WARNING")

    async def read() -> Snapshot:
        tenant = build_tenant(settings, looking)
        try:
            if names is None:
                return await tenant.read_lists()
            lists, places = await asyncio.gather(tenant.read_lists(names), tenant.read_places())
            return replace(lists, places=places)
        finally:
            await tenant.close()

    return asyncio.run(read())
