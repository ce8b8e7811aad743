"""A renewal: an entry that has stayed for long comes back to its owner, who keeps it or lets it end.

The owner is the requester of the request that keeps the entry. A renewal is one round of that: it is asked, answered by
a request that takes the usual approvals, and closed once the entry is kept by that request, or gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.lists.traits import Action, ListName


class RenewalState(StrEnum):
    """How a renewal stands."""

    ASKED = "asked"  #: its owner is to answer
    PASSED_ON = "passed_on"  #: the approvers are to answer
    ANSWERED = "answered"  #: a request asks to keep the entry, or to take it out
    CLOSED = "closed"

    @property
    def waits(self) -> bool:
        """Whether somebody is to answer."""
        return self in {RenewalState.ASKED, RenewalState.PASSED_ON}


class Answer(StrEnum):
    """What is to become of the entry."""

    KEEP = "keep"
    END = "end"


class PassedOn(StrEnum):
    """Why the approvers are to answer."""

    UNANSWERED = "unanswered"  #: the owner didn't answer in time
    OWNER_GONE = "owner_gone"  #: they left, or may not propose any more
    KEEP_DENIED = "keep_denied"  #: an approver denied that it be kept
    CAME_TO_NOTHING = "came_to_nothing"  #: the request that answered was withdrawn, lapsed or failed, after the time


class Closing(StrEnum):
    """How a renewal ended."""

    KEPT = "kept"  #: another request keeps the entry from now on
    ENDED = "ended"  #: the entry is gone, by whomever
    STAYS = "stays"  #: an approver denied that it be taken out
    CALLED_OFF = "called_off"  #: the operator has such entries asked about no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """One round, as it stands. Each change makes it another `version`: an answer counts for the one that was shown."""

    id: int
    list: ListName
    action: Action
    value: str
    request_id: int  #: which keeps the entry, as asked about
    owner: str  #: Slack user id
    state: RenewalState = RenewalState.ASKED
    version: int = 1
    asked_at: datetime
    answer_by: datetime
    told_at: datetime | None = None  #: when a message with it was posted to whoever is to answer now
    reminded_at: datetime | None = None
    why: PassedOn | None = None
    answer: Answer | None = None
    answer_id: int | None = None  #: the request that answers
    closing: Closing | None = None

    def __str__(self) -> str:
        """What a button carries."""
        return f"{self.id}.{self.version}"
