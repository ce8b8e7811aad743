"""A change that somebody wants, before it is a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation, is_ip_allow
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that somebody wants, before it is a request. All indicators belong to one list.

    `expires` is None for an entry that never ends. Where a length was given and not a day, it is `lasts`, which counts
    from the approval, and `expires` is when it would end if it were approved at once.
    With `keeps_end` it is the end that the entries have, and stays. `acknowledged` is the explicit tick under an IP
    allow's warning.
    """

    operation: Operation
    action: Action
    list: ListName
    indicators: tuple[Indicator, ...]
    reason: str
    expires: datetime | None
    acknowledged: bool = False
    lasts: timedelta | None = None
    evidence: Evidence | None = None  #: what a submission hands to Microsoft
    keeps_end: bool = False

    @property
    def is_ip_allow(self) -> bool:
        """See `bot.domain.lists.change.is_ip_allow`."""
        return is_ip_allow(self.operation, self.action, self.list)
