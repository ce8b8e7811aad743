"""The Tenant Allow/Block List's spoofed-sender pairs: read them.

Source: Get-TenantAllowBlockListSpoofItems.
"""

from __future__ import annotations

import asyncio

from bot.domain.lists.entries import Entry
from bot.tenant.records import read_spoof
from bot.tenant.transport import Transport


async def get_pairs(transport: Transport) -> tuple[Entry, ...]:
    """Every spoof pair. Raises a TenantError."""
    answer = await transport.invoke("Get-TenantAllowBlockListSpoofItems", {}, write=False)
    return await asyncio.to_thread(read_spoof, answer.values)
