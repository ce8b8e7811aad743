"""A change as PowerShell, as far as the last snapshot of the tenant's lists tells what will be sent.

The tenant itself isn't asked: it is read again before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection

from bot.domain.lists.change import Change, reaches_tenant
from bot.domain.lists.entries import Snapshot
from bot.tenant.exchange.powershell import as_powershell
from bot.workflow.shared.change_by_snapshot import parts_by_snapshot


def by_snapshot(change: Change, lists: Snapshot | None, *, accepted_domains: Collection[str]) -> str:
    """The cmdlets for this change: with the policy, the spellings and the own domains that the snapshot shows.

    What the snapshot doesn't show is written as it was asked for. `accepted_domains` are those that the operator has
    named: they count where the snapshot knows none. Where nothing is sent to the tenant: a comment that says so.
    """
    if not reaches_tenant(change):
        return as_powershell(change, accepted_domains=accepted_domains)
    parts, own = parts_by_snapshot(change, lists, accepted_domains=accepted_domains)
    return "\n\n".join(
        as_powershell(part.change, policy=part.policy or "Default", accepted_domains=own) for part in parts
    )
