"""The audit log as facts: one event, or many of one kind as one."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.auditing.events import ACCOUNT, PORTCULLIS, Event, EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import ListName, title
from bot.domain.requests.approval import ApprovedBy
from bot.domain.requests.people import Right
from bot.domain.requests.request import Decision
from bot.domain.telling.counting import plural
from bot.domain.telling.sentence import Part, Quoted, Sentence, Value, Who, people

#: What whoever acted did.
WORDS: Mapping[str, str] = {
    EventKind.REQUEST_PROPOSED: "proposed",
    EventKind.REQUEST_REFUSED: "proposed, refused by policy",
    EventKind.REQUEST_REVIEWED: "reviewed",
    EventKind.REQUEST_ASKED: "asked the requester",
    EventKind.REQUEST_ANSWERED: "answered",
    EventKind.REQUEST_REASSESSED: "found something serious that was new",
    EventKind.REQUEST_LEFT_OUT: "left out",
    EventKind.REQUEST_APPROVAL_VOIDED: "found an approval that no longer counts",
    EventKind.REQUEST_APPROVED: "gave the deciding approval",
    EventKind.REQUEST_EMERGENCY: "had it blocked as an emergency",
    EventKind.REQUEST_KEPT: "kept the emergency block",
    EventKind.REQUEST_TAKEN_OUT: "had the emergency block taken out",
    EventKind.REQUEST_DENIED: "denied",
    EventKind.REQUEST_WITHDRAWN: "withdrew",
    EventKind.REQUEST_TRIED_AGAIN: "had it tried again",
    EventKind.REQUEST_LAPSED: "let expire undecided",
    EventKind.REQUEST_CONTRADICTED: "found the database to contradict the log",
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
    EventKind.REQUEST_REMINDED: "had to remind of the end",
    EventKind.SUBMISSION_FILED: "filed with Microsoft",
    EventKind.SUBMISSION_RESULT: "heard from Microsoft",
    EventKind.SUBMISSION_UNNAMED: "saw an allow that nobody asked for",
    EventKind.IMPORT_READ: "read an import",
    EventKind.CHECK_ASKED: "checked",
    EventKind.MAILBOX_ASKED: "looked a sender up in the mailbox of",
    EventKind.AUDIT_READ: "read the audit log",
    EventKind.AUDIT_EXPORTED: "exported the audit log",
    EventKind.REQUESTS_READ: "looked at requests",
    EventKind.LISTS_READ: "looked through the lists",
    EventKind.POSTURE_READ: "looked at the posture",
    EventKind.POSTURE_SCANNED: "scanned the posture",
    EventKind.RESULT_SHARED: "posted a file of results",
    EventKind.AUDIT_ANCHORED: "kept the audit log's head elsewhere",
    EventKind.OPERATOR_ACTED: "ran a command on the bot's machine",
    EventKind.ACCESS_REFUSED: "was refused access",
    EventKind.CARD_REFUSED: "could not post the card",
    EventKind.CARD_POSTED: "posted the card after all",
    EventKind.FIGURES_SHOWN: "showed on the card how much mail it would touch",
    EventKind.OWNERS_SHOWN: "showed on the card whose the addresses are",
    EventKind.CARD_ASKED: "had the card posted again",
    EventKind.APPROVERS_CALLED: "called to decide",
    EventKind.APPROVERS_CALLED_LATE: "had to call before it lapses",
    EventKind.APPROVERS_TOLD_LATE: "called the others below the card",
    EventKind.APPROVER_REMINDED: "reminded to decide",
    EventKind.CLICK_REFUSED: "clicked on what isn't so, which decided nothing",
    EventKind.IP_ALLOW_WARNED: "was warned about an IP allow",
    EventKind.SPOOF_ALLOW_WARNED: "was warned about a spoof allow",
    EventKind.PORTAL_ADDED: "saw it added by somebody else",
    EventKind.PORTAL_REMOVED: "saw it removed by somebody else",
    EventKind.PORTAL_CHANGED: "saw it changed by somebody else",
    EventKind.PORTAL_SWITCHED: "saw a safe list switched by somebody else",
    EventKind.PORTAL_ENDED: "saw somebody else's entry end",
    EventKind.PORTAL_UNWATCHED: "lost sight of its changes",
    EventKind.PORTAL_WATCHED: "sees its changes again",
    EventKind.PORTAL_ATTRIBUTED: "found out who changed it",
    EventKind.PORTAL_UNATTRIBUTED: "could not find out who changed it",
    EventKind.RENEWAL_DUE: "saw it due for renewal",
    EventKind.RENEWAL_ASKED: "asked to keep or to end what is due for renewal",
    EventKind.RENEWAL_REMINDED: "reminded of what is due for renewal",
    EventKind.RENEWAL_ANSWERED: "answered its renewal",
    EventKind.RENEWAL_REOPENED: "asked anew for its renewal",
    EventKind.RENEWAL_PASSED_ON: "passed its renewal on to the approvers",
    EventKind.RENEWAL_TOLD: "told the approvers of renewals",
    EventKind.RENEWAL_CLOSED: "closed its renewal",
    EventKind.JOB_DEAD: "gave up a job",
}
#: What somebody proposed, where it is more than to put something on a list.
_PROPOSALS: Mapping[str, str] = {
    Operation.REMOVE: "proposed to remove",
    Operation.EXTEND: "proposed a new expiry date",
    Operation.ANNOTATE: "proposed a new note",
    Operation.SAFE_LIST_OFF: "proposed to switch the safe list off",
    Operation.SUBMIT: "proposed a submission",
}
#: What a reviewer said, apart from what came of it: the deciding review is followed by an event of its own.
_VOTES: Mapping[str, str] = {Decision.APPROVE: "voted to approve", Decision.DENY: "voted to deny"}
#: What somebody wanted who was refused access.
_WANTED: Mapping[str, str] = {
    Right.PROPOSE: "to propose",
    Right.REVIEW: "to decide on requests",
    Right.CHECK: "to check the lists",
    Right.SEE_REQUESTS: "to see requests",
    Right.QUERY_AUDIT: "to query the audit log",
    Right.BLOCK_AT_ONCE: "to block as an emergency",
}
#: Kinds whose words name their target already.
_NAMES_ITS_TARGET = frozenset(
    {
        EventKind.AUDIT_READ,
        EventKind.AUDIT_EXPORTED,
        EventKind.LISTS_READ,
        EventKind.POSTURE_READ,
        EventKind.POSTURE_SCANNED,
        EventKind.REQUESTS_READ,
    }
)
#: A target that is the request itself.
_REQUEST = re.compile(r"request \d+", re.ASCII)
#: A target that counts the indicators of one list, as a proposal of several is logged.
_COUNTED = re.compile(rf"(\d+) ({'|'.join(ListName)}) indicators", re.ASCII)
#: Whose target is a person or a user group.
_ABOUT_PEOPLE = frozenset(
    {
        EventKind.REQUEST_APPROVAL_VOIDED,
        EventKind.APPROVERS_CALLED,
        EventKind.APPROVERS_CALLED_LATE,
        EventKind.APPROVER_REMINDED,
        EventKind.RENEWAL_ASKED,
        EventKind.RENEWAL_REMINDED,
    }
)
#: What a payload may hold that a reader wants to see in the line, the most telling first.
_TELLING = ("outcome", "failure", "comment", "question", "answer", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """One event, or several of one kind that follow each other."""

    numbers: str  #: in the log: `7`, `8–1,007`
    at: datetime
    who: Part  #: a person, `Portcullis`, or an account of its machine
    did: str  #: in few words; the kind itself, any text, where another version wrote it
    about: Sentence  #: a value, or how many; empty where it is about a request as a whole
    request_id: int | None = None  #: by which people know its request: its proposal's number
    said: str = ""  #: what was said with it: an outcome, a comment, a reason; any text


def event_facts(event: Event, *, number: int | None = None) -> EventFacts:
    """One event of the log. A kind that this version doesn't know stands as it is.

    `number` is that of the proposal that its request is a part of; None: its request's own.
    """
    request = f"request {event.request_id}" if event.request_id is not None else ""
    texts = (event.payload.get(key) for key in _TELLING)
    return EventFacts(
        numbers=f"{event.seq:,}",
        at=event.at,
        who=_who(event.actor),
        did=_did(event),
        about=_about(event, {request, f"request {number}"}),
        request_id=event.request_id if number is None else number,
        said=next((text for text in (*texts, _why_approved(event)) if isinstance(text, str) and text.strip()), ""),
    )


def _why_approved(event: Event) -> str:
    """The rule that approved a request instead of reviews, and why it was approved; empty for all else."""
    approval = event.payload.get("approval")
    if not isinstance(approval, Mapping):
        return ""
    # Of an emergency that was taken out, the name is a bare number, which the words have in them.
    name = approval.get("name") if approval.get("by") == ApprovedBy.RULE else ""
    return ": ".join(str(part) for part in (name, approval.get("why")) if part)


def facts_of_step(step: StoryStep) -> EventFacts:
    """Many events of one kind, of one request, as one."""
    return EventFacts(
        numbers=f"{step.first:,}" if step.first == step.last else f"{step.first:,}–{step.last:,}",
        at=step.at,
        who=_who(step.actor),
        did=_voted(step.kind, step.decision) or _words(step.kind),
        about=_about_step(step),
    )


def _who(actor: str) -> Part:
    if actor.startswith(ACCOUNT):
        return Quoted(f"account {actor.removeprefix(ACCOUNT)}")
    return "Portcullis" if actor == PORTCULLIS else Who(actor)


def _did(event: Event) -> str:
    if vote := _voted(event.kind, str(event.payload.get("decision"))):
        return vote
    if event.kind == EventKind.REQUEST_APPROVED and "approval" in event.payload:
        return "approved without a review"
    if event.kind == EventKind.REQUEST_PROPOSED and (what := _PROPOSALS.get(str(event.payload.get("operation")))):
        return what
    return _words(event.kind)


def _voted(kind: str, decision: str) -> str:
    """What a reviewer said; empty for all else."""
    return _VOTES.get(decision, "") if kind == EventKind.REQUEST_REVIEWED else ""


def _about_step(step: StoryStep) -> Sentence:
    if step.kind in _ABOUT_PEOPLE:
        return people(step.targets)
    if all(_REQUEST.fullmatch(target) for target in step.targets):
        return ()  # the steps are read under the number of their proposal
    return (plural(step.count, "indicator"),) if step.count > 1 else (_named("".join(step.targets[:1])),)


def _about(event: Event, itself: Collection[str]) -> Sentence:
    if event.kind in _ABOUT_PEOPLE:
        return (Who(event.target),)
    if event.kind == EventKind.ACCESS_REFUSED and (wanted := _WANTED.get(event.target)):
        return (wanted,)
    if event.kind in _NAMES_ITS_TARGET and event.target in _words(event.kind):
        return ()
    return (_named(event.target),) if event.target and event.target not in itself else ()


def _named(target: str) -> Part:
    """A value as it is; several, which the log counts under a list's internal name, with what people call that list."""
    counted = _COUNTED.fullmatch(target)
    return f"{counted[1]} indicators of the {title(ListName(counted[2]))}" if counted else Value(target)


def _words(kind: str) -> str:
    return WORDS.get(kind) or kind.strip() or "did something"
