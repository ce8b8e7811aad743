"""What an approver asks the requester about a proposal that waits, and what the requester answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question, with its answer once there is one."""

    number: int  #: of the proposal's questions, from 1
    by: str  #: the approver's Slack user id
    text: str  #: any text
    at: datetime
    answer: str = ""  #: any text; empty: not answered yet
    answered_at: datetime | None = None

    @property
    def is_answered(self) -> bool:
        return self.answered_at is not None
