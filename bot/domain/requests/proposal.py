"""A change that somebody wants, before it is a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName
from bot.domain.submissions.submission import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change that somebody wants, before it is a request. All indicators belong to one list.

    `expires` is None for an entry that never ends. `acknowledged` is the explicit tick under an IP allow's warning.
    """

    operation: Operation
    action: Action
    list: ListName
    indicators: tuple[Indicator, ...]
    reason: str
    expires: datetime | None
    acknowledged: bool = False
    evidence: Evidence | None = None  #: what a submission hands to Microsoft

    @property
    def is_ip_allow(self) -> bool:
        """Whether it lets an IP allow entry begin or go on, of either version."""
        return self.operation.gives_an_end and self.action is Action.ALLOW and self.list.traits.holds_ips
