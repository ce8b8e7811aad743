"""The connection filter policies: read them all, and add to or remove from their IP lists.

Source: Get- and Set-HostedConnectionFilterPolicy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.lists import Action, FilterPolicy, ListName
from bot.domain.requests import Operation
from bot.errors import IncompleteAnswer
from bot.tenant.changes import Change
from bot.tenant.commands import Command, commands_for
from bot.tenant.comparison import same_value
from bot.tenant.records import read_policies
from bot.tenant.transport import Transport


async def get_policies(transport: Transport) -> tuple[FilterPolicy, ...]:
    """Every connection filter policy of the tenant. Raises a TenantError."""
    # No identity: an unknown one would return all policies too, so a name would only look like a filter.
    answer = await transport.invoke("Get-HostedConnectionFilterPolicy", {}, write=False)
    return read_policies(answer.values)


def default_policy(policies: Sequence[FilterPolicy]) -> FilterPolicy:
    """The policy that additions go to: the default one, else the one named Default, else the first.

    Raises IncompleteAnswer when there is none, because every tenant has one.
    """
    for policy in policies:
        if policy.is_default:
            return policy
    for policy in policies:
        if policy.identity.casefold() == "default":
            return policy
    if not policies:
        raise IncompleteAnswer(
            "The tenant returned no connection filter policy, though every tenant has one.",
            "Look at Get-HostedConnectionFilterPolicy in Exchange Online PowerShell.",
        )
    return policies[0]


def commands(change: Change, policies: Sequence[FilterPolicy]) -> tuple[Command, ...]:
    """What to run for this change: an addition goes to the default policy, a removal to each policy that holds a value.

    A removal names each value as the policy spells it. Empty when no policy holds any of them.
    """
    if change.operation is Operation.ADD:
        return commands_for(change, policy=default_policy(policies).identity)
    found: list[Command] = []
    for policy in policies:
        listed = policy.allow if change.action is Action.ALLOW else policy.block
        held = tuple(
            spelled
            for spelled in listed
            if any(same_value(ListName.CONNECTION_FILTER, spelled, value) for value in change.values)
        )
        if held:
            found += commands_for(replace(change, values=held), policy=policy.identity)
    return tuple(found)
