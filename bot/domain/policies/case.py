"""The words that every rule speaks: a proposal, the operator's rules, refusals, and the assessment they add up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property, partial

from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.coverage import value_key
from bot.domain.lists.entries import Entry, Snapshot
from bot.domain.lists.entry_index import Near, counted, nearby
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, Plan
from bot.domain.overrides.concern_index import ConcernIndex
from bot.domain.requests.approval import NobodyRule
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import RequestWarning
from bot.domain.requests.who_decides import ApproverRule


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
    direct_allow: bool = False  #: domains, addresses and URLs may be allowed without a submission
    submissions: bool = False  #: Portcullis files submissions itself
    approvers: tuple[ApproverRule, ...] = ()  #: who may approve what, and how many it takes
    need_nobody: tuple[NobodyRule, ...] = ()  #: which blocks are applied without approval


class Field(StrEnum):
    """Where in the form a refusal stands."""

    INDICATORS = "indicators"
    REASON = "reason"
    EXPIRES = "expires"
    ACKNOWLEDGED = "acknowledged"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a proposal can't go ahead, and where to mend it. `code` is stable."""

    code: str
    text: str
    remedy: str
    field: Field = Field.INDICATORS
    indicator: str = ""  #: the value it is about, when it is about one

    def __str__(self) -> str:
        return f"{self.text} {self.remedy}".strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """A decision with its reasons. A proposal may go ahead when `refusals` is empty."""

    refusals: tuple[Refusal, ...] = ()
    warnings: tuple[RequestWarning, ...] = ()
    approvals_needed: int = 1
    latest_expiry: datetime | None = None  #: None: no limit, `never` included
    needs_acknowledgement: bool = False  #: the proposer must tick a box under the warning
    better_ways: tuple[str, ...] = ()
    #: Values that an entry covers already, so that adding them is superfluous, each with the sentence that says so.
    covered: Mapping[str, str] = field(default_factory=dict)

    @property
    def may_proceed(self) -> bool:
        return not self.refusals


@dataclass(frozen=True, kw_only=True)
class Case:
    """All that a rule may look at. What several rules ask for is made once."""

    proposal: Proposal
    lists: Snapshot | None  #: None: nothing is known of the tenant yet
    rules: Rules
    now: datetime
    known: Sequence[KnownEntry] | None = None  #: what Portcullis has on record of entries; None: nobody looked
    #: The index of just these lists, where there is one: then a few indicators take no look at every entry.
    index: ListIndex | None = None

    def with_fewer(self, proposal: Proposal) -> Case:
        """The case of a proposal that is this one without some of its indicators. What was made once is kept."""
        narrowed = replace(self, proposal=proposal)
        made = {name: found for name, found in vars(self).items() if name not in vars(narrowed)}
        vars(narrowed).update(made)
        return narrowed

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """What is known of the proposal's own list."""
        if self.lists is None:
            return ()
        if self.index is not None:
            return self.index.held(self.proposal.list)
        return tuple(entry for entry in self.lists.entries if entry.list is self.proposal.list)

    @cached_property
    def near(self) -> Near:
        """The entries of the proposal's own list that can have to do with an indicator."""
        if self.lists is not None and self.index is not None:
            return partial(self.index.near, self.proposal.list)
        return nearby(self.proposal.list, self.entries, self.proposal.indicators)

    @cached_property
    def counts(self) -> Mapping[tuple[Action, str], int]:
        """How many entries the proposal's own list has of each action, in each connection filter policy."""
        if self.lists is not None and self.index is not None:
            return self.index.counts(self.proposal.list)
        return counted(self.entries)

    @cached_property
    def overrides(self) -> ConcernIndex:
        """What else in the tenant lets mail through or stops it, as far as that was read."""
        return ConcernIndex(self.lists.places if self.lists is not None else ())

    @cached_property
    def by_text(self) -> Mapping[str, Sequence[Entry]]:
        """The entries of every list, by their text without letter case."""
        found: dict[str, list[Entry]] = {}
        for entry in self.lists.entries if self.lists is not None else ():
            found.setdefault(entry.value.strip().casefold(), []).append(entry)
        return found

    @cached_property
    def records(self) -> Mapping[tuple[Action, object], KnownEntry]:
        """What Portcullis has on record of the proposal's own list, by action and `value_key`."""
        name = self.proposal.list
        return {
            (record.action, value_key(name, record.value)): record for record in self.known or () if record.list is name
        }

    @cached_property
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

    refusals: dict[Refusal, None] = field(default_factory=dict)  #: in the order in which they were found
    warnings: dict[RequestWarning, None] = field(default_factory=dict)
    covered: dict[str, str] = field(default_factory=dict)
    better_ways: list[str] = field(default_factory=list)
    approvals_needed: int = 1
    latest_expiry: datetime | None = None
    needs_acknowledgement: bool = False

    def refuse(
        self, code: str, text: str, remedy: str, *, at: Field = Field.INDICATORS, indicator: Indicator | None = None
    ) -> None:
        """Note a reason why the proposal can't go ahead."""
        value = indicator.value if indicator is not None else ""
        self.refusals[Refusal(code=code, text=text, remedy=remedy, field=at, indicator=value)] = None

    def warn(self, code: str, text: str, *, serious: bool = False) -> None:
        """Note something that the people involved must know."""
        self.warnings[RequestWarning(code=code, text=text, serious=serious)] = None

    def refused(self, code: str) -> int:
        """How many refusals there are with this code."""
        return sum(refusal.code == code for refusal in self.refusals)

    def assessment(self) -> Assessment:
        """The decision, serious warnings first."""
        return Assessment(
            refusals=tuple(self.refusals),
            warnings=tuple(sorted(_shortened(tuple(self.warnings)), key=lambda warning: not warning.serious)),
            approvals_needed=self.approvals_needed,
            latest_expiry=self.latest_expiry,
            needs_acknowledgement=self.needs_acknowledgement,
            better_ways=tuple(self.better_ways),
            covered=dict(self.covered),
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
