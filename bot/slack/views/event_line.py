"""One event of the audit log as a line for people."""

from __future__ import annotations

from bot.domain.audit import PORTCULLIS, Event, EventKind
from bot.domain.requests import Decision
from bot.slack.text import escaped, indicator, mention, when

_WORDS: dict[str, str] = {
    EventKind.REQUEST_PROPOSED: "proposed",
    EventKind.REQUEST_REFUSED: "proposed, refused by policy",
    EventKind.REQUEST_REVIEWED: "reviewed",
    EventKind.REQUEST_APPROVED: "gave the deciding approval",
    EventKind.REQUEST_DENIED: "denied",
    EventKind.REQUEST_WITHDRAWN: "withdrew",
    EventKind.REQUEST_LAPSED: "let lapse",
    EventKind.REQUEST_APPLYING: "began to apply",
    EventKind.REQUEST_APPLIED: "applied",
    EventKind.REQUEST_PARTLY_APPLIED: "partly applied",
    EventKind.REQUEST_FAILED: "could not apply",
    EventKind.ITEM_APPLIED: "applied",
    EventKind.ITEM_REFUSED: "was refused by the tenant",
    EventKind.ITEM_ALREADY_SO: "found it so already",
    EventKind.ITEM_CONFIRMED: "confirmed",
    EventKind.ITEM_MISSING: "found it missing",
    EventKind.ITEM_EXPIRED: "saw it end",
    EventKind.ITEM_REMOVED: "saw it removed",
    EventKind.CHECK_ASKED: "checked",
    EventKind.AUDIT_READ: "read the audit log",
    EventKind.ACCESS_REFUSED: "was refused access",
    EventKind.IP_ALLOW_WARNED: "was warned about an IP allow",
    EventKind.JOB_DEAD: "gave up a job",
}
#: What a reviewer said, apart from what came of it: the deciding review is followed by an event of its own.
_VOTES: dict[str, str] = {Decision.APPROVE: "voted to approve", Decision.DENY: "voted to deny"}
#: What a payload may hold that a reader wants to see in the line, the most telling first.
_TELLING = ("outcome", "failure", "comment", "reason")


def event_line(event: Event) -> str:
    """Number, time, who, what, target, request. A kind that this version doesn't know stands as it is."""
    what = _what(event)
    who = "Portcullis" if event.actor == PORTCULLIS else mention(event.actor)
    parts = [f"{event.seq:,}", when(event.at), f"{who} *{what}*"]
    request = f"request {event.request_id}" if event.request_id is not None else ""
    if event.target and event.target != request:
        parts.append(indicator(event.target, limit=120))
    if request:
        parts.append(request)
    telling = next((text for key in _TELLING if isinstance(text := event.payload.get(key), str) and text.strip()), "")
    return " · ".join(parts) + (f": {escaped(telling, limit=120)}" if telling else "")


def _what(event: Event) -> str:
    if event.kind == EventKind.REQUEST_REVIEWED and (vote := _VOTES.get(str(event.payload.get("decision")))):
        return vote
    return _WORDS.get(event.kind) or escaped(event.kind, limit=60) or "did something"
