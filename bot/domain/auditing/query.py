"""What somebody wants to know of the audit log: one value for one question, however it was worded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from bot.domain.auditing.events import EventKind
from bot.domain.indicators.indicator import Indicator
from bot.domain.lists.change import Operation
from bot.domain.lists.traits import Action, ListName


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Which requests are meant, by what they do. None: any."""

    operation: Operation | None = None
    action: Action | None = None
    list: ListName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What a word of a query asks for: kinds of event, or the requests of a kind, or both."""

    label: str  #: for people
    kinds: frozenset[EventKind] = frozenset()
    decisions: frozenset[str] = frozenset()  #: of reviews, only these: `approve`, `deny`
    subject: Subject | None = None


#: A word, or several, in small letters.
Phrase: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuery:
    """A question. Everything that it says must hold of an event; of several topics of a sort, one."""

    request_id: int | None = None
    actor: str | None = None  #: whose doing: a user id, or `portcullis`
    name: str = ""  #: whose doing, by a name that is still to be looked up
    indicator: Indicator | None = None
    topics: tuple[Topic, ...] = ()  #: sorted by their labels
    since: datetime | None = None  #: aware, included
    until: datetime | None = None  #: aware, not included

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of event that are asked for, beside reviews of the `decisions`; both empty: any."""
        return frozenset(kind.value for topic in self.topics if not self._votes(topic) for kind in topic.kinds)

    @property
    def decisions(self) -> frozenset[str]:
        """The decisions whose reviews are asked for."""
        return frozenset(vote for topic in self.topics for vote in self._votes(topic))

    def _votes(self, topic: Topic) -> frozenset[str]:
        return _VOTES.get(topic.label, topic.decisions) if self.has_person else topic.decisions

    @property
    def subjects(self) -> frozenset[Subject]:
        """The requests that are asked for; empty: any."""
        return frozenset(topic.subject for topic in self.topics if topic.subject is not None)

    @property
    def has_person(self) -> bool:
        return self.actor is not None or bool(self.name)


_APPROVE, _DENY = frozenset({"approve"}), frozenset({"deny"})
_KIND = EventKind
#: `approved by @x` asks for every approval that x gave, not only for the deciding one.
_VOTES: Mapping[str, frozenset[str]] = {"approved": _APPROVE, "denied": _DENY}


def _kinds(label: str, *kinds: EventKind, decisions: frozenset[str] = frozenset()) -> Topic:
    return Topic(label=label, kinds=frozenset(kinds), decisions=decisions)


def _of(
    label: str, operation: Operation | None, action: Action | None = None, list_name: ListName | None = None
) -> Topic:
    return Topic(label=label, subject=Subject(operation=operation, action=action, list=list_name))


_ADD, _REMOVE = Operation.ADD, Operation.REMOVE
_FILTER, _SPOOF = ListName.CONNECTION_FILTER, ListName.SPOOF

