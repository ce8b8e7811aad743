"""How many are proposed at once, and what is never proposed in bulk, because people have to look at each one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import list_for
from bot.domain.policies.case import Case, Findings, Refusal
from bot.domain.requests.proposal import Proposal

#: More than so many in one proposal is in bulk, wherever it comes from.
MOST_BY_HAND = 100


def refuse_too_many(indicators: Sequence[Indicator]) -> Refusal | None:
    """Why so many indicators can't be proposed at once; None when they can. A request takes those of one list."""
    distinct = {(indicator.kind, indicator.value) for indicator in indicators}
    most = max(Counter(list_for(kind) for kind, _ in distinct).values(), default=0)
    if most <= MOST_BY_HAND:
        return None
    return Refusal(
        code="too_many",
        text=f"{most} indicators for one list are more than a request takes.",
        remedy=f"Propose up to {MOST_BY_HAND} at a time, or use /import for blocks, removals and new ends.",
    )


def refuse_in_bulk(proposal: Proposal) -> Refusal | None:
    """The refusal of an import of these, or None where they may be imported."""
    if proposal.is_ip_allow:
        return Refusal(
            code="ip_allow_in_bulk",
            text="IP allow entries are not imported: each of them switches filtering off for whoever sends from there.",
            remedy="Propose the few that are needed with /allow or /extend, one by one, and acknowledge the warning.",
        )
    if proposal.operation is Operation.SUBMIT:
        return Refusal(
            code="submission_in_bulk",
            text="Submissions are not imported: each one is looked at by Microsoft, with the message that was blocked.",
            remedy="Propose them with /allow, one by one.",
        )
    return None


def check_bulk(case: Case, findings: Findings) -> None:
    """Refuse in bulk what is never proposed so."""
    if len(case.proposal.indicators) > MOST_BY_HAND:
        refusal = refuse_in_bulk(case.proposal)
        if refusal is not None:
            findings.refuse(refusal.code, refusal.text, refusal.remedy)
