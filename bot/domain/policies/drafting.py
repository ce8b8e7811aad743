"""From what somebody typed to proposals: one for each list that the indicators belong to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import is_same
from bot.domain.lists.ends import default_expiry
from bot.domain.lists.entries import Entry, FilterPolicy, Snapshot
from bot.domain.lists.entry_index import Near, nearby
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.case import Rules
from bot.domain.reading.durations import Lifetime, expires_at
from bot.domain.reading.listed import listed_indicator
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.proposal import Proposal


def draft(
    operation: Operation,
    action: Action,
    indicators: Sequence[Indicator],
    *,
    lifetime: Lifetime | None,
    reason: str,
    rules: Rules,
    now: datetime,
    acknowledged: bool = False,
    evidence: Evidence | None = None,
) -> tuple[Proposal, ...]:
    """A proposal for each list, in the order in which the lists were first named; the same value twice counts once.

    To add an allow for a domain, address, URL or file is to submit it, unless the operator permits direct allows there.
    Without a lifetime each list gets its own default; only what is added, extended or submitted has an end. `evidence`
    goes to submissions only. Raises InvalidDuration for an end date that has passed.
    """
    by_list: dict[ListName, dict[str, Indicator]] = {}
    for indicator in indicators:
        by_list.setdefault(list_for(indicator.kind), {}).setdefault(indicator.value, indicator)
    return tuple(
        Proposal(
            operation=(how := _how(operation, action, name, rules)),
            action=action,
            list=name,
            indicators=tuple(members.values()),
            reason=reason,
            expires=(expires := _expiry(how, action, name, lifetime, rules, now)),
            lasts=None if expires is None or (lifetime is not None and lifetime.days is None) else expires - now,
            acknowledged=acknowledged,
            evidence=evidence if how is Operation.SUBMIT else None,
        )
        for name, members in by_list.items()
    )


def draft_removal(entries: Sequence[Entry], *, reason: str, rules: Rules, now: datetime) -> tuple[Proposal, ...]:
    """The same to take out entries, one at least and all of one action, each as the tenant has it."""
    return draft(
        Operation.REMOVE,
        entries[0].action,
        [listed_indicator(entry) for entry in entries],
        lifetime=None,
        reason=reason,
        rules=rules,
        now=now,
    )


def safe_list_off(policies: Sequence[FilterPolicy], *, reason: str) -> Proposal:
    """The proposal to switch the safe list off in those of these connection filter policies where it is on.

    Where it is on in none, the proposal has no indicators, and policy refuses it.
    """
    return Proposal(
        operation=Operation.SAFE_LIST_OFF,
        action=Action.ALLOW,
        list=ListName.CONNECTION_FILTER,
        indicators=tuple(
            Indicator(kind=Kind.FILTER_POLICY, value=policy.identity) for policy in policies if policy.safe_list
        ),
        reason=reason,
        expires=None,
    )


def which_action(
    indicators: Sequence[Indicator], lists: Snapshot | None, *, index: ListIndex | None = None
) -> Action | None:
    """The action of the entries that these indicators have, to change one without saying which it is.

    Those that aren't listed have none: policy names them beside the others. None when none is listed, when some are
    allowed and some blocked (in the connection filter one can be both), and when the lists aren't known. `index` is
    that of just these lists: with it, long ones take no longer than short ones.
    """
    found = _actions_of(indicators, lists, index) if lists is not None else set()
    return found.pop() if len(found) == 1 else None


def is_none_listed(indicators: Sequence[Indicator], lists: Snapshot | None, *, index: ListIndex | None = None) -> bool:
    """Whether it is certain, as of the lists, that no entry is any of these indicators. `index` is theirs."""
    if lists is None or not indicators or any(list_for(each.kind) in lists.unreadable for each in indicators):
        return False
    return not _actions_of(indicators, lists, index)


def entries_of(
    indicators: Sequence[Indicator], action: Action, lists: Snapshot | None, *, index: ListIndex | None = None
) -> tuple[Entry, ...]:
    """The entries that these indicators have with an action; none where one of them has none. `index` is the lists'."""
    if lists is None:
        return ()
    found = [[entry for entry in entries if entry.action is action] for entries in _listed(indicators, lists, index)]
    return tuple(entry for entries in found for entry in entries) if all(found) else ()


def _actions_of(indicators: Sequence[Indicator], lists: Snapshot, index: ListIndex | None) -> set[Action]:
    """The actions of the entries that are one of these indicators."""
    return {entry.action for entries in _listed(indicators, lists, index) for entry in entries}


def _listed(indicators: Sequence[Indicator], lists: Snapshot, index: ListIndex | None) -> Iterator[Sequence[Entry]]:
    """For each of these indicators, the entries that are just that."""
    by_list: dict[ListName, list[Indicator]] = {}
    for indicator in indicators:
        by_list.setdefault(list_for(indicator.kind), []).append(indicator)
    for name, members in by_list.items():
        if index is not None:
            near: Near = partial(index.near, name)
        else:
            near = nearby(name, tuple(entry for entry in lists.entries if entry.list is name), members)
        for indicator in members:
            yield [entry for entry in near(indicator) if is_same(entry, indicator)]


def _how(operation: Operation, action: Action, name: ListName, rules: Rules) -> Operation:
    if operation is not Operation.ADD or action is not Action.ALLOW or not name.traits.takes_submissions:
        return operation
    return Operation.ADD if rules.direct_allow and name.traits.takes_direct_allows else Operation.SUBMIT


def _expiry(
    operation: Operation, action: Action, name: ListName, lifetime: Lifetime | None, rules: Rules, now: datetime
) -> datetime | None:
    if not operation.asks_for_an_end:
        return None
    if lifetime is not None:
        return expires_at(lifetime, now)
    return default_expiry(name, action, now=now, ip_allow_max_days=rules.ip_allow_max_days)
