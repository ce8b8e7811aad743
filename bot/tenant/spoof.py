"""The Tenant Allow/Block List's spoofed-sender pairs: read them, and what to run for a change to them.

Source: Get-, New- and Remove-TenantAllowBlockListSpoofItems.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bot.domain.lists import Entry
from bot.domain.requests import Operation
from bot.errors import IncompleteAnswer
from bot.tenant.changes import Change
from bot.tenant.commands import Command, commands_for
from bot.tenant.comparison import holds
from bot.tenant.records import read_spoof
from bot.tenant.transport import Transport


async def get_pairs(transport: Transport) -> tuple[Entry, ...]:
    """Every spoof pair. Raises a TenantError."""
    answer = await transport.invoke("Get-TenantAllowBlockListSpoofItems", {}, write=False)
    return read_spoof(answer.values)


def commands(change: Change, pairs: Sequence[Entry], *, accepted_domains: Collection[str]) -> tuple[Command, ...]:
    """What to run for this change. A removal gives the service its own ids, looked up in `pairs`.

    Empty when no pair that the change wants removed is there.
    """
    if change.operation is Operation.ADD:
        return commands_for(change, accepted_domains=accepted_domains)
    ids: list[str] = []
    for value in change.values:
        entry = holds(pairs, value, change.action)
        if entry is None:
            continue
        if not entry.identity:
            raise IncompleteAnswer(
                f"The tenant gave no id for the spoof pair {entry.value}, so that it can't be removed.",
                "Remove it in the Defender portal.",
            )
        ids.append(entry.identity)
    if not ids:
        return ()
    return tuple(
        Command(cmdlet=command.cmdlet, parameters={**command.parameters, "Ids": tuple(ids)})
        for command in commands_for(change)[:1]
    )
