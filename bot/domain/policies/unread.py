"""What policy could not look at: an assessment without the lists is said to be one."""

from __future__ import annotations

from bot.domain.lists.traits import title
from bot.domain.policies.case import Case, Findings


def check_unread(case: Case, findings: Findings) -> None:
    """A warning when the tenant, or the list that the proposal is about, has not been read."""
    if case.lists is None:
        findings.warn(
            "lists_unread",
            "The tenant's lists have not been read yet. Whether entries exist, contradict this or fill the list is "
            "not known.",
        )
    elif not case.list_is_known:
        name = case.proposal.list
        findings.warn(
            "list_unread",
            f"The {title(name)} could not be read ({case.lists.unreadable[name]}). Whether entries there exist, "
            "contradict this or fill the list is not known.",
        )
