"""What happened to a request, in steps: a run of events of one kind is one step, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryStep:
    """Events of one request and one kind that follow each other without another kind between them."""

    kind: str  #: an `EventKind`, or what another version wrote
    first: int  #: the number of the first event in the log
    last: int  #: the number of the last one
    count: int
    actor: str  #: of the last event
    at: datetime  #: of the last event
    targets: tuple[str, ...]  #: of the first 50 events, in their order
    said: str = ""  #: what somebody asked or answered; any text
    decision: str = ""  #: of a review, what was decided, such as `approve`; any text
