"""The Tenant Allow/Block List's items (senders, URLs, files, IPv6): read a list.

Source: Get-TenantAllowBlockListItems.
"""

from __future__ import annotations

import asyncio

from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import ListName
from bot.tenant.records import LIST_TYPES, read_entries
from bot.tenant.transport import Transport


async def get_entries(transport: Transport, name: ListName) -> tuple[Entry, ...]:
    """Every entry of one list. Raises a TenantError."""
    answer = await transport.invoke("Get-TenantAllowBlockListItems", {"ListType": LIST_TYPES[name]}, write=False)
    # In a thread: thousands of entries would hold up whoever waits for the event loop.
    return await asyncio.to_thread(read_entries, name, answer.values)
