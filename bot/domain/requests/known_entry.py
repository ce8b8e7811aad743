"""What Portcullis has on record of an entry of the tenant's lists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.traits import Action, ListName


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """What Portcullis itself knows of an entry: who asked for it and until when.

    The connection filter keeps neither.
    """

    list: ListName
    action: Action
    value: str
    requester: str  #: Slack user id
    request_id: int
    reason: str
    since: datetime
    expires: datetime | None
    notes: str = ""  #: kept here where the list keeps none
    #: Whether its request names it. Not stored: told from the request, where somebody asks. False: it came of its
    #: submission, and nobody asked for it.
    is_named: bool = True
