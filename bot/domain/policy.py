"""May a proposal go ahead, with which warnings, how many approvals, until when at most, and what would be better?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.indicators import Indicator
from bot.domain.lists import Action, ListName, Plan
from bot.domain.requests import Operation, RequestWarning


class IpAllow(StrEnum):
    """How an IP allow proposal is treated."""

    TWO_PERSON = "two-person"
    DENY = "deny"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the operator has set. Nothing here comes from the person who proposes."""

    plan: Plan = Plan.NONE
    ip_allow: IpAllow = IpAllow.TWO_PERSON
    ip_allow_max_days: int = 7
    accepted_domains: frozenset[str] = frozenset()


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


class Field(StrEnum):
    """Where in the form a refusal stands."""

    INDICATORS = "indicators"
    REASON = "reason"
    EXPIRES = "expires"
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a proposal can't go ahead, and where to mend it. `code` is stable."""

    code: str
    text: str
    remedy: str
    field: Field = Field.INDICATORS
    indicator: str = ""  #: the value it is about, when it is about one


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A decision with its reasons. A proposal may go ahead when `refusals` is empty."""

    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[RequestWarning, ...] = ()
    approvals_needed: int = 1
    latest_expiry: datetime | None = None  #: None: no limit, `never` included
    needs_acknowledgement: bool = False  #: the proposer must tick a box under the warning
    better_ways: tuple[str, ...] = ()

    @property
    def may_proceed(self) -> bool:
        return not self.refusals
