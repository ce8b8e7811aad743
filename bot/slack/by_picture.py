"""A change as PowerShell, as far as the last picture of the tenant's lists tells what will be sent.

The tenant itself isn't asked: it is read again before anything is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from bot.domain.lists import Action, FilterPolicy, ListName, TenantLists
from bot.domain.requests import Operation
from bot.tenant.changes import Change
from bot.tenant.comparison import comparable
from bot.tenant.connection_filter import default_policy
from bot.tenant.powershell import as_powershell


def by_picture(change: Change, lists: TenantLists | None, *, accepted_domains: Collection[str]) -> str:
    """The cmdlets for this change: with the policy, the spellings and the own domains that the picture shows.

    `accepted_domains` are those that the operator has named: they count where the picture knows none.
    """
    if lists is None:
        return as_powershell(change, accepted_domains=accepted_domains)
    if change.list is ListName.CONNECTION_FILTER and lists.policies:
        parts = _by_policy(change, lists.policies)
        return "\n\n".join(as_powershell(part, policy=policy) for policy, part in parts)
    if change.operation is Operation.REMOVE:
        held = (one.value for one in lists.entries if one.list is change.list and one.action is change.action)
        spellings = _spellings(change, held)
        change = replace(change, values=tuple(spellings.get(value, [value])[0] for value in change.values))
    return as_powershell(change, accepted_domains=lists.accepted_domains or accepted_domains)


def _by_policy(change: Change, policies: Sequence[FilterPolicy]) -> Iterator[tuple[str, Change]]:
    """What goes to which policy: additions to the default one, removals to each that holds the value."""
    default = default_policy(policies).identity
    if change.operation is Operation.ADD:
        yield default, change
        return
    unseen = set(change.values)
    for policy in policies:
        spellings = _spellings(change, policy.allow if change.action is Action.ALLOW else policy.block)
        unseen -= spellings.keys()
        if spellings:
            held = tuple(spelling for each in spellings.values() for spelling in each)
            yield policy.identity, replace(change, values=held)
    if unseen:
        yield default, replace(change, values=tuple(value for value in change.values if value in unseen))


def _spellings(change: Change, held: Iterable[str]) -> dict[str, list[str]]:
    """For each of the change's values that is among those held: how it is spelled there, usually in one way."""
    by_form: dict[object, list[str]] = {}
    for spelling in held:
        by_form.setdefault(comparable(change.list, spelling), []).append(spelling)
    found = {value: by_form.get(comparable(change.list, value), []) for value in change.values}
    return {value: spellings for value, spellings in found.items() if spellings}
