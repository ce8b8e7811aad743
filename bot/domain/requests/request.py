"""A request's life: what it proposes, who reviewed it, and which step may follow which.

pending → approved → applying → applied | partly applied | failed
pending → denied | withdrawn | lapsed
failed → partly applied | applied, partly applied → applied: what was sent and not seen turned up later
failed, partly applied → approved: tried again
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.indicators.indicator import Kind, Note
from bot.domain.lists.change import Operation, is_ip_allow
from bot.domain.lists.traits import Action, ListName
from bot.domain.requests.approval import Approval
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.question import Question


class Status(StrEnum):
    """Where a request stands."""

    PENDING = "pending"  #: waits for reviews
    APPROVED = "approved"  #: enough approvals; its job is queued
    APPLYING = "applying"  #: a worker has written down its intent and talks to the tenant
    APPLIED = "applied"  #: the tenant, read back, holds every item as asked
    PARTLY_APPLIED = "partly_applied"  #: some items hold, some were refused
    FAILED = "failed"  #: no item holds, as far as is known
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  #: nobody decided in time

    @property
    def is_under_way(self) -> bool:
        """Whether the request may still change the tenant."""
        return self in {Status.PENDING, Status.APPROVED, Status.APPLYING}

    @property
    def is_over(self) -> bool:
        """Whether nothing more is sent for it: it has its outcome, or nothing was ever sent."""
        return not self.is_under_way

    @property
    def has_outcome(self) -> bool:
        """Whether it was carried out, and its items say how that went. What was turned down or lapsed is over too."""
        return self in {Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED}

    @property
    def may_improve(self) -> bool:
        """Whether it has its outcome, and what was sent and not seen may yet turn up."""
        return self in {Status.PARTLY_APPLIED, Status.FAILED}


#: Where nothing was sent: somebody said no, took it back, or let it pass.
TURNED_DOWN: frozenset[Status] = frozenset({Status.DENIED, Status.WITHDRAWN, Status.LAPSED})

#: The steps that exist. Anything else is a conflict.
TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.APPROVED, Status.DENIED, Status.WITHDRAWN, Status.LAPSED}),
    Status.APPROVED: frozenset({Status.APPLYING}),
    Status.APPLYING: frozenset({Status.APPLIED, Status.PARTLY_APPLIED, Status.FAILED}),
    Status.APPLIED: frozenset(),
    Status.PARTLY_APPLIED: frozenset({Status.APPLIED, Status.APPROVED}),
    Status.FAILED: frozenset({Status.APPLIED, Status.PARTLY_APPLIED, Status.APPROVED}),
    Status.DENIED: frozenset(),
    Status.WITHDRAWN: frozenset(),
    Status.LAPSED: frozenset(),
}


class SpoofWarning(StrEnum):
    """The codes of what makes a spoof allow as grave as an IP allow."""

    ANY_SOURCE = "spoof_allow_any_source"  #: anybody may write as this sender
    ANY_SENDER = "spoof_allow_any_sender"  #: this infrastructure may write as anybody
    OWN_DOMAIN = "spoof_allow_own_domain"  #: this infrastructure may write as one's own people


GRAVE_SPOOF_ALLOWS: frozenset[str] = frozenset(SpoofWarning)

#: More items than so many are told of in a file of their own, beside the card.
LARGE = 100


class ItemState(StrEnum):
    """How it went with one indicator of a request."""

    PROPOSED = "proposed"  #: nothing has been sent yet
    INTENDED = "intended"  #: about to be sent, or sent with no known answer: only the tenant can say
    APPLIED = "applied"  #: the tenant, read back, holds it (or, for a removal, holds it no more)
    ALREADY_SO = "already_so"  #: it was like that before anything was sent
    REFUSED = "refused"  #: the service said no; `outcome` has its words
    CONFIRMED = "confirmed"  #: still so five minutes later
    EXPIRED = "expired"  #: its end date came, and it is gone
    REMOVED = "removed"  #: a later request, or somebody else, took it out
    LEFT_OUT = "left_out"  #: an approver approved the request without it: it is never sent

    @property
    def is_open(self) -> bool:
        """Whether it is still to be applied: nothing has been tried yet, or nobody knows what came of it."""
        return self in {ItemState.PROPOSED, ItemState.INTENDED}

    @property
    def was_sent(self) -> bool:
        """Whether it was sent, with or without a known answer, and has not been looked for again since."""
        return self in {ItemState.INTENDED, ItemState.APPLIED}

    @property
    def was_made(self) -> bool:
        """Whether the tenant, read back, was as asked at some time, as far as is known."""
        return self.holds or self.is_gone

    @property
    def holds(self) -> bool:
        """Whether the tenant, when it was last read, was as asked."""
        return self in {ItemState.APPLIED, ItemState.ALREADY_SO, ItemState.CONFIRMED}

    @property
    def may_hold(self) -> bool:
        """Whether the tenant may be as asked.

        What was sent with no known answer counts too, which `holds` leaves out: an entry that shows late has to end
        like any other.
        """
        return self.holds or self is ItemState.INTENDED

    @property
    def awaits_confirmation(self) -> bool:
        """Whether it holds, and has not been looked for again."""
        return self.holds and self is not ItemState.CONFIRMED

    @property
    def is_gone(self) -> bool:
        """Whether the tenant was as asked, and is no more."""
        return self in {ItemState.EXPIRED, ItemState.REMOVED}


class Decision(StrEnum):
    """What one approver said."""

    APPROVE = "approve"
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWarning:
    """Something that the people involved must know before they go on.

    `code` is stable, for machines and tests (`ip_allow_skips_filtering`); `text` is for people, plain text.
    """

    code: str
    text: str
    serious: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One indicator of a request, and how it went."""

    id: int
    kind: Kind
    value: str
    state: ItemState = ItemState.PROPOSED
    outcome: str = ""  #: for people: the service's own words, or why nothing was to do
    line: int | None = None  #: where it stood in what was imported, from 1
    notes: tuple[Note, ...] = ()  #: what was noticed when it was read, and changed on the way


