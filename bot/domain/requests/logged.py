"""A request as the database has it, held against its events in the audit log: the log proves the state, not the rows.

Whoever can write to the database can change a row of a request, an item or a review. The log takes only inserts, each
standing on the one before. So what is sent is what was proposed, reviewed and approved by the log, and by nothing else:

1. A request is what its `request.proposed` event says: operation, action, list, items and their kinds, end, reason,
   requester. One that lasts for a length ends so long after its `request.approved`, which names the end. It
   has the warnings that were logged last, which people read before they decided.
2. Its reviews are those in the log, with what was said with each, but for those that an event has voided since.
3. What was approved has as many approvals as the log says it takes, each by somebody else, none by its requester; or it
   is a block of which the log says that a rule or an emergency approved it, and why.
4. It stands where its last event has brought it, and what was asked about it and answered is what was logged last.
5. An entry is taken out at its end only when that end is the logged one, and has come.

A request from before an event had a field is held to those fields that its events have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.auditing.events import Event, EventKind, Json, clean_text
from bot.domain.requests.approval import approval_out, can_do_without_reviews
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.logged_proposal import (
    Contradiction,
    differs,
    end_in_words,
    proposal_contradictions,
    shortened,
)
from bot.domain.requests.request import TURNED_DOWN, Decision, ItemState, Request, Status

#: Where each event leaves its request. Those of a worker follow the approval.
_STANDS: Mapping[str, Status] = {
    EventKind.REQUEST_PROPOSED: Status.PENDING,
    EventKind.REQUEST_APPROVED: Status.APPROVED,
    EventKind.REQUEST_TRIED_AGAIN: Status.APPROVED,
    EventKind.REQUEST_DENIED: Status.DENIED,
    EventKind.REQUEST_WITHDRAWN: Status.WITHDRAWN,
    EventKind.REQUEST_LAPSED: Status.LAPSED,
    EventKind.REQUEST_APPLYING: Status.APPLYING,
    EventKind.REQUEST_APPLIED: Status.APPLIED,
    EventKind.REQUEST_PARTLY_APPLIED: Status.PARTLY_APPLIED,
    EventKind.REQUEST_FAILED: Status.FAILED,
}
#: A request that was turned down is over: nothing may follow.
_NEVER_APPROVED = frozenset({Status.PENDING, *TURNED_DOWN})

#: What somebody decided on it: also on an emergency block, afterwards.
_REVIEWS = frozenset({EventKind.REQUEST_REVIEWED, EventKind.REQUEST_KEPT, EventKind.REQUEST_TAKEN_OUT})

#: What says which warnings a request has from then on.
_WARN = frozenset({EventKind.REQUEST_PROPOSED, EventKind.REQUEST_REASSESSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvents:
    """The events of one request whose kind begins with `request.`, oldest first.

    `changed` are the numbers of those that don't match their hash, or don't follow upon the one before: somebody has
    been at the log itself.
    """

    events: tuple[Event, ...] = ()
    changed: tuple[int, ...] = ()


@dataclass(slots=True)
class _Log:
    """What the events say, gathered one after the other."""

    proposed: Event | None = None
    approved: Event | None = None
    approvals_needed: int | None = None
    reviews: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)  #: what those who reviewed said with it
    question: Event | None = None  #: what was asked last
    answer: Event | None = None  #: to that
    left_out: set[str] = field(default_factory=set)  #: the values that approvers left out
    status: Status | None = None
    passed: list[Status] = field(default_factory=list)
    warnings: frozenset[str] = frozenset()  #: by their codes
    serious: frozenset[str] = frozenset()  #: by their texts

    @classmethod
    def of(cls, events: Iterable[Event]) -> _Log:
        log = cls()
        for event in events:
            log._take(event)
            if event.kind == EventKind.REQUEST_LEFT_OUT:
                log.left_out |= _texts(event.payload.get("left_out"))
        return log

    def _take(self, event: Event) -> None:
        if event.kind == EventKind.REQUEST_PROPOSED:
            self.proposed = self.proposed or event
        if event.kind == EventKind.REQUEST_APPROVED:
            self.approved = self.approved or event
        if isinstance(void := event.payload.get("void"), list | tuple):
            for reviewer in void:
                self.reviews.pop(str(reviewer), None)
        if event.kind in _REVIEWS:
            self.reviews[event.actor] = str(event.payload.get("decision"))
            self.comments[event.actor] = str(event.payload.get("comment") or "")
        elif isinstance(needed := event.payload.get("approvals_needed"), int):
            self.approvals_needed = needed
        self._take_question(event)
        if event.kind in _WARN:
            self.warnings, self.serious = (_texts(event.payload.get(name)) for name in ("warnings", "serious"))
        if (status := _STANDS.get(event.kind)) is not None:
            self.status = status
            self.passed.append(status)

    def _take_question(self, event: Event) -> None:
        if event.kind == EventKind.REQUEST_ASKED:
            self.question, self.answer = event, None
        elif event.kind == EventKind.REQUEST_ANSWERED:
            self.answer = event


def contradictions(request: Request, logged: LoggedEvents) -> tuple[Contradiction, ...]:
    """What the database says otherwise of a request than its events do; nothing where they agree.

    `request` has all its items, in the order of their numbers, and was read in the same transaction as `logged`.
    """
    log = _Log.of(logged.events)
    found = changed_events(logged)
    if log.proposed is None:
        return (*found, Contradiction(about="proposed", details="The log has no event that proposes it."))
    found += proposal_contradictions(request, log.proposed, log.approved)
    found += _of_warnings(request, log)
    found += _of_reviews(request, log)
    found += _of_question(request, log)
    found += _of_left_out(request, log)
    found += _of_status(request, log)
    return tuple(found)


def changed_events(logged: LoggedEvents) -> list[Contradiction]:
    """What is wrong with the events themselves."""
    return [
        Contradiction(
            about="log", details=f"Event {seq} doesn't match its hash or its place: it was changed or put in."
        )
        for seq in logged.changed
    ]


def end_contradictions(request: Request, kept: Collection[KnownEntry], *, now: datetime) -> tuple[Contradiction, ...]:
    """Why entries must not be taken out as if their end had come. `kept` is by what the request keeps them.

    The request itself was held against its events before: its end is the logged one.
    """
    if request.expires is None or request.expires > now:
        return (
            Contradiction(
                about="end", details=f"By the log what it keeps lasts until {end_in_words(request.expires)}."
            ),
        )
    return record_contradictions(request, kept)


def record_contradictions(request: Request, kept: Iterable[KnownEntry]) -> tuple[Contradiction, ...]:
    """What is on record of the entries that a request keeps and ends, where it isn't as the request says."""
    return tuple(
        Contradiction(
            about="end",
            details=f"{shortened(entry.value)} is on record until {end_in_words(entry.expires)}, and by the log until "
            f"{end_in_words(request.expires)}.",
        )
        for entry in kept
        if entry.expires != request.expires
    )


