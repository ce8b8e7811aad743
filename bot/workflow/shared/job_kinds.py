"""The kinds of job that the workflow leaves in the outbox, and what each is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.workflow.shared.job_definition import KindOfJob
from bot.workflow.shared.lanes import Lane, Urgency


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPayload:
    """The request that a job is about."""

    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPayload:
    """The request to apply, and when an attempt sent what its list doesn't show yet; older rows don't say."""

    request_id: int
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPayload:
    """The person that a job is about, by their id in Slack."""

    user: str
    anew: bool = False  #: whether what they see is rendered anew, whatever it is said to show; older rows don't say


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmPayload:
    """The request to look after, and how often that will have been done by then."""

    request_id: int
    looks: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPayload:
    """What the alert channel is told: `what` is an `AlertName`, or the kind of a job that was given up."""

    what: str
    request_id: int | None = None
    details: str = ""
    event: int | None = None  #: the number of the event that it is about, where it is about one
    outage: int | None = None  #: the number of the lost connection that it is about, where it is about one


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckPayload:
    """Which indicators somebody asks about, each as a line that reads as it, and where they asked."""

    indicators: tuple[str, ...]
    user: str
    response_url: str = ""
    kinds: tuple[str, ...] = ()  #: of each of them; older rows have none
    #: What was noticed when each was read, as pairs of code and text; older rows have none.
    notes: tuple[tuple[tuple[str, str], ...], ...] = ()
    #: Whether they could propose when they asked: the answer then offers it. Roles are read anew at the click.
    may_propose: bool = False
    mailbox: str = ""  #: the one mailbox whose lists they ask about as well; older rows don't say


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParts:
    """A message, as Slack takes it."""

    text: str
    blocks: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyPayload:
    """What one person is told, and where they asked; with no `response_url`, by direct message.

    `then` are the messages that follow, each by a job of its own, so that none is told twice.
    """

    message: MessageParts
    user: str
    response_url: str = ""
    then: tuple[MessageParts, ...] = ()
    replaces: bool = False  #: in the place of the message that was clicked on; older rows don't say
    only_there: bool = False  #: and by no direct message where that fails, which another one is; older rows don't say


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewPayload:
    """The preview of an import that a job is about."""

    preview_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPreviewPayload:
    """What is to stand in the place of an import's preview, in which of its versions."""

    preview_id: int
    version: int
    message: MessageParts
    outcome: str = ""  #: the file that is given after it, in base64; empty: none
    again: bool = False  #: told before, and only once more because an update of before that may have undone


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomePayload:
    """The file with what became of each line of an import, in base64."""

    preview_id: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayPayload:
    """A message that somebody clicked on and that isn't on record. Its button named a request or an import."""

    channel: str
    ts: str
    request_id: int | None = None
    preview_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatedPayload:
    """A message that was posted again because nobody knew whether it stood: its key, and what it stands below."""

    key: str
    thread: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPayload:
    """Who wants a part of the audit log, which by their own words, as what, and when they asked."""

    user: str
    query: str
    format: str
    asked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingPayload:
    """A job that needs to be told nothing."""


