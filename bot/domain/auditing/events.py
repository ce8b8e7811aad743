"""The audit log's rows: which kinds of event there are, their canonical form, and the hash that chains them.

Each row carries the hash of the row before it and its own, `sha256(hash of the one before, canonical form)`. The first
row of a tenant stands on a hash made from the tenant's id, so that a row can't be carried over to another tenant's log.
A row's number is left out of its canonical form on purpose: the chain itself fixes its place, and a row that was moved
can then be told from one that was rewritten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, StrEnum
from typing import TypeAlias

#: What a payload may hold. No floats: they have no single spelling, and a hash needs one.
Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

#: Whoever is not a person in Slack: the bot itself.
PORTCULLIS = "portcullis"

#: Stands before the name of an account of the bot's machine, where somebody acted at its command line.
ACCOUNT = "account:"

#: A target is looked up by an index, and PostgreSQL's index rows end at 2,704 bytes: 512 characters fit in any script.
LONGEST_TARGET = 512


class EventKind(StrEnum):
    """What happened. A kind is never renamed: old rows keep theirs.

    What can change a request's card is named `request.…`, `item.…` or `submission.…`, and nothing else is: see
    `bot.domain.auditing.card_events`.
    """

    REQUEST_PROPOSED = "request.proposed"
    REQUEST_REFUSED = "request.refused"  #: policy said no, and why
    REQUEST_REVIEWED = "request.reviewed"  #: one approver's decision; more may be needed
    REQUEST_ASKED = "request.asked"  #: an approver asks the requester something
    REQUEST_ANSWERED = "request.answered"
    REQUEST_REASSESSED = "request.reassessed"  #: something serious was new: what was approved before no longer counts
    REQUEST_LEFT_OUT = "request.left_out"  #: an approver approved it without some of its lines
    REQUEST_APPROVAL_VOIDED = "request.approval_voided"  #: whoever gave it is no approver any more
    REQUEST_APPROVED = "request.approved"
    REQUEST_EMERGENCY = "request.emergency"  #: it is applied at once, with nobody's approval, and reviewed afterwards
    REQUEST_KEPT = "request.kept"  #: an approver has reviewed an emergency block: it stays
    REQUEST_TAKEN_OUT = "request.taken_out"  #: likewise: it is taken out, by a request of its own
    REQUEST_DENIED = "request.denied"
    REQUEST_WITHDRAWN = "request.withdrawn"
    REQUEST_LAPSED = "request.lapsed"
    REQUEST_TRIED_AGAIN = "request.tried_again"  #: it failed, and is applied once more under the same approval
    REQUEST_CONTRADICTED = "request.contradicted"  #: the database says otherwise of it than the log: nothing is sent
    REQUEST_APPLYING = "request.applying"  #: the intent, written before the tenant is called
    REQUEST_APPLIED = "request.applied"
    REQUEST_PARTLY_APPLIED = "request.partly_applied"
    REQUEST_FAILED = "request.failed"
    ITEM_APPLIED = "item.applied"
    ITEM_REFUSED = "item.refused"
    ITEM_ALREADY_SO = "item.already_so"
    ITEM_CONFIRMED = "item.confirmed"
    ITEM_MISSING = "item.missing"  #: the confirmation found that it no longer is as asked
    ITEM_EXPIRED = "item.expired"
    ITEM_REMOVED = "item.removed"
    REQUEST_REMINDED = "request.reminded"  #: the requester was told that the end is near
    SUBMISSION_FILED = "submission.filed"  #: Microsoft has it
    SUBMISSION_RESULT = "submission.result"  #: what Microsoft made of it, and which entries came of it
    #: An allow came of a submission that its request doesn't name.
    SUBMISSION_UNNAMED = "submission.unnamed"
    IMPORT_READ = "import.read"  #: what became of the lines of a file, or of a long paste
    CHECK_ASKED = "check.asked"
    MAILBOX_ASKED = "mailbox.asked"  #: somebody had senders looked up in the lists of one mailbox
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.exported"  #: a copy of it, or of a part, was handed out
    LISTS_READ = "lists.read"  #: somebody looked through the lists
    POSTURE_READ = "posture.read"  #: somebody looked at the posture
    POSTURE_SCANNED = "posture.scanned"  #: what a scan came to, in counts; its changes are kept, and maybe told
    REQUESTS_READ = "requests.read"  #: somebody looked at requests of others
    RESULT_SHARED = "result.shared"  #: the file with a line for each indicator was posted
    AUDIT_ANCHORED = "audit.anchored"  #: the log's head was kept elsewhere, or told to the alert channel
    OPERATOR_ACTED = "operator.acted"  #: a command on the bot's machine that changes or shows something
    ACCESS_REFUSED = "access.refused"
    CARD_REFUSED = "card.refused"  #: Slack takes no card of a request: nobody can decide on it
    CARD_POSTED = "card.posted"  #: it takes it after all
    FIGURES_SHOWN = "figures.shown"  #: a card shows how much real mail it would touch
    OWNERS_SHOWN = "owners.shown"  #: a card shows whose the addresses of an IP allow are
    CARD_ASKED = "card.asked"  #: somebody had it posted again: those of before decide nothing any more
    APPROVERS_CALLED = "approvers.called"  #: its card mentions them, so that Slack notifies them
    APPROVERS_CALLED_LATE = "approvers.called_late"  #: the others are to be, before it lapses
    APPROVERS_TOLD_LATE = "approvers.told_late"  #: the line that mentions those stands below its card
    APPROVER_REMINDED = "approver.reminded"  #: a direct message names it as waiting for them
    CLICK_REFUSED = "click.refused"  #: what was clicked on wasn't what stands in the database: nothing was decided
    IP_ALLOW_WARNED = "ip_allow.warned"
    SPOOF_ALLOW_WARNED = "spoof_allow.warned"  #: likewise of one that lets strangers write as others
    #: What somebody changed in a place that lets mail through or stops it, and nobody requested: one kind for each.
    PORTAL_ADDED = "portal.entry_added"
    PORTAL_REMOVED = "portal.entry_removed"
    PORTAL_CHANGED = "portal.entry_changed"
    PORTAL_SWITCHED = "portal.switch_turned"  #: a policy's safe list, on or off
    PORTAL_ENDED = "portal.entry_ended"  #: no change by anybody: an entry of somebody else's has come to its end
    PORTAL_ATTRIBUTED = "portal.attributed"  #: the tenant's audit log says who it was
    PORTAL_UNWATCHED = "portal.unwatched"  #: a right is missing, so that changes of a place aren't seen
    PORTAL_WATCHED = "portal.watched"  #: it is there, and they are seen again
    PORTAL_UNATTRIBUTED = "portal.unattributed"  #: it doesn't, and isn't asked any more
    RENEWAL_DUE = "renewal.due"  #: an entry comes back to its owner
    RENEWAL_ASKED = "renewal.asked"  #: a message asks them, of so many entries
    RENEWAL_REMINDED = "renewal.reminded"  #: likewise once more, as half of their time is over
    RENEWAL_ANSWERED = "renewal.answered"  #: a request asks to keep it, or to take it out
    RENEWAL_REOPENED = "renewal.reopened"  #: that request came to nothing: the owner is to answer again
    RENEWAL_PASSED_ON = "renewal.passed_on"  #: the approvers are to answer, and why
    RENEWAL_TOLD = "renewal.told"  #: a message tells the approvers, of so many entries
    RENEWAL_CLOSED = "renewal.closed"  #: it is kept, or gone, or stays
    JOB_DEAD = "job.dead"  #: a job was given up after its last attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """An event that is to be appended: `bot.store.audit_log.AuditLog.append` says what each part may hold."""

    kind: EventKind
    actor: str
    target: str = ""
    request_id: int | None = None
    payload: Mapping[str, object] = field(default_factory=dict)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the audit log.

    `actor` is a Slack user id, `portcullis`, or `account:` with the name of an account of the bot's machine. `target`
    is what it is about: an indicator's value, or a request.
    """

    seq: int  #: 1, 2, 3 … per tenant, without a gap
    tenant_id: str
    at: datetime
    kind: str  #: an `EventKind`; an older or newer version's row may hold a kind that this one doesn't know
    actor: str
    target: str = ""
    request_id: int | None = None
    payload: Mapping[str, Json] = field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        """The row for machines: what `portcullis audit list --json` prints."""
        return {
            "seq": self.seq,
            "tenant_id": self.tenant_id,
            "at": iso(self.at),
            "kind": str(self.kind),
            "actor": self.actor,
            "target": self.target,
            "request_id": self.request_id,
            "payload": self.payload,
        }