def told(found: Sequence[Contradiction]) -> str:
    """All that was found, as a text for people."""
    return " ".join(each.details for each in found)


def _of_warnings(request: Request, log: _Log) -> list[Contradiction]:
    """What people had to read before they decided. A warning that came later, and isn't in the log, does no harm."""
    codes = {warning.code for warning in request.warnings}
    texts = {clean_text(warning.text) for warning in request.warnings if warning.serious}
    if log.warnings <= codes and log.serious <= texts:
        return []
    missing = sorted(log.warnings - codes) or [shortened(text) for text in sorted(log.serious - texts)]
    return [Contradiction(about="warnings", details=f"A warning is in the log, and not on the request: {missing[0]}.")]


def _texts(said: Json) -> frozenset[str]:
    return frozenset(map(str, said)) if isinstance(said, list | tuple) else frozenset()


def _of_reviews(request: Request, log: _Log) -> list[Contradiction]:
    has = {review.reviewer: review.decision.value for review in request.reviews}
    found = [
        Contradiction(about="reviews", details=f"A review by {shortened(reviewer)} ({decision}) isn't in the log.")
        for reviewer, decision in has.items()
        if log.reviews.get(reviewer) != decision
    ]
    found += [
        Contradiction(about="reviews", details=f"The review by {shortened(reviewer)} ({decision}) is only in the log.")
        for reviewer, decision in log.reviews.items()
        if reviewer not in has
    ]
    found += [
        Contradiction(
            about="reviews",
            details=f"The comment of {shortened(review.reviewer)} is {shortened(review.comment)} in the database, and "
            f"{shortened(log.comments[review.reviewer])} in the log.",
        )
        for review in request.reviews
        if review.reviewer in log.reviews and clean_text(review.comment) != log.comments[review.reviewer]
    ]
    if log.approvals_needed is not None and log.approvals_needed != request.approvals_needed:
        found.append(differs("approvals_needed", request.approvals_needed, log.approvals_needed))
    otherwise = _of_approval(request, log)
    if request.status not in _NEVER_APPROVED:
        found += _of_approvals(request, log, takes_reviews=request.approval is None or bool(otherwise))
    return found + otherwise