class JobKind:
    """The kinds of job that the workflow queues, whoever does them. `bot.workflow.jobs` has all definitions."""

    APPLY = KindOfJob("request.apply", ApplyPayload, Lane.APPLYING, Urgency.FIRST)
    CONFIRM = KindOfJob("request.confirm", ConfirmPayload, Lane.READING)
    EXPIRE = KindOfJob("request.expire", RequestPayload, Lane.APPLYING)
    LAPSE = KindOfJob("request.lapse", RequestPayload, Lane.HOUSEKEEPING)
    #: nobody has decided, and little time is left: the others are called
    CALL_LATE = KindOfJob("request.call_late", RequestPayload, Lane.HOUSEKEEPING)
    #: nobody has reviewed an emergency block for some time: the alert channel is told
    UNREVIEWED = KindOfJob("emergency.unreviewed", RequestPayload, Lane.HOUSEKEEPING)
    #: look which approvers are to be reminded of what waits for them; and remind one
    REMIND_APPROVERS = KindOfJob("approvers.remind", NothingPayload, Lane.TELLING, Urgency.LAST)
    REMIND_APPROVER = KindOfJob("approver.remind", PersonPayload, Lane.TELLING, Urgency.LAST)
    #: look which entries come back to their owners, and what became of those that did; ask one owner, or bring their
    #: message up to date; and the same for the approvers
    RENEWALS = KindOfJob("renewals.look", NothingPayload, Lane.HOUSEKEEPING)
    COUNT_FOR_OWNER = KindOfJob(
        "renewals.count", PersonPayload, Lane.COUNTING, Urgency.LAST
    )  #: their mail, before that
    ASK_OWNER = KindOfJob("renewals.ask", PersonPayload, Lane.TELLING, Urgency.LAST)
    TELL_OF_RENEWALS = KindOfJob("renewals.tell", PersonPayload, Lane.TELLING, Urgency.LAST)
    REMIND = KindOfJob("request.remind", RequestPayload, Lane.READING, Urgency.LAST)  #: its end is near
    FOLLOW = KindOfJob("submission.follow", RequestPayload, Lane.READING)  #: ask what became of its submissions
    RESULT = KindOfJob("result.post", RequestPayload, Lane.FETCHING)  #: the file with a line for each indicator
    #: bring the card and the alerts up to date; and have the story told below the card, and the requester told
    NOTIFY = KindOfJob("request.notify", RequestPayload, Lane.TELLING)
    #: the same for the requester: their copy of the card, and the story in their direct messages
    TELL_REQUESTER = KindOfJob("request.tell_requester", RequestPayload, Lane.TELLING)
    TELL_BELOW = KindOfJob(
        "request.tell_below", RequestPayload, Lane.TELLING, Urgency.LAST
    )  #: the story below the card
    ALERT = KindOfJob("alert.post", AlertPayload, Lane.TELLING, Urgency.FIRST)
    CHECK = KindOfJob("check.answer", CheckPayload, Lane.ASKING)
    REPLY = KindOfJob("reply.post", ReplyPayload, Lane.TELLING, Urgency.FIRST)
    RETIRE = KindOfJob("message.retire", StrayPayload, Lane.TELLING)  #: take the buttons off what isn't on record
    #: look whether a message that was posted again stands twice
    STRAYS = KindOfJob("message.strays", RepeatedPayload, Lane.TELLING, Urgency.LAST)
    #: show a card and its copy once more, as an update of before may have come after the last one
    SHOW_AGAIN = KindOfJob("message.show_again", RequestPayload, Lane.TELLING, Urgency.LAST)
    READ_FIGURES = KindOfJob(
        "figures.read", RequestPayload, Lane.COUNTING
    )  #: how much mail it would touch, for its card
    #: whose the addresses of an IP allow are, for its card
    FIND_OWNERS = KindOfJob("owners.find", RequestPayload, Lane.COUNTING)
    #: how much mail somebody's indicators have had, below the answer to their check
    COUNT_MAIL = KindOfJob("check.count", CheckPayload, Lane.COUNTING, Urgency.FIRST)
    WATCH = KindOfJob("lists.watch", NothingPayload, Lane.READING, Urgency.FIRST)
    #: hold the last reading of the tenant against the baseline, and have told what got worse, or the weekly summary
    SCAN_POSTURE = KindOfJob("posture.scan", NothingPayload, Lane.HOUSEKEEPING)
    SHOW_PREVIEW = KindOfJob("import.show", PreviewPayload, Lane.IMPORTING)  #: find out what a preview is to show
    #: request what an import's preview showed
    REQUEST_PREVIEW = KindOfJob("import.request", PreviewPayload, Lane.IMPORTING)
    #: show an import's person what was found out, or what came of it; and give them the file beside that
    TELL_PREVIEW = KindOfJob("import.tell", TellPreviewPayload, Lane.TELLING, Urgency.FIRST)
    GIVE_OUTCOME = KindOfJob("import.outcome", OutcomePayload, Lane.FETCHING)
    #: forget where people could be answered, once that works no longer
    FORGET_ADDRESSES = KindOfJob("addresses.forget", NothingPayload, Lane.HOUSEKEEPING)
    ANCHOR = KindOfJob("audit.anchor", NothingPayload, Lane.HOUSEKEEPING)  #: keep the log's head elsewhere
    EXPORT_AUDIT = KindOfJob("audit.export", ExportPayload, Lane.FETCHING)  #: a part of the log, as a file
    HAND_ON = KindOfJob("audit.hand_on", NothingPayload, Lane.HANDING_ON)  #: the log, to a program elsewhere
    KEEP_CARDS = KindOfJob("cards.keep", NothingPayload, Lane.HOUSEKEEPING)  #: each request that waits has its card
    CLEAN = KindOfJob("deliveries.forget", NothingPayload, Lane.HOUSEKEEPING)


#: Stands before an alert's name in what its posted message is called: none is ever renamed.
ALERT_PURPOSE = "alert:"


#: All of them.
KINDS: frozenset[str] = frozenset(kind for kind in vars(JobKind).values() if isinstance(kind, KindOfJob))
