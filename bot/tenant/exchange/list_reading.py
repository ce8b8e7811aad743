"""Reading the tenant's lists: the connection filter's policies, the items of the Tenant Allow/Block List, spoof pairs.

Sources: Get-HostedConnectionFilterPolicy, Get-TenantAllowBlockListItems, Get-TenantAllowBlockListSpoofItems.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.aside import aside
from bot.domain.lists.entries import Entry, FilterPolicy
from bot.domain.lists.traits import Cmdlets, ListName
from bot.errors import IncompleteAnswer
from bot.tenant.calling.transport import Transport
from bot.tenant.exchange.records import EntryReader, read_policies, read_spoof


async def get_policies(transport: Transport, *, begins: Callable[[], None] | None = None) -> tuple[FilterPolicy, ...]:
    """Every connection filter policy of the tenant. `begins` is called as `Transport.invoke` says. Raises a
    TenantError."""
    # No identity: an unknown one would return all policies too, so a name would only look like a filter.
    answer = await transport.invoke(f"Get-{Cmdlets.FILTER_POLICY}", {}, write=False, begins=begins)
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


async def get_entries(
    transport: Transport, name: ListName, reader: EntryReader, *, begins: Callable[[], None] | None = None
) -> tuple[Entry, ...]:
    """Every entry of one list of senders, URLs, files or IPv6 addresses, read by the tenant's one `reader`. Raises a
    TenantError."""
    reading = reader.begin(name)

    async def take(records: Sequence[object]) -> None:
        await aside(len(records), reading.take, records)

    asked = {"ListType": name.traits.list_type}
    await transport.invoke(f"Get-{Cmdlets.ITEMS}", asked, write=False, begins=begins, take=take)
    return reading.end()


async def get_pairs(transport: Transport, *, begins: Callable[[], None] | None = None) -> tuple[Entry, ...]:
    """Every spoof pair. Raises a TenantError."""
    answer = await transport.invoke(f"Get-{Cmdlets.SPOOF_ITEMS}", {}, write=False, begins=begins)
    return await aside(len(answer.values), read_spoof, answer.values)
