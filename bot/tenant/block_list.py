"""The Tenant Allow/Block List's items (senders, URLs, files, IPv6): read a list, and what to run for a change to it.

Source: Get-, New- and Remove-TenantAllowBlockListItems.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from bot.domain.lists import Entry, ListName
from bot.domain.requests import Operation
from bot.tenant.changes import Change
from bot.tenant.commands import Command, commands_for
from bot.tenant.comparison import holds
from bot.tenant.records import LIST_TYPES, read_entries
from bot.tenant.transport import Transport


async def get_entries(transport: Transport, name: ListName) -> tuple[Entry, ...]:
    """Every entry of one list. Raises a TenantError."""
    answer = await transport.invoke("Get-TenantAllowBlockListItems", {"ListType": LIST_TYPES[name]}, write=False)
    # In a thread: thousands of entries would hold up whoever waits for the event loop.
    return await asyncio.to_thread(read_entries, name, answer.values)


def commands(change: Change, entries: Sequence[Entry]) -> tuple[Command, ...]:
    """What to run for this change.

    A removal names each value as the list spells it, and only where the list holds it with the change's action: the
    cmdlet removes by value alone, and would take a block away for somebody who wanted an allow gone. Empty when the
    list holds none of them.
    """
    if change.operation is Operation.ADD:
        return commands_for(change)
    held = (holds(entries, value, change.action) for value in change.values)
    spelled = tuple(dict.fromkeys(entry.value for entry in held if entry is not None))
    return commands_for(replace(change, values=spelled)) if spelled else ()