def _of_approvals(request: Request, log: _Log, *, takes_reviews: bool) -> list[Contradiction]:
    requester = log.proposed.actor if log.proposed is not None else request.requester
    approvals = [who for who, said in log.reviews.items() if said == Decision.APPROVE.value and who != requester]
    needed = max(1, request.approvals_needed if log.approvals_needed is None else log.approvals_needed)
    found: list[Contradiction] = []
    if takes_reviews and len(approvals) < needed:
        details = f"By the log it has {len(approvals)} of the {needed} approvals that it takes."
        found.append(Contradiction(about="approvals", details=details))
    if Status.APPROVED not in log.passed:
        found.append(Contradiction(about="approvals", details="The log has no event that approves it."))
    return found


def _of_approval(request: Request, log: _Log) -> list[Contradiction]:
    """What approved it instead of reviews: the log has to say the same, of a block."""
    said = log.approved.payload.get("approval") if log.approved is not None else None
    if request.approval is None and said is None:
        return []
    kept = {} if request.approval is None else approval_out(request.approval)
    has = {name: clean_text(value) for name, value in kept.items()}
    logged = dict(said) if isinstance(said, Mapping) else {}
    if has != logged:
        return [differs("approval", ", ".join(has.values()) or "by reviews", _listed_values(logged) or "by reviews")]
    by = None if request.approval is None else request.approval.by
    if by is None or not can_do_without_reviews(request.operation, request.action, by):
        return [Contradiction(about="approval", details="It is no block, and only reviews can approve it.")]
    return []


def _listed_values(logged: Mapping[str, Json]) -> str:
    return ", ".join(map(str, logged.values()))


def _of_question(request: Request, log: _Log) -> list[Contradiction]:
    """What was asked about it last and what was answered: whoever decides goes by it."""
    asked = request.asked_back
    has = ("", "", "") if asked is None else (asked.by, asked.text, asked.answer)
    said = (
        "" if log.question is None else log.question.actor,
        "" if log.question is None else str(log.question.payload.get("question", "")),
        "" if log.answer is None else str(log.answer.payload.get("answer", "")),
    )
    if has == said:
        return []
    return [differs("question", " ".join(has).strip(), " ".join(said).strip())]


def _of_left_out(request: Request, log: _Log) -> list[Contradiction]:
    """What an approver left out is never sent, and nothing else is kept from being sent so."""
    has = {item.value for item in request.items if item.state is ItemState.LEFT_OUT}
    return [
        *(
            Contradiction(about="left_out", details=f"By the log {shortened(value)} was left out of it.")
            for value in sorted(log.left_out - has)
        ),
        *(
            Contradiction(about="left_out", details=f"That {shortened(value)} was left out of it isn't in the log.")
            for value in sorted(has - log.left_out)
        ),
    ]


def _of_status(request: Request, log: _Log) -> list[Contradiction]:
    turned_down = next((status for status in log.passed if status in TURNED_DOWN), None)
    if turned_down is not None and request.status is not turned_down:
        return [differs("status", request.status.value, turned_down.value)]
    if log.status is not None and request.status is not log.status:
        return [differs("status", request.status.value, log.status.value)]
    return []