def iso(moment: datetime) -> str:
    """A time's one spelling: UTC, microseconds, `Z`. A naive time is refused with ValueError."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("A time without a time zone can't be recorded.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def clean_text(text: str) -> str:
    """The text with what no database takes (NUL, half a surrogate pair) replaced by U+FFFD."""
    if text.isascii() and "\0" not in text:
        return text
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


def plain(value: object) -> Json:
    """The value as plain JSON: times in their one spelling, enums as their value, sets sorted, texts clean.

    Raises TypeError for a float and for anything else that has no single spelling.
    """
    match value:
        case Enum():
            return plain(value.value)
        case bool() | int() | None:
            return value
        case str() | datetime():
            return clean_text(value) if isinstance(value, str) else iso(value)
        case Mapping():
            return {clean_text(str(key)): plain(each) for key, each in value.items()}
        case set() | frozenset():
            return sorted((plain(each) for each in value), key=canonical_json)
        case list() | tuple():
            return [plain(each) for each in value]
        case _:
            raise TypeError(f"A {type(value).__name__} can't be recorded: it has no single spelling.")


def canonical_json(value: Json) -> str:
    """JSON in one spelling: keys sorted, no spaces, characters as they are. Raises TypeError on a float."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def canonical(event: Event) -> bytes:
    """Everything that an event says, as the one sequence of bytes that is hashed."""
    return canonical_json(
        {
            "tenant_id": event.tenant_id,
            "at": iso(event.at),
            "kind": str(event.kind),
            "actor": event.actor,
            "target": event.target,
            "request_id": event.request_id,
            "payload": event.payload,
        }
    ).encode()


def genesis(tenant_id: str) -> str:
    """The hash that a tenant's first row stands on."""
    return hashlib.sha256(b"portcullis audit log\n" + tenant_id.encode()).hexdigest()


def chain_hash(previous: str, event: Event) -> str:
    """The hash of a row that follows the row with the hash `previous`."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(event)).hexdigest()


def as_target(text: str) -> str:
    """A target as a row has it: cleaned, and cut to what an index takes."""
    text = clean_text(text)
    return text if len(text) <= LONGEST_TARGET else text[: LONGEST_TARGET - 1] + "…"


def compose(
    *,
    seq: int,
    tenant_id: str,
    at: datetime,
    kind: str,
    actor: str,
    target: str = "",
    request_id: int | None = None,
    payload: Mapping[str, object] | None = None,
) -> Event:
    """An event whose texts any database gives back unchanged: cleaned, and the target cut to what an index takes."""
    return Event(
        seq=seq,
        tenant_id=tenant_id,
        at=at.astimezone(UTC) if at.tzinfo else at,
        kind=kind,
        actor=clean_text(actor),
        target=as_target(target),
        request_id=request_id,
        payload={clean_text(str(key)): plain(value) for key, value in (payload or {}).items()},
    )
