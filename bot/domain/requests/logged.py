"""A request as the database has it, held against its events in the audit log: the log proves the state, not the rows.

Whoever can write to the database can change a row of a request, an item or a review. The log takes only inserts, each
standing on the one before. So what is sent is what was proposed, reviewed and approved by the log, and by nothing else:

1. A request is what its `request.proposed` event says: operation, action, list, items, end, reason, requester.
2. Its reviews are those in the log, but for those that an event has voided since.
3. What was approved has as many approvals as the log says it takes, each by somebody else, none by its requester.
4. It stands where its last event has brought it.
5. An entry is taken out at its end only when that end is the logged one, and has come.

A request from before an event had a field is held to those fields that its events have.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from bot.domain.auditing.events import Event, EventKind, Json, clean_text, iso, plain
from bot.domain.lists.change import Operation
from bot.domain.requests.evidence import Evidence
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.proposal import Proposal
from bot.domain.requests.request import LARGE, Decision, Request, Status

#: Where each event leaves its request. Those of a worker follow the approval.
_STANDS: Mapping[str, Status] = {
    EventKind.REQUEST_PROPOSED: Status.PENDING,
    EventKind.REQUEST_APPROVED: Status.APPROVED,
    EventKind.REQUEST_DENIED: Status.DENIED,
    EventKind.REQUEST_WITHDRAWN: Status.WITHDRAWN,
    EventKind.REQUEST_LAPSED: Status.LAPSED,
    EventKind.REQUEST_APPLYING: Status.APPLYING,
    EventKind.REQUEST_APPLIED: Status.APPLIED,
    EventKind.REQUEST_PARTLY_APPLIED: Status.PARTLY_APPLIED,
    EventKind.REQUEST_FAILED: Status.FAILED,
}
#: What nothing may follow but another of the same: a request that was turned down is over.
_TURNED_DOWN = frozenset({Status.DENIED, Status.WITHDRAWN, Status.LAPSED})
_NEVER_APPROVED = frozenset({Status.PENDING, *_TURNED_DOWN})

#: So much of a value or reason is told of what differs.
_SHOWN = 100
#: So many values are named of items that differ.
_NAMED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvents:
    """The events of one request whose kind begins with `request.`, oldest first.

    `changed` are the numbers of those that don't match their hash, or don't follow upon the one before: somebody has
    been at the log itself.
    """

    events: tuple[Event, ...] = ()
    changed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Something that the database says otherwise of a request than the log.

    `about` is stable: `items`, `expires`, `approvals` …; `details` is for people, and may hold what people typed.
    """

    about: str
    details: str


@dataclass(slots=True)
class _Log:
    """What the events say, gathered one after the other."""

    proposed: Event | None = None
    approvals_needed: int | None = None
    reviews: dict[str, str] = field(default_factory=dict)
    status: Status | None = None
    passed: list[Status] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> _Log:
        log = cls()
        for event in events:
            log._take(event)
        return log

    def _take(self, event: Event) -> None:
        if event.kind == EventKind.REQUEST_PROPOSED:
            self.proposed = self.proposed or event
        if isinstance(void := event.payload.get("void"), list | tuple):
            for reviewer in void:
                self.reviews.pop(str(reviewer), None)
        if event.kind == EventKind.REQUEST_REVIEWED:
            self.reviews[event.actor] = str(event.payload.get("decision"))
        elif isinstance(needed := event.payload.get("approvals_needed"), int):
            self.approvals_needed = needed
        if (status := _STANDS.get(event.kind)) is not None:
            self.status = status
            self.passed.append(status)


def logged_content(proposal: Proposal, *, approvals_needed: int) -> dict[str, object]:
    """What the `request.proposed` event says of what is asked for: the fields that a request is held to."""
    return {
        "operation": proposal.operation,
        "action": proposal.action,
        "list": proposal.list,
        **_logged_items([indicator.value for indicator in proposal.indicators]),
        "reason": proposal.reason,
        "expires": proposal.expires.isoformat() if proposal.expires else None,
        "approvals_needed": approvals_needed,
        **({"evidence": _logged_evidence(proposal.evidence)} if proposal.operation is Operation.SUBMIT else {}),
    }


def contradictions(request: Request, logged: LoggedEvents) -> tuple[Contradiction, ...]:
    """What the database says otherwise of a request than its events do; nothing where they agree.

    `request` has all its items, in the order of their numbers, and was read in the same transaction as `logged`.
    """
    log = _Log.of(logged.events)
    found = [
        Contradiction(
            about="log", details=f"Event {seq} doesn't match its hash or its place: it was changed or put in."
        )
        for seq in logged.changed
    ]
    if log.proposed is None:
        return (*found, Contradiction(about="proposed", details="The log has no event that proposes it."))
    found += _of_what_was_proposed(request, log.proposed)
    found += _of_reviews(request, log)
    found += _of_status(request, log)
    return tuple(found)


def end_contradictions(request: Request, kept: Collection[KnownEntry], *, now: datetime) -> tuple[Contradiction, ...]:
    """Why entries must not be taken out as if their end had come. `kept` is by what the request keeps them.

    The request itself was held against its events before: its end is the logged one.
    """
    if request.expires is None or request.expires > now:
        return (Contradiction(about="end", details=f"By the log what it keeps lasts until {_end(request.expires)}."),)
    return record_contradictions(request, kept)


def record_contradictions(request: Request, kept: Iterable[KnownEntry]) -> tuple[Contradiction, ...]:
    """What is on record of the entries that a request keeps and ends, where it isn't as the request says."""
    return tuple(
        Contradiction(
            about="end",
            details=f"{_short(entry.value)} is on record until {_end(entry.expires)}, and by the log until "
            f"{_end(request.expires)}.",
        )
        for entry in kept
        if entry.expires != request.expires
    )


