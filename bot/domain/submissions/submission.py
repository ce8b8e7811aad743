"""Submissions to Microsoft: what is filed, our own record of it, and what Microsoft holds of it.

Sources: Microsoft Graph, "threatSubmission" (beta) and the types that inherit from it; Microsoft, "Use the Submissions
page" (which messages, how often).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.lists.traits import ListName


class SubmissionKind(StrEnum):
    """What is submitted, which also says where Microsoft Graph keeps it."""

    EMAIL = "email"
    URL = "url"
    FILE = "file"


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
    kind: SubmissionKind
    reference: str  #: Microsoft's id of the submission; empty until it is known
    status: FiledStatus
    result: str = ""  #: for people: what Microsoft made of it, and which entries came of it
    filed_at: datetime  #: not later than it was sent
    checked_at: datetime | None = None  #: when Microsoft was last asked about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What is to be filed as wrongly blocked, and the allow that is asked for with it.

    An email has its `recipient`, and its address in Graph or its `content`; a URL its `url`, without a scheme; a file
    its `content` and name. `note` goes to the entries that come of it, and is what the submission is found by.
    """

    kind: SubmissionKind
    note: str
    expires: datetime  #: of the entries that come of it
    recipient: str = ""
    message_url: str = ""
    content: bytes | None = field(default=None, repr=False)
    file_name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryMade:
    """An entry that Microsoft says it made, or tried to make, for a submission."""

    list: ListName | None  #: None for a list that Portcullis doesn't know
    value: str
    identity: str = ""
    expires: datetime | None = None
    succeeded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A submission as Microsoft holds it. The texts are the service's own, and untrusted."""

    kind: SubmissionKind
    reference: str  #: Microsoft's id
    status: FiledStatus
    category: str = ""  #: "submissionResultCategory"
    detail: str = ""  #: "submissionResultDetail"
    created: datetime | None = None
    note: str = ""
    recipient: str = ""
    message_url: str = ""
    message_id: str = ""  #: the message's own Message-ID
    url: str = ""
    file_name: str = ""
    asks_allow: bool = False  #: whether it carries the action that makes entries
    entries: tuple[EntryMade, ...] = ()


def digest(content: bytes) -> str:
    """What names a file in the tenant's lists: its SHA-256, in lower case."""
    return hashlib.sha256(content).hexdigest()
