"""What of a change goes where, by the last snapshot of the tenant's lists: policies, spellings, own domains.

The tenant itself isn't asked: it is read again before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.domain.lists.change import Change, Operation
from bot.domain.lists.entries import Snapshot, policy_entries
from bot.domain.lists.list_snapshot import ListSnapshot, safe_lists_on
from bot.tenant.exchange.change_parts import ChangePart, parts_of
from bot.tenant.exchange.list_reading import default_policy


def parts_by_snapshot(
    change: Change, lists: Snapshot | None, *, accepted_domains: Collection[str]
) -> tuple[tuple[ChangePart, ...], Collection[str]]:
    """What is to be sent, and the tenant's own domains. What the snapshot doesn't show is as it was asked for.

    `accepted_domains` are those that the operator has named: they count where the snapshot knows none.
    """
    if lists is None:
        return (ChangePart(change=change),), accepted_domains
    return _parts(change, lists), lists.accepted_domains or accepted_domains


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