#: Every topic with the words for it, separated by commas.
_WORDS: tuple[tuple[str, Topic], ...] = (
    ("proposed, proposals, who proposed, who asked, who requested", _kinds("proposed", _KIND.REQUEST_PROPOSED)),
    ("approved", _kinds("approved", _KIND.REQUEST_APPROVED)),
    ("denied, rejected", _kinds("denied", _KIND.REQUEST_DENIED)),
    ("reviews, reviewed, who reviewed, who decided", _kinds("reviews", _KIND.REQUEST_REVIEWED)),
    ("who approved, approvals", _kinds("who approved", _KIND.REQUEST_REVIEWED, decisions=_APPROVE)),
    ("who denied, who rejected", _kinds("who denied", _KIND.REQUEST_REVIEWED, decisions=_DENY)),
    (
        "emergency, emergencies",
        _kinds("emergency", _KIND.REQUEST_EMERGENCY, _KIND.REQUEST_KEPT, _KIND.REQUEST_TAKEN_OUT),
    ),
    ("kept, who kept", _kinds("kept", _KIND.REQUEST_KEPT)),
    ("taken out, who took out", _kinds("taken out", _KIND.REQUEST_TAKEN_OUT)),
    ("questions, asked back, answers", _kinds("questions", _KIND.REQUEST_ASKED, _KIND.REQUEST_ANSWERED)),
    ("left out, who left out", _kinds("left out", _KIND.REQUEST_LEFT_OUT)),
    ("tried again", _kinds("tried again", _KIND.REQUEST_TRIED_AGAIN)),
    (
        "called, calls, who was called, reminded, reminders, who was reminded",
        _kinds(
            "called or reminded",
            _KIND.APPROVERS_CALLED,
            _KIND.APPROVERS_CALLED_LATE,
            _KIND.APPROVERS_TOLD_LATE,
            _KIND.APPROVER_REMINDED,
            _KIND.REQUEST_REMINDED,
        ),
    ),
    ("withdrawn", _kinds("withdrawn", _KIND.REQUEST_WITHDRAWN)),
    ("lapsed, expired undecided, expires undecided, undecided", _kinds("lapsed", _KIND.REQUEST_LAPSED)),
    ("applied", _kinds("applied", _KIND.REQUEST_APPLIED, _KIND.REQUEST_PARTLY_APPLIED, _KIND.ITEM_APPLIED)),
    (
        "failed, failures, errors",
        _kinds("failed", _KIND.REQUEST_FAILED, _KIND.REQUEST_PARTLY_APPLIED, _KIND.ITEM_REFUSED, _KIND.JOB_DEAD),
    ),
    (
        "refused, refusals",
        _kinds("refused", _KIND.REQUEST_REFUSED, _KIND.ACCESS_REFUSED, _KIND.CLICK_REFUSED, _KIND.ITEM_REFUSED),
    ),
    ("confirmed", _kinds("confirmed", _KIND.ITEM_CONFIRMED)),
    ("missing", _kinds("missing", _KIND.ITEM_MISSING)),
    ("expired, ended", _kinds("expired", _KIND.ITEM_EXPIRED)),
    ("removed", _kinds("removed", _KIND.ITEM_REMOVED)),
    ("warned, warnings", _kinds("warned", _KIND.IP_ALLOW_WARNED, _KIND.SPOOF_ALLOW_WARNED)),
    (
        "portal, unrequested, in the portal",
        _kinds(
            "portal",
            _KIND.PORTAL_ADDED,
            _KIND.PORTAL_REMOVED,
            _KIND.PORTAL_CHANGED,
            _KIND.PORTAL_SWITCHED,
            _KIND.PORTAL_ENDED,
            _KIND.PORTAL_UNWATCHED,
            _KIND.PORTAL_WATCHED,
            _KIND.PORTAL_ATTRIBUTED,
            _KIND.PORTAL_UNATTRIBUTED,
        ),
    ),
    (
        "renewals, renewal, renewed, recertification",
        _kinds(
            "renewals",
            _KIND.RENEWAL_DUE,
            _KIND.RENEWAL_ASKED,
            _KIND.RENEWAL_REMINDED,
            _KIND.RENEWAL_ANSWERED,
            _KIND.RENEWAL_REOPENED,
            _KIND.RENEWAL_PASSED_ON,
            _KIND.RENEWAL_TOLD,
            _KIND.RENEWAL_CLOSED,
        ),
    ),
    ("imports, imported", _kinds("imports", _KIND.IMPORT_READ)),
    ("checks, checked", _kinds("checks", _KIND.CHECK_ASKED, _KIND.MAILBOX_ASKED)),
    ("mailboxes, mailbox", _kinds("mailboxes", _KIND.MAILBOX_ASKED)),
    (
        "readings, reads, who read, who looked",
        _kinds(
            "readings",
            _KIND.AUDIT_READ,
            _KIND.AUDIT_EXPORTED,
            _KIND.REQUESTS_READ,
            _KIND.LISTS_READ,
            _KIND.POSTURE_READ,
        ),
    ),
    ("posture, scans", _kinds("posture", _KIND.POSTURE_SCANNED, _KIND.POSTURE_READ)),
    ("exports, exported, who exported", _kinds("exports", _KIND.AUDIT_EXPORTED)),
    ("operator", _kinds("operator", _KIND.OPERATOR_ACTED)),
    ("anchors, anchored", _kinds("anchors", _KIND.AUDIT_ANCHORED)),
    ("blocks, block, blocked, who blocked", _of("blocks", _ADD, Action.BLOCK)),
    ("allows, allow, allowed, who allowed", _of("allows", _ADD, Action.ALLOW)),
    ("unblocks, unblock, unblocked, who unblocked", _of("unblocks", _REMOVE, Action.BLOCK)),
    ("unallows, unallow", _of("unallows", _REMOVE, Action.ALLOW)),
    ("ip allows, ip allow", _of("IP allows", _ADD, Action.ALLOW, _FILTER)),
    ("ip blocks, ip block", _of("IP blocks", _ADD, Action.BLOCK, _FILTER)),
    ("spoof allows, spoof allow", _of("spoof allows", _ADD, Action.ALLOW, _SPOOF)),
    ("spoof blocks, spoof block", _of("spoof blocks", _ADD, Action.BLOCK, _SPOOF)),
    ("sender blocks, sender block", _of("sender blocks", _ADD, Action.BLOCK, ListName.SENDER)),
    ("sender allows, sender allow", _of("sender allows", _ADD, Action.ALLOW, ListName.SENDER)),
    ("url blocks, url block", _of("URL blocks", _ADD, Action.BLOCK, ListName.URL)),
    ("url allows, url allow", _of("URL allows", _ADD, Action.ALLOW, ListName.URL)),
    ("file blocks, file block", _of("file blocks", _ADD, Action.BLOCK, ListName.FILE)),
    ("file allows, file allow", _of("file allows", _ADD, Action.ALLOW, ListName.FILE)),
    ("extensions, extends, extend, extended", _of("extensions", Operation.EXTEND)),
    ("notes, note", _of("notes", Operation.ANNOTATE)),
    ("submissions, submission, submitted", _of("submissions", Operation.SUBMIT)),
    ("safe list, safelist", _of("safe list", Operation.SAFE_LIST_OFF)),
)

_PHRASES: Mapping[Phrase, Topic] = {
    tuple(words.split()): topic for spellings, topic in _WORDS for words in spellings.split(", ")
}
#: The topics by the words for them: also in one word, as the log writes it (`left_out`), and by the kinds of event.
TOPICS: Mapping[Phrase, Topic] = {
    **_PHRASES,
    **{("_".join(words),): topic for words, topic in _PHRASES.items()},
    **{(kind.value,): _kinds(kind.value, kind) for kind in EventKind},
}