#: So many lines that were set aside are named with their request. Of more a file has all.
MOST_NAMED_ASIDE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A line of what was imported that became no item, and why. `code` is stable; `reason` is for people."""

    line: int  #: from 1
    typed: str  #: as it was given
    value: str = ""  #: in its normal form, where it could be read
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One approver's decision."""

    reviewer: str  #: Slack user id
    decision: Decision
    at: datetime
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A proposed change, as it stands in the store."""

    id: int
    tenant_id: str
    operation: Operation
    action: Action
    list: ListName
    reason: str
    expires: datetime | None  #: None: never
    requester: str  #: Slack user id
    status: Status
    approvals_needed: int
    created_at: datetime
    lapses_at: datetime
    warnings: tuple[RequestWarning, ...] = ()
    items: tuple[Item, ...] = ()
    reviews: tuple[Review, ...] = ()
    failure: str = ""  #: for people: why a request as a whole failed
    sent: int = 0  #: while it is being applied: how many items have been sent
    set_aside: int = 0  #: how many lines of what was given became no item
    named_aside: tuple[SetAside, ...] = ()  #: these lines, where they are no more than `MOST_NAMED_ASIDE`
    #: How long it lasts, counted from its approval; None: to a fixed day, or for ever. While it is pending, `expires`
    #: is when it would have ended if it had been approved at once; from its approval on, when it ends.
    lasts: timedelta | None = None
    evidence: Evidence | None = None  #: what a submission hands to Microsoft
    #: The number of the last event of its proposal that can change the card; 0: not in the log yet. What is shown is
    #: bound to it.
    version: int = 0
    #: The number of the proposal that it is a part of; None: its own, as the first or the only part.
    part_of: int | None = None
    #: What was asked about the proposal last, on its first request.
    asked_back: Question | None = None
    #: What approved it, where it wasn't reviews; None: reviews, or nobody has approved it.
    approval: Approval | None = None
    #: How many items are in each state, where `items` holds only some of them.
    tally: Mapping[ItemState, int] = field(default_factory=dict)

    @property
    def proposal_id(self) -> int:
        """The number of its proposal, by which people know it: that of the proposal's first request."""
        return self.id if self.part_of is None else self.part_of

    @property
    def counted_from(self) -> datetime:
        """From when on it lasts: its approval where a length was given, its proposal where it waits or a day was."""
        return self.created_at if self.lasts is None or self.expires is None else self.expires - self.lasts

    def ends_if_approved(self, at: datetime) -> datetime | None:
        """When it ends if it is approved at a time; once it is decided, when it ends."""
        return at + self.lasts if self.is_open and self.lasts is not None else self.expires

    @property
    def approvals(self) -> tuple[Review, ...]:
        return tuple(review for review in self.reviews if review.decision is Decision.APPROVE)

    @property
    def approved_at(self) -> datetime | None:
        """When it was approved; None: it has no approval yet. Of several reviews, the last."""
        if self.approval is not None:
            return self.approval.at
        return max((review.at for review in self.approvals), default=None)

    @property
    def approvals_missing(self) -> int:
        """How many more people have to approve."""
        return 0 if self.approval is not None else max(0, self.approvals_needed - len(self.approvals))

    @property
    def is_ip_allow(self) -> bool:
        """See `bot.domain.lists.change.is_ip_allow`."""
        return is_ip_allow(self.operation, self.action, self.list)

    @property
    def is_grave(self) -> bool:
        """Whether it lets strangers in: an IP allow, or a spoof allow as grave as one, by the warnings that it has.

        Whatever is told, asked or demanded of such a request goes by this: the alert, the card's headline, and that
        whoever approves it has all of it before them.
        """
        return self.is_ip_allow or self.is_grave_spoof_allow

    @property
    def is_grave_spoof_allow(self) -> bool:
        """Whether it lets strangers write as others or as one's own people, where a spoof pair has a `*` or does so."""
        begins_or_goes_on = self.operation.gives_an_end and self.action is Action.ALLOW
        return begins_or_goes_on and any(warning.code in GRAVE_SPOOF_ALLOWS for warning in self.warnings)

    @property
    def is_open(self) -> bool:
        return self.status is Status.PENDING

    @property
    def counts(self) -> Mapping[ItemState, int]:
        """How many items are in each state, those among them that `items` leaves out."""
        return self.tally or Counter(item.state for item in self.items)

    @property
    def total(self) -> int:
        """How many items the request has, those among them that `items` leaves out."""
        return sum(self.counts.values())

    @property
    def asked(self) -> int:
        """How many of its items are to be applied: all but those that an approver left out."""
        return self.total - self.counts.get(ItemState.LEFT_OUT, 0)

    @property
    def is_left_out(self) -> bool:
        """Whether an approver left out all of it."""
        return self.total > 0 and self.asked == 0

    @property
    def holding(self) -> int:
        """How many of all its items hold."""
        return sum(count for state, count in self.counts.items() if state.holds)

    @property
    def gone(self) -> int:
        """How many of all its items were as asked, and are no more."""
        return sum(count for state, count in self.counts.items() if state.is_gone)


def may_follow(now: Status, then: Status) -> bool:
    """Whether a request may go from one status to another in one step."""
    return then in TRANSITIONS[now]
