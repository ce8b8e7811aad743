"""How a request came to be approved where it wasn't by reviews: by a rule of the operator, or as an emergency.

1. A request is approved by as many reviews as it takes, or by one of these: its `request.approved` event says which.
2. None of these approves anything but a block that is put on a list: no allow, no removal, no other end. But for one:
   an approver who has an emergency block taken out approves the removal of that block with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.proposal import Proposal


class ApprovedBy(StrEnum):
    """What approves a request instead of reviews."""

    RULE = "rule"  #: a rule says that blocks like it need nobody
    EMERGENCY = "emergency"  #: somebody who may do so had it applied at once; it is reviewed afterwards
    EMERGENCY_REVIEW = "emergency_review"  #: an approver had an emergency block taken out, with a reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """What approved a request instead of reviews, and why."""

    by: ApprovedBy
    at: datetime
    name: str = ""  #: of the rule
    why: str = ""  #: for people: what it went by, plain text

    def is_by_rule(self, name: str) -> bool:
        """Whether the rule of this name approved it. What else approves has names of its own."""
        return self.by is ApprovedBy.RULE and self.name == name


def can_do_without_reviews(operation: Operation, action: Action, by: ApprovedBy = ApprovedBy.RULE) -> bool:
    """Whether anything but reviews may ever approve such a request, and this in particular."""
    wanted = Operation.REMOVE if by is ApprovedBy.EMERGENCY_REVIEW else Operation.ADD
    return operation is wanted and action is Action.BLOCK


def approval_out(approval: Approval) -> dict[str, str]:
    """An approval as the database and the `request.approved` event hold it."""
    return {**asdict(approval), "by": approval.by.value, "at": approval.at.isoformat()}


def approval_in(kept: Mapping[str, object] | None) -> Approval | None:
    """The same, read back; None where there is none. Raises ValueError and KeyError for what no version wrote."""
    if kept is None:
        return None
    return Approval(
        by=ApprovedBy(str(kept["by"])),
        at=datetime.fromisoformat(str(kept["at"])),
        name=str(kept.get("name", "")),
        why=str(kept.get("why", "")),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NobodyRule:
    """Which blocks need nobody, as the operator has written it."""

    name: str
    lists: frozenset[ListName]  #: one at least
    requesters: tuple[str, ...]  #: whose: people (`U…`) and user groups (`S…`); one at least
    per_hour: int  #: so many indicators in an hour by this rule, whoever asks for them
    most: int = 10  #: so many indicators in one proposal
    addresses: int = 1  #: so many addresses in one indicator
    longest: timedelta = timedelta(days=30)  #: for no longer than so

    def is_about(self, proposal: Proposal) -> bool:
        """Whether it is about such a proposal at all."""
        return proposal.list in self.lists and can_do_without_reviews(proposal.operation, proposal.action)
