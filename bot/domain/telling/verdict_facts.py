"""A verdict as facts, and the answer to a question about several indicators."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.figures.figures import FiguresOf
from bot.domain.lists.change import Operation
from bot.domain.lists.coverage import Effect
from bot.domain.lists.traits import Action, label
from bot.domain.overrides.concern import Bearing
from bot.domain.overrides.sentences import sentence_of
from bot.domain.reading.lines import line_of
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.request import Decision, Request
from bot.domain.senders.owner import AddressOwner, in_words
from bot.domain.telling.figures_facts import of_mail
from bot.domain.telling.request_status import approved_by
from bot.domain.telling.sentence import Moment, Sentence, Strong, Value, Who, people, sentence
from bot.domain.telling.states import STATUS_WORDS
from bot.domain.telling.verdict_offers import OfferFacts, offers
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.verdict import Verdict

_WORDS: Mapping[Judgement, str] = {
    Judgement.ALLOWED: "Allowed",
    Judgement.BLOCKED: "Blocked",
    Judgement.NOT_LISTED: "Not listed",
    Judgement.UNKNOWN: "Not known",
}

#: What a request under way asks for, of a block and of an allow.
_ASKS: Mapping[Operation, tuple[str, str]] = {
    Operation.ADD: ("block it", "allow it"),
    Operation.REMOVE: ("unblock it", "remove its allow"),
    Operation.EXTEND: ("give its block a new expiry date", "give its allow a new expiry date"),
    Operation.ANNOTATE: ("give its block a new note", "give its allow a new note"),
    Operation.SAFE_LIST_OFF: ("switch its safe list off", "switch its safe list off"),
    Operation.SUBMIT: ("submit it to Microsoft, to be blocked", "submit it to Microsoft, so that it is allowed"),
}
#: Until when an entry stands that has no end.
NO_END: Sentence = ("no end",)
#: Of the requests under way, so many are told.
_MOST_PENDING = 3

#: What an entry is to what was asked about.
EFFECTS: Mapping[Effect, str] = {
    Effect.EXACT: "names it exactly",
    Effect.COVERS: "covers it",
    Effect.PART: "covers a part of it",
    Effect.EXPIRED: "has ended, no longer counts",
    Effect.RELATED: "is related, does not decide",
    Effect.BESIDE: "does not cover it",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What Portcullis has on record beside some verdicts."""

    #: The requests that may still change what an indicator is, by its value.
    under_way: Mapping[str, Sequence[Request]] = field(default_factory=dict)
    #: The requests that keep entries, by number. Where one is missing, nothing is said of who approved it.
    keepers: Mapping[int, Request] = field(default_factory=dict)
    #: Where the cards of those are read, likewise.
    cards: Mapping[int, str] = field(default_factory=dict)
    #: Whose the addresses are, by DNS, as far as that is known.
    owners: Mapping[str, AddressOwner] = field(default_factory=dict)
    #: What the last ten days' mail says of each, as far as that was found out lately; None: it isn't counted here.
    mail: Sequence[FiguresOf] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """An entry that matters for a verdict. Its texts come from the tenant: any text."""

    wins: bool  #: it decides
    place: str  #: `IP Allow List (connection filter)`
    policy: str  #: the connection filter policy that holds it; empty elsewhere
    action: Action
    value: str
    effect: str  #: `covers it`
    until: Sentence  #: `until ‹time›`, `no end`
    asked_by: Sentence  #: `asked by ‹person›, approved by ‹people›`, or that it was entered outside of Portcullis
    approvers: tuple[str, ...]  #: those who approved the request that keeps it, as far as that is on record
    request_id: int | None  #: the request that keeps it; None where none is on record
    number: int | None  #: by which people know that request: its proposal's
    note: str  #: the tenant's, else what Portcullis keeps where the list takes none
    card_url: str = ""  #: where the card of that request is read; empty where it isn't known


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFacts:
    """What the lists say of one indicator."""

    indicator: str
    line: str  #: that reads as this indicator, to ask about it again
    judgement: Judgement
    answer: Sentence  #: `Allowed: ‹203.0.113.7›`, with a reservation when something could not be seen
    because: str  #: why, in plain text; values in it are defanged
    entries: tuple[EntryFacts, ...]  #: those that decide first
    limits: tuple[str, ...]  #: what it does not mean
    unseen: tuple[str, ...]  #: what could not be seen, each with the reason
    as_of: datetime
    elsewhere: tuple[str, ...] = ()  #: what else lets it through or stops it, what decides first; plain text
    last_word: tuple[str, ...] = ()  #: which of all that has the last word
    may: int = 0  #: so many more may do so with any mail, whoever sends it
    is_overridden: bool = False  #: something else decides what the lists leave open, or against them
    is_in_doubt: bool = False  #: what could not be seen may be what decides
    notes: tuple[str, ...] = ()  #: what was noticed when the indicator was read; values in it are not defanged
    pending: tuple[Sentence, ...] = ()  #: the requests under way that name it, a sentence each
    whose: str = ""  #: whose address it is, by DNS; values in it are defanged
    mail: Sentence = ()  #: how much real mail it has had, where that is known
    may_count_mail: bool = False  #: it isn't, and can be found out

    @property
    def decider(self) -> EntryFacts | None:
        """The entry that decides, where one does by itself: until when, and who asked, is then that of the verdict."""
        winners = [entry for entry in self.entries if entry.wins]
        return winners[0] if len(winners) == 1 else None

    @property
    def others(self) -> tuple[EntryFacts, ...]:
        """The entries beside the one that decides by itself; all of them where several decide."""
        return tuple(entry for entry in self.entries if entry is not self.decider)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckFacts:
    """The answer to a question: a verdict for each indicator, and what holds for several said once."""

    verdicts: tuple[VerdictFacts, ...]
    limits: tuple[str, ...]
    unseen: tuple[str, ...]
    as_of: datetime  #: of the oldest list that was gone by
    offers: tuple[OfferFacts, ...] = ()  #: what can be proposed now