def told(found: Sequence[Contradiction]) -> str:
    """All that was found, as a text for people."""
    return " ".join(each.details for each in found)


def _of_what_was_proposed(request: Request, proposed: Event) -> list[Contradiction]:
    payload = proposed.payload
    has: dict[str, Json] = {
        "operation": request.operation.value,
        "action": request.action.value,
        "list": request.list.value,
        "reason": request.reason,
        "requester": request.requester,
    }
    says: dict[str, Json] = {**payload, "requester": proposed.actor}
    found = [
        _differs(name, value, says[name])
        for name, value in has.items()
        if name in says and clean_text(str(says[name])) != value
    ]
    if "expires" in payload and not _is_moment(payload["expires"], request.expires):
        found.append(_differs("expires", _end(request.expires), payload["expires"] or "never"))
    found += _of_items(request, payload)
    if "evidence" in payload:
        found += _of_evidence(request, payload["evidence"])
    return found


def _of_items(request: Request, payload: Mapping[str, Json]) -> list[Contradiction]:
    values = [item.value for item in request.items]
    has, said = _logged_items(values), payload.get("items")
    if not isinstance(said, list | tuple):
        return []
    if "sha256_of_all" in payload or "sha256_of_all" in has:
        same = all(has.get(name) == payload.get(name) for name in ("count", "sha256_of_all"))
    else:
        same = values == [clean_text(str(value)) for value in said]
    if same:
        return []
    known = {str(value) for value in said}
    new = [value for value in values if value not in known] if "sha256_of_all" not in payload else []
    named = ", ".join(_short(value) for value in new[:_NAMED])
    count = payload.get("count", len(said))
    which = f", among them {named}, which nobody proposed" if named else ""
    return [
        Contradiction(
            about="items",
            details=f"Its indicators are not those that were proposed: it has {len(values)}{which}; the log has "
            f"{count}.",
        )
    ]


def _of_evidence(request: Request, said: Json) -> list[Contradiction]:
    """Of a submission: what it hands over, as far as the event names it by the fields that the request has."""
    if not isinstance(said, Mapping):
        if request.evidence is None:
            return []
        return [Contradiction(about="evidence", details="What it hands over is in the database, and not in the log.")]
    if request.evidence is None:
        return [Contradiction(about="evidence", details="What it hands over is in the log, and not in the database.")]
    has = asdict(request.evidence)
    return [
        _differs(f"evidence.{name}", plain(has[name]), logged)
        for name, logged in said.items()
        if name in has and plain(has[name]) != logged
    ]


def _logged_evidence(evidence: Evidence | None) -> dict[str, object] | None:
    return None if evidence is None else asdict(evidence)


def _of_reviews(request: Request, log: _Log) -> list[Contradiction]:
    has = {review.reviewer: review.decision.value for review in request.reviews}
    found = [
        Contradiction(about="reviews", details=f"A review by {_short(reviewer)} ({decision}) isn't in the log.")
        for reviewer, decision in has.items()
        if log.reviews.get(reviewer) != decision
    ]
    found += [
        Contradiction(about="reviews", details=f"The review by {_short(reviewer)} ({decision}) is only in the log.")
        for reviewer, decision in log.reviews.items()
        if reviewer not in has
    ]
    if log.approvals_needed is not None and log.approvals_needed != request.approvals_needed:
        found.append(_differs("approvals_needed", request.approvals_needed, log.approvals_needed))
    if request.status not in _NEVER_APPROVED:
        found += _of_approvals(request, log)
    return found


def _of_approvals(request: Request, log: _Log) -> list[Contradiction]:
    requester = log.proposed.actor if log.proposed is not None else request.requester
    approvals = [who for who, said in log.reviews.items() if said == Decision.APPROVE.value and who != requester]
    needed = max(1, request.approvals_needed if log.approvals_needed is None else log.approvals_needed)
    found: list[Contradiction] = []
    if len(approvals) < needed:
        details = f"By the log it has {len(approvals)} of the {needed} approvals that it takes."
        found.append(Contradiction(about="approvals", details=details))
    if Status.APPROVED not in log.passed:
        found.append(Contradiction(about="approvals", details="The log has no event that approves it."))
    return found


def _of_status(request: Request, log: _Log) -> list[Contradiction]:
    turned_down = next((status for status in log.passed if status in _TURNED_DOWN), None)
    if turned_down is not None and request.status is not turned_down:
        return [_differs("status", request.status.value, turned_down.value)]
    if log.status is not None and request.status is not log.status:
        return [_differs("status", request.status.value, log.status.value)]
    return []


def _logged_items(values: Sequence[str]) -> dict[str, Json]:
    """What a proposal names, for the log: of a large one the first values, and a digest over all of them."""
    values = [clean_text(value) for value in values]
    if len(values) <= LARGE:
        return {"items": values}
    digest = hashlib.sha256("\n".join(values).encode()).hexdigest()
    return {"items": values[:LARGE], "count": len(values), "sha256_of_all": digest}


def _differs(about: str, has: Json, says: Json) -> Contradiction:
    name = about.replace("_", " ")
    return Contradiction(
        about=about, details=f"Its {name} is {_short(str(has))} in the database, and {_short(str(says))} in the log."
    )


def _is_moment(said: Json, moment: datetime | None) -> bool:
    if said is None or moment is None:
        return said is None and moment is None
    try:
        return datetime.fromisoformat(str(said)) == moment
    except (ValueError, TypeError):
        return False


def _end(moment: datetime | None) -> str:
    return "never" if moment is None else iso(moment)


def _short(text: str) -> str:
    return f"“{text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}”"
