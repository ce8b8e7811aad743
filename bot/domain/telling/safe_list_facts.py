"""Where the connection filter's safe list is on, as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.entries import FilterPolicy
from bot.domain.telling.counting import plural

#: What it does, and what the baseline says of it.
_MEANS = (
    "While it is on, mail from servers on Microsoft's own list of good senders skips spam filtering. "
    "The baseline says that it should be off (MS.SECURITYSUITE.8.2v1, CIS 2.1.13)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeListFacts:
    """The switch in each connection filter policy, by a snapshot of the lists."""

    headline: str  #: `The safe list is on in 1 of 2 policies`
    means: str
    is_on: bool  #: in one policy at least
    policies: tuple[FilterPolicy, ...]  #: those in which it is on first; their names are any text
    as_of: datetime


def safe_list_facts(policies: Sequence[FilterPolicy], *, as_of: datetime) -> SafeListFacts:
    """What there is to say of the switch in these policies."""
    on = sum(policy.safe_list for policy in policies)
    where = f"on in {on:,} of {plural(len(policies), 'policy', 'policies')}" if on else "off everywhere"
    return SafeListFacts(
        headline=f"The safe list is {where}",
        means=_MEANS,
        is_on=on > 0,
        policies=tuple(sorted(policies, key=lambda policy: not policy.safe_list)),
        as_of=as_of,
    )
