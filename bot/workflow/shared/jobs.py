"""The kinds of job that the workflow leaves in the outbox, what each is told, and how it is queued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from bot.domain.requests.binding import LONGEST_PLACE
from bot.domain.telling.alert_facts import AlertName
from bot.store import UnitOfWork
from bot.workflow.shared.job_definition import KindOfJob, PayloadT
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


async def enqueue(
    uow: UnitOfWork,
    kind: KindOfJob[PayloadT],
    payload: PayloadT,
    *,
    at: datetime | None = None,
    key: str | None = None,
    person: str = "",
    sooner: bool = False,
) -> bool:
    """Queue a job, to run when this unit of work commits, or `at` a time.

    While a job with the same `key` waits, another one isn't queued, and the answer is False; with `sooner`, that one is
    brought forward. Where the job is a `person`'s, people take turns.
    """
    return await uow.jobs.enqueue(kind, kind.as_stored(payload), run_at=at, key=key, person=person, sooner=sooner)


async def enqueue_newest(
    uow: UnitOfWork, kind: KindOfJob[PayloadT], payload: PayloadT, *, key: str, at: datetime | None = None
) -> None:
    """Queue a job that stands for every one with its `key` that still waits: of those, the newest payload is done."""
    stored = kind.as_stored(payload)
    # Between the two a worker may take the one that waits: then this one waits for its end.
    while not await uow.jobs.enqueue(kind, stored, run_at=at, key=key):
        if await uow.jobs.replace(key, stored):
            return


async def notify(uow: UnitOfWork, request_id: int, *, at: datetime | None = None) -> None:
    """Have the card and the story of a request's proposal brought up to date, at once or at a time. Several calls
    before it runs are one run, at the earliest of their times.
    """
    await notify_of(uow, await uow.requests.proposal_of(request_id), at=at)


async def notify_of(uow: UnitOfWork, proposal_id: int, *, at: datetime | None = None) -> None:
    """The same of a proposal, by its own number: for who has it at hand."""
    await later(uow, JobKind.NOTIFY, proposal_id, at=at, sooner=True)


async def tell_requester(uow: UnitOfWork, request_id: int, *, at: datetime | None = None) -> None:
    """Have the requester's copy brought up to date, and the requester told what they haven't been told."""
    await later(uow, JobKind.TELL_REQUESTER, await uow.requests.proposal_of(request_id), at=at, sooner=True)


async def tell_below(uow: UnitOfWork, request_id: int, *, at: datetime | None = None) -> None:
    """Have it told below the card of a request's proposal what hasn't been told there."""
    await later(uow, JobKind.TELL_BELOW, await uow.requests.proposal_of(request_id), at=at, sooner=True)


async def later(
    uow: UnitOfWork,
    kind: KindOfJob[RequestPayload],
    request_id: int,
    *,
    at: datetime | None = None,
    sooner: bool = False,
) -> None:
    """Have one step of a request done, once, at a time or at once; with `sooner` at the earlier of two times."""
    payload = RequestPayload(request_id=request_id)
    await enqueue(uow, kind, payload, at=at, key=f"{kind}:{request_id}", sooner=sooner)


async def apply_soon(uow: UnitOfWork, request_id: int) -> None:
    """Have an approved request brought to the tenant."""
    await enqueue(uow, JobKind.APPLY, ApplyPayload(request_id=request_id), key=f"{JobKind.APPLY}:{request_id}")


async def not_later(uow: UnitOfWork, kind: KindOfJob[RequestPayload], request_id: int) -> None:
    """Nobody needs that step of a request any more, if it still waits for its time."""
    await uow.jobs.drop(f"{kind}:{request_id}")


async def confirm_later(uow: UnitOfWork, request_id: int, *, at: datetime, looks: int = 1) -> None:
    """Have it looked, at a time, whether what a request changed still stands: for the first time, or once more."""
    payload = ConfirmPayload(request_id=request_id, looks=looks)
    await enqueue(uow, JobKind.CONFIRM, payload, at=at, key=f"{JobKind.CONFIRM}:{request_id}")


async def read_lists_anew(uow: UnitOfWork) -> None:
    """Have the tenant's lists read into a new snapshot: they have changed, or somebody needs to know how they are."""
    await enqueue(uow, JobKind.WATCH, NothingPayload(), key=JobKind.WATCH)


async def alert(
    uow: UnitOfWork, name: AlertName, *, request_id: int, details: str = "", event: int | None = None
) -> None:
    """Have the alert channel told of something that happened to a request: of one `event`, where it is about one."""
    payload = AlertPayload(what=name.value, request_id=request_id, details=details, event=event)
    await enqueue(uow, JobKind.ALERT, payload)


async def alert_of_group(uow: UnitOfWork, name: AlertName, *, group: str, details: str) -> None:
    """Have the alert channel told of something that happened to a user group which gives roles."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=name.value, details=f"{group}: {details}"))


async def alert_unwatched(uow: UnitOfWork, *, details: str) -> None:
    """Have the alert channel told that changes of a place can't be seen: `details` says of which, and why."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=AlertName.PLACE_UNWATCHED, details=details))


async def alert_given_up(uow: UnitOfWork, kind: str, *, request_id: int | None = None, details: str) -> None:
    """Have the alert channel told that a job of a kind was given up, with its last error as the `details`."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=kind, request_id=request_id, details=details))


async def alert_late(uow: UnitOfWork, *, details: str) -> None:
    """Have the alert channel told that some work isn't done in time: `details` says which, since when, and why."""
    await enqueue(uow, JobKind.ALERT, AlertPayload(what=AlertName.JOBS_DELAYED, details=details))


