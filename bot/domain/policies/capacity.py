"""Whether what is proposed still fits in its list."""

from __future__ import annotations

from collections import Counter

from bot.domain.lists.capacity import capacity
from bot.domain.lists.traits import ListName, title
from bot.domain.policies.case import Case, Findings

#: From this share on, people are told.
NEARLY = 0.9


def check_capacity(case: Case, findings: Findings) -> None:
    """Refused when the entries would not fit; a warning when the list would be nearly full afterwards.

    Runs after the neighbours, because entries that exist take no more room. Entries whose end date has passed count for
    as long as the service lists them.
    """
    if not case.list_is_known:
        return
    proposal = case.proposal
    rule = capacity(proposal.list, proposal.action, case.rules.plan)
    new = len(proposal.indicators) - findings.refused("exists")
    counts: Counter[str] = Counter()
    for (action, of_policy), number in case.counts.items():
        if action in rule.counted:
            counts[of_policy if rule.per_policy else ""] += number
    policy, held = max(counts.items(), key=lambda pair: pair[1], default=("", 0))
    after = held + new
    place = title(proposal.list, proposal.action if len(rule.counted) == 1 else None)
    where = f"{place} (policy {policy})" if policy else place
    if new and after > rule.limit:
        findings.refuse(
            "full",
            f"The {where} has {held} of {rule.limit} entries. {new} more don't fit.",
            _make_room(proposal.list),
        )
    elif new and after >= rule.limit * NEARLY:
        findings.warn("nearly_full", f"The {where} will have {after} of {rule.limit} entries after this.")


def _make_room(name: ListName) -> str:
    if not name.traits.keeps_ends:
        return "Remove entries that nobody needs any more; this list keeps no end dates that would do it by itself."
    return (
        "Remove entries that nobody needs any more. If the tenant's plan permits more, ask whoever runs Portcullis to "
        "set it."
    )
