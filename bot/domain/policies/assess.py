"""May a proposal go ahead, with which warnings, how many approvals, until when at most, and what would be better?

`assess` is the way in, and pure: the same proposal, lists, rules and time give the same assessment. The rules are in
`bot.domain.policies`, a subject each; their words are at home there and are given on here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.indicators.indicator import Kind
from bot.domain.lists.change import Operation
from bot.domain.lists.entries import Snapshot
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.policies.annotation import check_annotation
from bot.domain.policies.block import check_block
from bot.domain.policies.capacity import check_capacity
from bot.domain.policies.case import Assessment, Case, Findings, Rules
from bot.domain.policies.direct_allow import check_direct_allow
from bot.domain.policies.elsewhere import check_elsewhere
from bot.domain.policies.extension import check_extension
from bot.domain.policies.import_limits import MOST_BY_HAND, check_bulk
from bot.domain.policies.ip_allow import check_ip_allow
from bot.domain.policies.ip_ranges import check_addresses
from bot.domain.policies.neighbours import check_neighbours
from bot.domain.policies.removal import check_removal
from bot.domain.policies.safe_list import check_safe_list_off
from bot.domain.policies.spoof_allow import check_spoof_allow
from bot.domain.policies.submission import check_by_hand, check_submission
from bot.domain.policies.unread import check_unread
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.who_decides import about, approvals_by_rules

#: In one proposal. More belongs in an import, where nobody has to read a card with them all.
MOST_INDICATORS = MOST_BY_HAND

_Rule = Callable[[Case, Findings], None]


def assess(
    proposal: Proposal,
    lists: Snapshot | None,
    rules: Rules,
    *,
    now: datetime,
    most: int = MOST_INDICATORS,
    known: Sequence[KnownEntry] | None = None,
    index: ListIndex | None = None,
) -> Assessment:
    """The decision on a proposal, with everything that people must know about it.

    `lists` is the tenant's snapshot, or None when nothing is known of it yet. `known` is what Portcullis has on record
    of the entries, for the ends and notes that it keeps itself; None says that nobody looked. `index` is that of these
    same lists, where there is one. One refusal refuses the whole proposal; those that are about one indicator name it.
    Raises ValueError for what a caller must not send: no indicators (but for the safe list, which policy refuses), more
    than `most`, the same one twice, one that goes to another list, or an operation that there is not for the list.
    """
    return decide(Case(proposal=proposal, lists=lists, rules=rules, now=now, known=known, index=index), most=most)


def decide(case: Case, *, most: int = MOST_INDICATORS) -> Assessment:
    """The decision on a case. See `assess`, which is the same for whoever has no further use for the case."""
    _demand_sound(case.proposal, most)
    findings = Findings()
    for rule in _rules_for(case.proposal, case.rules):
        rule(case, findings)
    proposal = case.proposal
    kind = about(proposal.operation, proposal.action, proposal.list)
    findings.approvals_needed = max(findings.approvals_needed, approvals_by_rules({kind}, case.rules.approvers))
    return findings.assessment()


def _rules_for(proposal: Proposal, rules: Rules) -> Sequence[_Rule]:
    match proposal.operation:
        case Operation.ADD:
            return _rules_for_adding(proposal, rules)
        case Operation.REMOVE:
            return (check_removal, check_elsewhere, check_unread)
        case Operation.EXTEND:
            return (check_bulk, check_extension, check_unread)
        case Operation.ANNOTATE:
            return (check_annotation, check_unread)
        case Operation.SAFE_LIST_OFF:
            return (check_safe_list_off,)
        case Operation.SUBMIT:
            # What the lists hold already matters to nobody when nothing may be submitted.
            return (
                (check_bulk, check_submission, check_elsewhere, check_unread) if rules.submissions else (check_by_hand,)
            )


def _rules_for_adding(proposal: Proposal, rules: Rules) -> Sequence[_Rule]:
    if proposal.action is Action.BLOCK:
        return (check_block, check_addresses, check_neighbours, check_elsewhere, check_capacity, check_unread)
    if proposal.is_ip_allow:
        return (
            check_bulk,
            check_ip_allow,
            check_addresses,
            check_neighbours,
            check_elsewhere,
            check_capacity,
            check_unread,
        )
    if proposal.list is ListName.SPOOF:
        return (check_spoof_allow, check_neighbours, check_capacity, check_unread)
    if rules.direct_allow and proposal.list.traits.takes_direct_allows:
        return (check_direct_allow, check_neighbours, check_elsewhere, check_capacity, check_unread)
    return (check_by_hand,)


def _demand_sound(proposal: Proposal, most: int) -> None:
    indicators = proposal.indicators
    is_safe_list = proposal.operation is Operation.SAFE_LIST_OFF
    if not indicators and not is_safe_list:
        raise ValueError("a proposal needs at least one indicator")
    if len(indicators) > most:
        raise ValueError(f"a proposal takes at most {most} indicators, not {len(indicators)}")
    if len({indicator.value for indicator in indicators}) < len(indicators):
        raise ValueError("a proposal names each indicator once")
    strays = [
        indicator.value
        for indicator in indicators
        if list_for(indicator.kind) is not proposal.list or (indicator.kind is Kind.FILTER_POLICY) is not is_safe_list
    ]
    if strays:
        raise ValueError(f"these indicators don't go to the list {proposal.list.value}: {', '.join(strays)}")
    if proposal.operation is Operation.SUBMIT and not (
        proposal.action is Action.ALLOW and proposal.list.traits.takes_submissions
    ):
        raise ValueError(f"nothing is submitted to {proposal.action.value} in the list {proposal.list.value}")
