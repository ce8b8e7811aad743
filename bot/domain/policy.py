"""May a proposal go ahead, with which warnings, how many approvals, until when at most, and what would be better?

`assess` is the way in, and pure: the same proposal, lists, rules and time give the same assessment. The rules are in
`bot.domain.policies`, a subject each; their words are at home there and are given on here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.lists import Action, ListName, TenantLists, list_for
from bot.domain.policies.addresses import check_addresses
from bot.domain.policies.block import check_block
from bot.domain.policies.capacity import check_capacity
from bot.domain.policies.ip_allow import check_ip_allow
from bot.domain.policies.neighbours import check_neighbours
from bot.domain.policies.proposal import (
    Assessment,
    Case,
    Field,
    Findings,
    IpAllow,
    Proposal,
    Refusal,
    Rules,
)
from bot.domain.policies.removal import check_removal
from bot.domain.policies.tabl_allow import check_allow_by_submission, check_spoof_allow
from bot.domain.policies.unread import check_unread
from bot.domain.requests import Operation

__all__ = ["MOST_INDICATORS", "Assessment", "Field", "IpAllow", "Proposal", "Refusal", "Rules", "assess"]

#: In one proposal. More belongs in an import, where nobody has to read a card with them all.
MOST_INDICATORS = 100

_Rule = Callable[[Case, Findings], None]


def assess(proposal: Proposal, lists: TenantLists | None, rules: Rules, *, now: datetime) -> Assessment:
    """The decision on a proposal, with everything that people must know about it.

    `lists` is the tenant's picture, or None when nothing is known of it yet. One refusal refuses the whole proposal;
    those that are about one indicator name it. Raises ValueError for what a caller must not send: no indicators, more
    than `MOST_INDICATORS`, the same one twice, or one that goes to another list.
    """
    _demand_sound(proposal)
    case = Case(proposal=proposal, lists=lists, rules=rules, now=now)
    findings = Findings()
    for rule in _rules_for(proposal):
        rule(case, findings)
    return findings.assessment()


def _rules_for(proposal: Proposal) -> Sequence[_Rule]:
    if proposal.operation is Operation.REMOVE:
        return (check_removal, check_unread)
    if proposal.action is Action.BLOCK:
        return (check_block, check_addresses, check_neighbours, check_capacity, check_unread)
    if proposal.list in {ListName.CONNECTION_FILTER, ListName.IP}:
        return (check_ip_allow, check_addresses, check_neighbours, check_capacity, check_unread)
    if proposal.list is ListName.SPOOF:
        return (check_spoof_allow, check_neighbours, check_capacity, check_unread)
    # What the lists hold already matters to nobody when nothing may be added.
    return (check_allow_by_submission,)


def _demand_sound(proposal: Proposal) -> None:
    indicators = proposal.indicators
    if not indicators:
        raise ValueError("a proposal needs at least one indicator")
    if len(indicators) > MOST_INDICATORS:
        raise ValueError(f"a proposal takes at most {MOST_INDICATORS} indicators, not {len(indicators)}")
    if len({indicator.value for indicator in indicators}) < len(indicators):
        raise ValueError("a proposal names each indicator once")
    strays = [indicator.value for indicator in indicators if list_for(indicator.kind) is not proposal.list]
    if strays:
        raise ValueError(f"these indicators don't go to the list {proposal.list.value}: {', '.join(strays)}")
