"""One event of the audit log as a line for people, and many of one kind as one."""

from __future__ import annotations

from bot.domain.auditing.events import PORTCULLIS, Event, EventKind
from bot.domain.auditing.steps import Step
from bot.domain.lists.change import Operation
from bot.domain.requests.request import Decision
from bot.domain.telling.counting import plural
from bot.slack.block_kit.text import escaped, indicator, mention, when

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
    EventKind.REQUEST_REMINDED: "reminded of the end",
    EventKind.SUBMISSION_FILED: "filed with Microsoft",
    EventKind.SUBMISSION_RESULT: "heard from Microsoft",
    EventKind.IMPORT_READ: "read an import",
    EventKind.CHECK_ASKED: "checked",
    EventKind.AUDIT_READ: "read the audit log",
    EventKind.ACCESS_REFUSED: "was refused access",
    EventKind.IP_ALLOW_WARNED: "was warned about an IP allow",
    EventKind.JOB_DEAD: "gave up a job",
}
#: What somebody proposed, where it is more than to put something on a list.
_PROPOSALS: dict[str, str] = {
    Operation.REMOVE: "proposed to remove",
    Operation.EXTEND: "proposed another end",
    Operation.ANNOTATE: "proposed another note",
    Operation.SAFE_LIST_OFF: "proposed to switch the safe list off",
    Operation.SUBMIT: "proposed a submission",
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


def step_line(step: Step) -> str:
    """Many events of one kind as one line: numbers, time, who, what, and how many, or which."""
    who = "Portcullis" if step.actor == PORTCULLIS else mention(step.actor)
    what = _WORDS.get(step.kind) or escaped(step.kind, limit=60) or "did something"
    numbers = f"{step.first:,}" if step.first == step.last else f"{step.first:,}–{step.last:,}"
    about = plural(step.count, "indicator") if step.count > 1 else indicator("".join(step.targets[:1]), limit=120)
    return f"{numbers} · {when(step.at)} · {who} *{what}* · {about}"


def _what(event: Event) -> str:
    if event.kind == EventKind.REQUEST_REVIEWED and (vote := _VOTES.get(str(event.payload.get("decision")))):
        return vote
    if event.kind == EventKind.REQUEST_PROPOSED and (what := _PROPOSALS.get(str(event.payload.get("operation")))):
        return what
    return _WORDS.get(event.kind) or escaped(event.kind, limit=60) or "did something"
