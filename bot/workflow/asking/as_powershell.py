"""A change as PowerShell, as far as the last snapshot of the tenant's lists tells what will be sent.

The tenant itself isn't asked: it is read again before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.lists.change import Change, Operation, reaches_tenant
from bot.domain.lists.entries import Snapshot, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.tenant.exchange.change_parts import ChangePart, parts_of
from bot.tenant.exchange.list_reading import default_policy
from bot.tenant.exchange.powershell import as_powershell


def by_snapshot(change: Change, lists: Snapshot | None, *, accepted_domains: Collection[str]) -> str:
    """The cmdlets for this change: with the policy, the spellings and the own domains that the snapshot shows.

    What the snapshot doesn't show is written as it was asked for. `accepted_domains` are those that the operator has
    named: they count where the snapshot knows none. Where nothing is sent to the tenant: a comment that says so.
    """
    if lists is None or not reaches_tenant(change):
        return as_powershell(change, accepted_domains=accepted_domains)
    own = lists.accepted_domains or accepted_domains
    return "\n\n".join(
        as_powershell(part.change, policy=part.policy or "Default", accepted_domains=own)
        for part in _parts(change, lists)
    )


def _parts(change: Change, lists: Snapshot) -> tuple[ChangePart, ...]:
    if change.list.traits.in_policies and not lists.policies:
        return (ChangePart(change=change),)
    if change.operation is Operation.ADD:
        return parts_of(change, ListSnapshot(list=change.list, as_of=lists.as_of, policies=lists.policies))
    reading = _reading(change, lists)
    if change.list.traits.in_policies and change.operation is not Operation.SAFE_LIST_OFF:
        unseen = tuple(value for value in change.values if not reading.held(value, change.action))
        rest = ChangePart(change=replace(change, values=unseen), policy=default_policy(lists.policies).identity)
        return (*parts_of(change, reading), *((rest,) if unseen else ()))
    spelled = (reading.holds(value, change.action) for value in change.values)
    values = (value if entry is None else entry.value for value, entry in zip(change.values, spelled, strict=True))
    return (ChangePart(change=replace(change, values=tuple(values))),)


def _reading(change: Change, lists: Snapshot) -> ListSnapshot:
    if change.operation is Operation.SAFE_LIST_OFF:
        entries = safe_lists_on(lists.policies)
    elif change.list.traits.in_policies:
        entries = policy_entries(lists.policies)
    else:
        entries = tuple(entry for entry in lists.entries if entry.list is change.list)
    return ListSnapshot(list=change.list, as_of=lists.as_of, policies=lists.policies, entries=entries)
