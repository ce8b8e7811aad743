"""Submissions to Microsoft: what is handed over, so that mail which should not have been blocked is let through.

Sources: Microsoft Graph, "threatSubmission" (beta) and the types that inherit from it; Microsoft, "Use the Submissions
page" (which messages, how often).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubmissionKind(StrEnum):
    """What is submitted, which also says where Microsoft Graph keeps it."""

    EMAIL = "email"
    URL = "url"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The message or file that shows what was blocked wrongly. A URL needs none."""

    recipient: str = ""  #: who was to get the message
    message_url: str = ""  #: the message's address in Microsoft Graph
    file_name: str = ""  #: the name of the file that is kept with the request


class FiledStatus(StrEnum):
    """Where a submission stands: by our own record, and once Microsoft has it by its "longRunningOperationStatus"."""

    INTENDED = "intended"  #: about to be sent, or sent with no known answer
    NOT_FILED = "not_filed"  #: certain not to have been taken
    NOT_STARTED = "notStarted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    LOST = "lost"  #: sent with no known answer, and not to be found at Microsoft
    #: Microsoft has it, and said nothing for as long as it was asked.
    UNANSWERED = "unanswered"

    @property
    def is_open(self) -> bool:
        """Whether there is still something to be learnt."""
        return self in {FiledStatus.INTENDED, FiledStatus.NOT_STARTED, FiledStatus.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """One item of a request as it was submitted. Items that one message stands for have the same reference."""

    id: int
    request_id: int
    item_id: int
    kind: str  #: a SubmissionKind
    reference: str  #: Microsoft's id of the submission; empty until it is known
    status: str  #: a FiledStatus
    result: str = ""  #: for people: what Microsoft made of it, and which entries came of it
    filed_at: datetime  #: not later than it was sent
    checked_at: datetime | None = None  #: when Microsoft was last asked about it