def check_facts(verdicts: Sequence[Verdict], on_record: OnRecord | None = None) -> CheckFacts:
    """The answer to a question about as many indicators as there are verdicts: at least one."""
    facts = tuple(verdict_facts(verdict, on_record) for verdict in verdicts)
    return CheckFacts(
        verdicts=facts,
        limits=_distinct(text for verdict in verdicts for text in (*verdict.limits, *verdict.elsewhere.limits)),
        unseen=_distinct(text for verdict in verdicts for text in (*verdict.unseen, *verdict.elsewhere.unseen)),
        as_of=min(verdict.as_of for verdict in verdicts),
        offers=offers(verdicts, [each.line for each in facts]),
    )


def verdict_facts(verdict: Verdict, on_record: OnRecord | None = None) -> VerdictFacts:
    """What there is to say of one verdict, of the requests that keep its entries, and of those under way."""
    on_record = on_record or OnRecord()
    under_way = on_record.under_way.get(verdict.indicator.value, ())
    elsewhere = verdict.elsewhere
    but = overridden(verdict)
    counted = _counted(verdict, on_record)
    in_doubt = bool(verdict.unseen or (elsewhere.unseen and verdict.judgement is not Judgement.BLOCKED and not but))
    answer: Sentence = (Strong(_WORDS[verdict.judgement]), *but, ": ", Value(verdict.indicator.value))
    if in_doubt:
        answer = sentence(answer, ", ", Strong("as far as could be seen"))
    about_it = [concern for concern in elsewhere.concerns if not concern.is_general or concern.bearing.is_certain]
    return VerdictFacts(
        indicator=verdict.indicator.value,
        line=line_of(verdict.indicator),
        judgement=verdict.judgement,
        answer=answer,
        because=verdict.because,
        entries=tuple(_entry(match, on_record) for match in verdict.matches),
        limits=(*verdict.limits, *elsewhere.limits),
        unseen=(*verdict.unseen, *elsewhere.unseen),
        as_of=verdict.as_of,
        elsewhere=tuple(sentence_of(concern) for concern in about_it),
        last_word=elsewhere.last_word,
        may=len(elsewhere.concerns) - len(about_it),
        is_overridden=bool(but),
        is_in_doubt=in_doubt,
        notes=tuple(note.text for note in verdict.indicator.notes),
        pending=tuple(_pending(request) for request in under_way[:_MOST_PENDING]),
        whose=in_words(owner) if (owner := on_record.owners.get(verdict.indicator.value)) is not None else "",
        mail=() if counted is None else of_mail(counted.found),
        may_count_mail=on_record.mail is not None and counted is None,
    )