async def alert_of_socket(
    uow: UnitOfWork, outage: int, *, at: datetime | None = None, after: int | None = None
) -> None:
    """Have the alert channel told of a lost connection, or what it was told brought up to date: at once, or once more
    at a time, on behalf of the job `after`.
    """
    payload = AlertPayload(what=AlertName.SOCKET_LOST, outage=outage)
    key = f"{AlertName.SOCKET_LOST}:{outage}" + ("" if after is None else f":{after}")
    await enqueue(uow, JobKind.ALERT, payload, at=at, key=key)


async def tell_of_unrequested(
    uow: UnitOfWork, reading: int, *, at: datetime | None = None, after: int | None = None
) -> None:
    """Have the alert channel told of the changes that a reading found and nobody requested, or what it was told brought
    up to date: at once, or once more at a time, on behalf of the job `after`. The reading is known by the number of the
    first of their events.
    """
    payload = AlertPayload(what=AlertName.UNREQUESTED, event=reading)
    key = f"{AlertName.UNREQUESTED}:{reading}" + ("" if after is None else f":{after}")
    await enqueue(uow, JobKind.ALERT, payload, at=at, key=key, sooner=True)


async def tell_of_posture(uow: UnitOfWork, name: AlertName, scan: int) -> None:
    """Have the alert channel told what a scan of the posture found: `scan` is the number of its event."""
    payload = AlertPayload(what=name.value, event=scan)
    await enqueue(uow, JobKind.ALERT, payload, key=f"{name}:{scan}")


async def ask_owner(uow: UnitOfWork, owner: str, *, at: datetime | None = None, after: int | None = None) -> None:
    """Have an owner asked about their entries that are due for renewal, or their message brought up to date: at once,
    or once more at a time, on behalf of the job `after`."""
    kind = JobKind.ASK_OWNER
    await _about_renewals(uow, kind, PersonPayload(user=owner, anew=after is not None), at=at, after=after)


async def count_for_owner(uow: UnitOfWork, owner: str) -> None:
    """Have the mail of an owner's entries counted, and then have them asked."""
    kind = JobKind.COUNT_FOR_OWNER
    await enqueue(uow, kind, PersonPayload(user=owner), key=f"{kind}:{owner}")


async def tell_of_renewals(uow: UnitOfWork, *, at: datetime | None = None, after: int | None = None) -> None:
    """The same for the approvers, of what is passed on to them."""
    kind = JobKind.TELL_OF_RENEWALS
    await _about_renewals(uow, kind, PersonPayload(user="", anew=after is not None), at=at, after=after)


async def _about_renewals(
    uow: UnitOfWork, kind: KindOfJob[PersonPayload], payload: PersonPayload, *, at: datetime | None, after: int | None
) -> None:
    key = f"{kind}:{payload.user}" + ("" if after is None else f":{after}")
    await enqueue(uow, kind, payload, at=at, key=key)


async def retire(uow: UnitOfWork, request_id: int, *, channel: str, ts: str) -> None:
    """Have the buttons taken off a message that isn't on record: somebody clicked on it, about a request."""
    await _retire(uow, StrayPayload(request_id=request_id, channel=channel, ts=ts))


async def retire_preview(uow: UnitOfWork, preview_id: int, *, channel: str, ts: str) -> None:
    """The same of a click about the preview of an import."""
    await _retire(uow, StrayPayload(preview_id=preview_id, channel=channel, ts=ts))


async def _retire(uow: UnitOfWork, clicked: StrayPayload) -> None:
    # A delivery names the place, and may name anything.
    payload = replace(clicked, channel=clicked.channel[:LONGEST_PLACE], ts=clicked.ts[:LONGEST_PLACE])
    await enqueue(uow, JobKind.RETIRE, payload, key=f"{JobKind.RETIRE}:{payload.channel}:{payload.ts}")


async def look_for_strays(uow: UnitOfWork, key: str, *, thread: str | None, at: datetime) -> None:
    """Have it looked, at a time, whether a message that was posted again under its `key` stands twice."""
    payload = RepeatedPayload(key=key, thread=thread)
    await enqueue(uow, JobKind.STRAYS, payload, at=at, key=f"{JobKind.STRAYS}:{key}")


async def show_again(uow: UnitOfWork, request_id: int, *, at: datetime, after: int) -> None:
    """Have the card and the copy of a request's proposal shown once more at a time, on behalf of the job `after`."""
    payload = RequestPayload(request_id=await uow.requests.proposal_of(request_id))
    await enqueue(uow, JobKind.SHOW_AGAIN, payload, at=at, key=f"{JobKind.SHOW_AGAIN}:{after}")


async def reply(
    uow: UnitOfWork,
    message: Mapping[str, Any],
    *,
    user: str,
    response_url: str = "",
    replaces: bool = False,
    only_there: bool = False,
) -> None:
    """Have one person told something that only they should see: where they asked, or by direct message.

    The message has its `text` and its `blocks`, as Slack takes them. With `replaces` it takes the place of the message
    that they clicked on, where that can be answered; with `only_there` nobody is told it elsewhere.
    """
    payload = ReplyPayload(
        message=_parts(message), user=user, response_url=response_url, replaces=replaces, only_there=only_there
    )
    await enqueue(uow, JobKind.REPLY, payload)


async def reply_in_turn(
    uow: UnitOfWork, messages: Sequence[MessageParts], *, user: str, response_url: str = ""
) -> None:
    """The same with several messages, one after the other. Without any, nothing is queued."""
    for first in messages[:1]:
        payload = ReplyPayload(message=first, user=user, response_url=response_url, then=tuple(messages[1:]))
        await enqueue(uow, JobKind.REPLY, payload)


def _parts(message: Mapping[str, Any]) -> MessageParts:
    return MessageParts(text=message["text"], blocks=tuple(message["blocks"]))
