"""The tenant's lists, read now, for the commands that look at them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import replace

from bot import logs
from bot.as_set import build_tracing, tenant_settings
from bot.bootstrap import build_tenant
from bot.domain.figures.figures import Found
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.traits import ListName
from bot.errors import SettingsError
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


def count_mail(indicator: Indicator) -> Found:
    """What the mail of the last ten days says of an indicator, asked for now. Raises SettingsError and TenantError."""
    settings, looking = load(TenantSettings), load(LookingSettings)
    logs.configure("WARNING")
    tracing = build_tracing(tenant_settings(settings), looking)
    if tracing is None:
        raise SettingsError(("PORTCULLIS_MAIL_FIGURES is off: set it to trace, hunting or both to have mail counted.",))

    async def read() -> Found:
        try:
            return await tracing.figures(indicator)
        finally:
            await tracing.close()

    return asyncio.run(read())