def _counted(verdict: Verdict, on_record: OnRecord) -> FiguresOf | None:
    asked = verdict.indicator
    same = (
        each
        for each in on_record.mail or ()
        if (each.indicator.kind, each.indicator.value) == (asked.kind, asked.value)
    )
    return next(same, None)


def overridden(verdict: Verdict) -> Sentence:
    """What stands behind the judgement where something else decides, or may: `, but let through elsewhere`."""
    concerns = [concern for concern in verdict.elsewhere.concerns if not concern.is_general]
    lets, stops = (verdict.elsewhere.certainly(each) for each in (Bearing.LETS_THROUGH, Bearing.STOPS))
    match verdict.judgement:
        case Judgement.NOT_LISTED | Judgement.UNKNOWN:
            if lets and stops:
                return (", but ", Strong("both let through and stopped"), " elsewhere")
            if lets or stops:
                return (", but ", Strong("let through" if lets else "stopped"), " elsewhere")
            if any(concern.bearing is Bearing.MAY_LET_THROUGH for concern in concerns):
                return (", but it ", Strong("may be let through"), " elsewhere")
            if concerns:
                return (", but it ", Strong("may be stopped"), " elsewhere")
        case Judgement.ALLOWED if stops:
            return (", but ", Strong("stopped"), " elsewhere")
        case Judgement.ALLOWED | Judgement.BLOCKED:
            pass
    return ()


def _pending(request: Request) -> Sentence:
    """`#12 by ‹person› asks to block it: waits for approval.`"""
    asks = _ASKS[request.operation][request.action is Action.ALLOW]
    return (
        Strong(f"#{request.proposal_id}"),
        " by ",
        Who(request.requester),
        f" asks to {asks}: {STATUS_WORDS[request.status]}.",
    )


def _entry(match: Match, on_record: OnRecord) -> EntryFacts:
    entry, known = match.entry, match.known
    keeper = None if known is None else on_record.keepers.get(known.request_id)
    reviews = () if keeper is None else keeper.reviews
    approvers = tuple(review.reviewer for review in reviews if review.decision is Decision.APPROVE)
    return EntryFacts(
        wins=match.wins,
        place=label(entry.list, entry.action),
        policy=entry.policy,
        action=entry.action,
        value=entry.value,
        effect=EFFECTS[match.effect],
        until=_until(match),
        asked_by=_asked_by(match, approvers, keeper),
        approvers=approvers,
        request_id=None if known is None else known.request_id,
        number=None if known is None else _number(known, keeper),
        note=entry.notes.strip() or (known.notes.strip() if known is not None else ""),
        card_url="" if known is None else on_record.cards.get(known.request_id, ""),
    )


def _until(match: Match) -> Sentence:
    """The end that the tenant has on record, else ours: the tenant keeps none for some, and not one so far ahead."""
    entry, known = match.entry, match.known
    if entry.expires is not None:
        return ("until ", Moment(entry.expires))
    if entry.bounded_by_use:
        return ("until 45 days after its last use",)
    if known is not None and known.expires is not None:
        return ("until ", Moment(known.expires), ", when Portcullis removes it")
    return NO_END


def _number(known: KnownEntry, keeper: Request | None) -> int:
    """By which people know the request that keeps an entry."""
    return known.request_id if keeper is None else keeper.proposal_id


def _asked_by(match: Match, approvers: Sequence[str], keeper: Request | None) -> Sentence:
    if match.known is None:
        return ("entered outside of Portcullis",)
    if not match.known.is_named:
        return (
            Strong("nobody asked for it"),
            f": it came of the submission of #{_number(match.known, keeper)} by ",
            Who(match.known.requester),
        )
    asked: Sentence = ("asked by ", Who(match.known.requester))
    if keeper is not None and keeper.approval is not None:
        return sentence(asked, ", approved", approved_by(keeper))
    return sentence(asked, ", approved by ", people(approvers)) if approvers else asked


def _distinct(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(texts))
