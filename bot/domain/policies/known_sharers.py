"""What DNS says of the addresses that somebody wants to allow, beside what policy says of every one of them.

It comes when it comes: an assessment without it is whole, and what it adds decides nothing by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.policies.case import MOST_ALIKE, Assessment
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import RequestWarning
from bot.domain.senders.owner import AddressOwner, shared_warning

#: What is said while nobody knows who shares an address.
_NOT_KNOWN = "ip_allow_shared"
#: Of the warning that names who does.
SHARED_BY = "ip_allow_shared_by"


def with_owners(proposal: Proposal, assessment: Assessment, owners: Mapping[str, AddressOwner]) -> Assessment:
    """The assessment of an IP allow, with a serious warning for each address that a service for everybody sends from.

    `owners` is what is known, by the indicators' values. Where all of them are shared, the general words give way.
    """
    if not proposal.is_ip_allow:
        return assessment
    known = [owners[each.value] for each in proposal.indicators if each.value in owners]
    shared = [owner for owner in known if owner.shared_by]
    if not shared:
        return assessment
    said = [RequestWarning(code=SHARED_BY, text=shared_warning(owner), serious=True) for owner in shared[:MOST_ALIKE]]
    all_known = len(shared) == len(proposal.indicators)
    kept = [warning for warning in assessment.warnings if not (all_known and warning.code == _NOT_KNOWN)]
    serious = [warning for warning in kept if warning.serious]
    others = [warning for warning in kept if not warning.serious]
    return replace(assessment, warnings=(*serious, *said, *others))
