"""The words that every rule speaks: a proposal, the operator's rules, refusals, and the assessment they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.indicators import Indicator
from bot.domain.lists import Action, Entry, ListName, Plan, TenantLists
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a rule may look at."""

    proposal: Proposal
    lists: TenantLists | None  #: None: nothing is known of the tenant yet
    rules: Rules
    now: datetime

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is known of the proposal's own list."""
        if self.lists is None:
            return ()
        return tuple(entry for entry in self.lists.entries if entry.list is self.proposal.list)

    @property
    def accepted_domains(self) -> frozenset[str]:
        """The tenant's own domains: those that the operator named and those that were read."""
        read = self.lists.accepted_domains if self.lists is not None else frozenset[str]()
        return frozenset(domain.strip().strip(".").lower() for domain in self.rules.accepted_domains | read) - {""}

    @property
    def list_is_known(self) -> bool:
        """Whether the proposal's own list could be read in full."""
        return self.lists is not None and self.proposal.list not in self.lists.unreadable


@dataclass(slots=True)
class Findings:
    """What the rules have found so far. Saying the same thing twice counts once."""

    refusals: list[Refusal] = field(default_factory=list)
    warnings: list[RequestWarning] = field(default_factory=list)
    better_ways: list[str] = field(default_factory=list)
    approvals_needed: int = 1
    latest_expiry: datetime | None = None
    needs_acknowledgement: bool = False

    def refuse(
        self, code: str, text: str, remedy: str, *, at: Field = Field.INDICATORS, indicator: Indicator | None = None
    ) -> None:
        """Note a reason why the proposal can't go ahead."""
        refusal = Refusal(
            code=code, text=text, remedy=remedy, field=at, indicator=indicator.value if indicator is not None else ""
        )
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def warn(self, code: str, text: str, *, serious: bool = False) -> None:
        """Note something that the people involved must know."""
        warning = RequestWarning(code=code, text=text, serious=serious)
        if warning not in self.warnings:
            self.warnings.append(warning)

    def refused(self, code: str) -> int:
        """How many refusals there are with this code."""
        return sum(refusal.code == code for refusal in self.refusals)

    def assessment(self) -> Assessment:
        """The decision, serious warnings first."""
        return Assessment(
            refusals=tuple(self.refusals),
            warnings=tuple(sorted(_shortened(self.warnings), key=lambda warning: not warning.serious)),
            approvals_needed=self.approvals_needed,
            latest_expiry=self.latest_expiry,
            needs_acknowledgement=self.needs_acknowledgement,
            better_ways=tuple(self.better_ways),
        )


#: How often one kind of warning is spelled out, when many indicators give rise to it.
MOST_ALIKE = 3


def _shortened(warnings: Sequence[RequestWarning]) -> Iterator[RequestWarning]:
    """The warnings, with the many of one kind cut to the first few and a count: a card has to be read by people."""
    alike = Counter((warning.code, warning.serious) for warning in warnings)
    said: Counter[tuple[str, bool]] = Counter()
    for warning in warnings:
        kind = (warning.code, warning.serious)
        said[kind] += 1
        if said[kind] <= MOST_ALIKE:
            yield warning
        elif said[kind] == alike[kind]:
            rest = alike[kind] - MOST_ALIKE
            yield replace(warning, text=f"The same holds for {rest} more of them." if rest > 1 else warning.text)
