"""The connection filter policies: read them all, and which of them additions go to.

Source: Get-HostedConnectionFilterPolicy.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.lists.entries import FilterPolicy
from bot.errors import IncompleteAnswer
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
