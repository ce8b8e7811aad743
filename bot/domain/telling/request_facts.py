"""A request as facts: everything that a card, an answer or a line in a list says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.indicators.indicator import Kind, NoteCode
from bot.domain.indicators.special_ranges import SPECIAL
from bot.domain.lists.change import Operation
from bot.domain.lists.ends import ended_by_portcullis
from bot.domain.lists.traits import Action, ListName
from bot.domain.policies.by_workflow import BY_WORKFLOW
from bot.domain.policies.general_facts import is_general
from bot.domain.policies.subdomains import left_below, offers_subdomains
from bot.domain.requests.approval import Approval
from bot.domain.requests.asked_again import can_be_asked_again
from bot.domain.requests.emergency import awaits_review, is_emergency
from bot.domain.requests.question import Question
from bot.domain.requests.request import (
    Item,
    ItemState,
    Request,
    RequestWarning,
    Review,
    SetAside,
    Status,
)
from bot.domain.requests.trying_again import can_be_tried_again
from bot.domain.submissions.unnamed import UNNAMED_ALLOW
from bot.domain.telling import headlines
from bot.domain.telling.counting import addresses, length
from bot.domain.telling.decided import in_one_line, lapse, until_when
from bot.domain.telling.effects import consequence, effect, question
from bot.domain.telling.evidence_facts import EvidenceLine, evidence_lines, held_lines
from bot.domain.telling.places import place, short_place
from bot.domain.telling.request_status import (
    approvals_by_others,
    approvals_so_far,
    decided_by,
    progress,
    status_sentence,
    status_words,
)
from bot.domain.telling.sentence import Sentence, sentence, until
from bot.domain.telling.states import item_word


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """One indicator of a request, and how it went."""

    value: str
    state: ItemState
    word: str  #: how it went, in few words: `refused`
    outcome: str  #: the service's own words, or why nothing was to do; any text
    notes: tuple[
        str, ...
    ] = ()  #: what was noticed when it was read, and changed on the way; values in it are not defanged

    is_read_oddly: bool = False  #: more than its scheme was left out, of which nobody has to be told on a card
    width: str = ""  #: `256 addresses`, of an IP network or range; else empty
    kind: Kind | None = None
    mail: str = ""  #: how much real mail it has had, in few words; empty where that isn't known

    @property
    def holds(self) -> bool:
        """Whether the tenant, read back, is as the request wants it."""
        return self.state.holds


@dataclass(frozen=True, slots=True, kw_only=True)
class EndFacts:
    """Until when a request's entries last, and who ends them."""

    label: str  #: `Until`, `New expiry date`
    at: datetime | None  #: None: they never end
    removed_by_portcullis: bool  #: the tenant keeps no such end, so that Portcullis removes them
    lasts: timedelta | None = None  #: while it waits: how long, counted from the approval; `at` is then a guess
    removed: str = "it"  #: what of it Portcullis removes: of several lists `the IPs`, where it is these alone

    @property
    def until(self) -> Sentence:
        """`never ends`, the end, or how long from the approval."""
        return until(self.at) if self.lasts is None else (f"{length(self.lasts)} from the approval",)

    @property
    def words(self) -> Sentence:
        """The same, with who sees to it: the end, when Portcullis removes it."""
        return sentence(self.until, f", when Portcullis removes {self.removed}" if self.removed_by_portcullis else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFacts:
    """One list's part of a proposal of several."""

    label: str  #: the list, by what it holds: `Senders`, `URLs`
    outcome: str  #: how it went, in few words: `2 applied`; empty before that
    request: RequestFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """A request, told. Of a large one, `items` holds only some; `total` and `counts` count them all.

    A proposal of several lists is told likewise, with its `parts`.
    """

    id: int
    number: int  #: of its proposal, by which people know it
    version: int  #: of the request: what is shown of it here
    operation: Operation
    action: Action
    list: ListName
    status: Status

    subject: Sentence  #: what it is about: `‹evil.example›`, `2 senders`
    headline: Sentence  #: `Block ‹evil.example›`, `Block 2 senders`
    named_headline: Sentence  #: `Block 5 senders: ‹a.example›, ‹b.example›, ‹c.example› and 2 more`
    short_headline: Sentence  #: `Block ‹evil.example› and 3 more`
    one_line: Sentence  #: `Block ‹evil.example›`; decided, what came of it: `Blocked ‹evil.example› to ‹29 December›`
    alarm: str  #: `IP ALLOW`, where it would let an IP skip the filters; else empty
    place: str  #: `Tenant Allow/Block List, senders`
    short_place: str  #: `Senders`
    effect: str  #: what approving it will do
    consequence: str  #: what has to be known of such a request in any case: `mail to it bounces too`; empty if nothing
    question: Sentence  #: what whoever approves it must answer first; empty where nothing is asked

    requester: str  #: user id
    asked_at: datetime
    reason: str  #: any text
    reason_label: str  #: `Why`, `The new note`
    end: EndFacts | None  #: None: no end goes with such a change
    until_when: Sentence  #: `30 days, to ‹29 December›`; empty: no end goes with such a change
    lapse: Sentence  #: `expires undecided ‹6 December›`
    evidence: tuple[EvidenceLine, ...]  #: what a submission hands over; empty for every other request
    evidence_holds: tuple[EvidenceLine, ...]  #: the links and the files in it

    approvals_given: int
    approvals_needed: int
    approvals: str  #: `0 of 2 approvals`
    needs: str  #: `2 approvals by other people`
    reviews: tuple[Review, ...]
    approval: Approval | None  #: what approved it instead of reviews
    is_emergency: bool  #: it was applied at once, to be reviewed afterwards
    awaits_review: bool  #: and still has to be
    decided_by: Sentence  #: who or what decided it, one way or the other; empty while nobody has, and where nobody did
    lapses_at: datetime
    warnings: tuple[RequestWarning, ...]  #: the serious ones first
    asked_back: Question | None  #: what was asked about it last, with the answer
    can_be_tried_again: bool  #: it failed, in whole or in part, and can be sent again for a day
    can_be_asked_again: bool  #: nothing, or not all, came of it
    offers_subdomains: bool  #: whoever asked for it may have the subdomains of its domains added with one click
    domains_left: int  #: of how many domains it leaves the subdomains, where that is offered; else 0

    status_sentence: Sentence  #: where it stands, and who brought it there
    status_words: str  #: the same in few words: `waits for approval`
    progress: str  #: `1,240 of 10,000 sent`, while a large one is being applied; else empty
    items: tuple[ItemFacts, ...]  #: without the notes that a warning tells already
    total: int
    counted: str  #: `2 senders`
    counts: Mapping[ItemState, int]
    gone: int  #: how many items were as asked and are no more
    set_aside: int  #: how many lines of what was given became no item
    failure: str  #: why it failed as a whole; any text
    parts: tuple[PartFacts, ...] = ()  #: of a proposal of several lists: each list's; empty where there is one list
    figures: Sentence = ()  #: how much real mail it would touch; empty where that isn't known
    named_aside: tuple[SetAside, ...] = ()  #: what was set aside, where it isn't much; any texts
    owners: tuple[Sentence, ...] = ()  #: whose its addresses are, by DNS that said so after it was proposed
    card_url: str = ""  #: where its card is read, for whoever shows that; empty where it isn't known

    @property
    def is_open(self) -> bool:
        """Whether it waits for reviews."""
        return self.status is Status.PENDING

    @property
    def is_reviewable(self) -> bool:
        """Whether it is an emergency block that can be reviewed now: it has its outcome."""
        return self.awaits_review and not self.status.is_under_way

    @property
    def has_choices(self) -> bool:
        """Whether an approver can leave lines of it out."""
        left = self.total - self.counts.get(ItemState.LEFT_OUT, 0)
        return self.is_open and self.operation is not Operation.SUBMIT and left > 1

    @property
    def is_concluded(self) -> bool:
        """Whether nothing more is sent."""
        return self.status.is_over

    @property
    def is_answered(self) -> bool:
        """Whether the tenant has answered, so that each item has an outcome."""
        return self.status.has_outcome

    @property
    def allowed_unnamed(self) -> bool:
        """Whether allows came of it that nobody asked for: then nothing about it is told as a success."""
        return any(warning.code == UNNAMED_ALLOW for warning in self.warnings)

    @property
    def is_by_workflow(self) -> bool:
        """Whether a workflow proposed it, in the name of whoever started that."""
        return any(warning.code == BY_WORKFLOW.code for warning in self.warnings)

    @property
    def is_marked(self) -> bool:
        """Whether each item has an outcome to be marked with."""
        return self.is_answered and not self.allowed_unnamed

    @property
    def warnings_here(self) -> tuple[RequestWarning, ...]:
        """Those about this case, the serious ones first: what is true of every such change stands in the details."""
        told = self.consequence and self.action is Action.ALLOW
        return tuple(given for given in self.warnings if not (is_general(given) and (told or not given.serious)))

    @property
    def noted_items(self) -> tuple[ItemFacts, ...]:
        """The items of which something was noticed or changed when they were read."""
        return tuple(item for item in self.items if item.notes)

    @property
    def items_to_look_at(self) -> tuple[ItemFacts, ...]:
        """Once it is answered, the items that a reader has to know of: not as asked, or with words of the service."""
        if not self.is_answered:
            return ()
        return tuple(item for item in self.items_by_need if not item.holds or item.outcome.strip())

    @property
    def total_to_look_at(self) -> int:
        """How many these are, those among them that are not at hand."""
        if not self.is_answered:
            return 0
        holding = sum(count for state, count in self.counts.items() if state.holds)
        return max(len(self.items_to_look_at), self.total - holding)

    @property
    def items_by_need(self) -> tuple[ItemFacts, ...]:
        """The items, once they have an outcome those first that people look for: what is not as asked."""
        return tuple(sorted(self.items, key=lambda item: item.holds)) if self.is_answered else self.items


#: The kinds of indicator that are more than one address.
_NETWORKS = frozenset({Kind.IPV4_NETWORK, Kind.IPV4_RANGE, Kind.IPV6_NETWORK})


def request_facts(request: Request) -> RequestFacts:
    """What there is to say of a request, which may be a summary with some of its items."""
    about = headlines.subject(request)
    told = frozenset(warning.code for warning in request.warnings)
    return RequestFacts(
        id=request.id,
        number=request.proposal_id,
        version=request.version,
        operation=request.operation,
        action=request.action,
        list=request.list,
        status=request.status,
        subject=about,
        headline=headlines.headline(request),
        named_headline=headlines.named_headline(request),
        short_headline=headlines.short_headline(request),
        one_line=in_one_line(request),
        alarm=headlines.alarm(request),
        place=place(request.operation, request.action, request.list),
        short_place=short_place(request.operation, request.action, request.list),
        effect=effect(request),
        consequence=consequence(request),
        question=question(request, about) if request.is_grave else (),
        requester=request.requester,
        asked_at=request.created_at,
        reason=request.reason,
        reason_label="The new note" if request.operation is Operation.ANNOTATE else "Why",
        end=end_facts(request) if request.operation.asks_for_an_end else None,
        until_when=until_when(request),
        lapse=lapse(request),
        evidence=evidence_lines(request),
        evidence_holds=held_lines(request),
        approvals_given=len(request.approvals),
        approvals_needed=request.approvals_needed,
        approvals=approvals_so_far(request),
        needs=approvals_by_others(request.approvals_needed),
        reviews=request.reviews,
        approval=request.approval,
        is_emergency=is_emergency(request),
        awaits_review=awaits_review(request),
        decided_by=decided_by(request),
        lapses_at=request.lapses_at,
        warnings=tuple(sorted(request.warnings, key=lambda warning: not warning.serious)),
        asked_back=request.asked_back,
        can_be_tried_again=can_be_tried_again(request),
        can_be_asked_again=can_be_asked_again(request),
        offers_subdomains=offers_subdomains(request),
        domains_left=left_below(request) if offers_subdomains(request) else 0,
        status_sentence=status_sentence(request),
        status_words=status_words(request),
        progress=progress(request),
        items=tuple(item_facts(item, request.operation, told=told) for item in request.items),
        total=request.total,
        counted=headlines.counted_of(request, request.total),
        counts=request.counts,
        gone=request.gone,
        set_aside=request.set_aside,
        named_aside=request.named_aside,
        failure=request.failure,
    )


def list_label(facts: RequestFacts) -> str:
    """A list by what it holds, at the beginning of a line: `Senders`, `URLs`."""
    nouns = "policies" if facts.operation is Operation.SAFE_LIST_OFF else facts.list.traits.words.nouns
    return nouns[0].upper() + nouns[1:]


def item_facts(item: Item, operation: Operation, *, told: frozenset[str] = frozenset()) -> ItemFacts:
    """One item of a request with this operation. `told` are the codes of the warnings, which say more than a note.

    That an address is of a special range is no matter of how it was read: where it is to be added, a warning says it.
    """
    notes = [note for note in item.notes if note.code not in told | SPECIAL]
    return ItemFacts(
        value=item.value,
        state=item.state,
        word=item_word(item, operation),
        outcome=item.outcome,
        notes=tuple(note.text for note in notes),
        is_read_oddly=any(note.code != NoteCode.SCHEME_STRIPPED for note in notes),
        width=addresses([item.value]) if item.kind in _NETWORKS else "",
        kind=item.kind,
    )


def end_facts(request: Request) -> EndFacts:
    """When what a request asks for ends."""
    lasts = request.lasts if request.is_open else None
    label = "Until" if lasts is None else "Lasts"
    return EndFacts(
        label="New expiry date" if request.operation is Operation.EXTEND else label,
        at=request.expires,
        removed_by_portcullis=ended_by_portcullis(
            request.list, request.action, expires=request.expires, since=request.counted_from
        ),
        lasts=lasts,
    )
