"""What whoever looks after the bot is alarmed of, as facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.auditing.events import Event, EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.lists.traits import Action, ListName, label
from bot.domain.requests.request import Request
from bot.domain.telling.audience import in_rounds
from bot.domain.telling.headlines import named
from bot.domain.telling.outcome_steps import gone_again, gone_sentence
from bot.domain.telling.request_facts import ItemFacts, RequestFacts, request_facts
from bot.domain.telling.sentence import CommandLine, Moment, Part, Quoted, Sentence, Strong, Value, Who, sentence


class AlertName(StrEnum):
    """Why somebody is alarmed, by the name that a waiting job has for it: none is ever renamed.

    A job that was given up has no name here: that goes by its own kind.
    """

    IP_ALLOW_PROPOSED = "ip_allow_proposed"
    REQUEST_DELAYED = "request_delayed"  #: approved, and not applied in time
    REQUEST_FAILED = "request_failed"  #: not applied, whole or in part
    ENTRY_MISSING = "entry_missing"  #: applied once, and no longer as asked
    LOG_ANCHORED = "log_anchored"  #: no alarm: the audit log's head, to be kept where the database doesn't reach
    LOG_CONTRADICTED = "log_contradicted"  #: the database says otherwise of a request than the log: nothing was sent
    CARD_REFUSED = "card_refused"  #: the approval channel takes no card of a request
    GROUP_UNREAD = "group_unread"  #: who is in a user group that gives roles can't be read
    END_DELAYED = "end_delayed"  #: the end has come, and the entries could not be taken out in time
    JOBS_DELAYED = "jobs_delayed"  #: some other work isn't done in time
    UNNAMED_ALLOW = "unnamed_allow"  #: an allow came of a submission that its request doesn't name
    EMERGENCY_UNREVIEWED = "emergency_unreviewed"  #: nobody has reviewed an emergency block for some time
    UNREQUESTED = "unrequested"  #: changes that nobody requested: one alert for a reading
    POSTURE_WORSE = "posture_worse"  #: a scan found something grave that is new and that no other alert tells
    POSTURE_SUMMARY = "posture_summary"  #: no alarm: the weekly summary
    PLACE_UNWATCHED = "place_unwatched"  #: changes of a place beside the lists aren't seen, for want of a right
    SOCKET_LOST = "socket_lost"  #: what people type and click doesn't arrive, or didn't for a while
    RESTORED = "restored"  #: the database was restored from a backup


class AlertKind(StrEnum):
    """What the alarm is about."""

    IP_ALLOW = "ip-allow"  #: somebody proposes to let an IP skip the filters
    FAILED = "failed"  #: an approved request did not go through, whole or in part
    GONE = "gone"  #: entries that had been applied are no longer as asked
    ANCHOR = "anchor"  #: no alarm: the audit log's head
    TAMPERED = "tampered"  #: somebody changed the database past Portcullis
    RESTORED = "restored"  #: the database was restored from a backup, and lacks what came after it
    UNNAMED = "unnamed"  #: an allow came of a submission that nobody asked for
    HELD_UP = "held-up"  #: something does not go ahead, and is still being tried
    GROUP = "group"  #: a user group that gives roles can't be read: nobody has a right by it
    UNREVIEWED = "unreviewed"  #: nobody has reviewed an emergency block
    UNREQUESTED = "unrequested"  #: somebody changed the tenant past Portcullis
    UNWATCHED = "unwatched"  #: what somebody changes in a place can't be seen
    SOCKET = "socket"  #: what people type and click doesn't arrive
    JOB_DEAD = "dead"  #: a job was given up after its last attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFacts:
    """One alarm. `items` are those that a reader has to know of, as far as they are at hand; `total` counts all."""

    kind: AlertKind
    sentence: Sentence
    request: RequestFacts | None = None
    items: tuple[ItemFacts, ...] = ()
    total: int = 0
    details: str = ""  #: what the last error said; any text
    remedy: Sentence = ()  #: what to do
    reference: str = ""  #: stands in the log as well
    now: Sentence = ()  #: where the request stands by now, in an alert that was posted before
    removable: int | None = None  #: the number of the event whose entry a request can be made to take out


_REMEDY: Sentence = (
    "Find the cause in the log; ",
    CommandLine("portcullis doctor"),
    " checks Slack, the tenant and the database.",
)


def alert_facts(
    what: str,
    request: Request | None,
    steps: Sequence[StoryStep],
    *,
    details: str = "",
    reference: str = "",
    event: Event | None = None,
) -> AlertFacts:
    """One alarm. `what` is an `AlertName`; whatever else it is, is the kind of a job that was given up.

    `request`, which may be a summary, and its `steps` are what it is about, if it is about one; `event` is the one that
    it tells of.
    """
    if what == AlertName.JOBS_DELAYED:
        said: Sentence = (Strong("Work is delayed"), ". Portcullis keeps trying.")
        return AlertFacts(kind=AlertKind.HELD_UP, sentence=said, details=details, remedy=_REMEDY, reference=reference)
    if what == AlertName.GROUP_UNREAD:
        return _group_unread(details=details, reference=reference)
    if what == AlertName.PLACE_UNWATCHED:
        return _unwatched(details=details, reference=reference)
    if what == AlertName.RESTORED:
        return _restored(details=details, reference=reference)
    if what == AlertName.UNNAMED_ALLOW and request is not None and event is not None:
        return _unnamed(request, event)
    told = None if request is None else _of_request(what, request, steps, details=details)
    return told or _job_dead(what, request, details=details, reference=reference)


def _of_request(what: str, request: Request, steps: Sequence[StoryStep], *, details: str) -> AlertFacts | None:
    told: AlertFacts | None = None
    match what:
        case AlertName.IP_ALLOW_PROPOSED:
            told = _ip_allow(request)
        case AlertName.REQUEST_FAILED:
            told = _failed(request)
        case AlertName.ENTRY_MISSING:
            told = _gone(request, steps)
        case AlertName.LOG_CONTRADICTED:
            told = _contradicted(request, details)
        case AlertName.EMERGENCY_UNREVIEWED:
            told = _unreviewed(request)
        case AlertName.REQUEST_DELAYED:
            told = held_up(request, (Strong(f"#{request.proposal_id}"), _DELAYED), details=details)
        case AlertName.END_DELAYED:
            told = held_up(
                request, ("The end date of ", Strong(f"#{request.proposal_id}"), _END_DELAYED), details=details
            )
        case _:
            pass
    return told


_DELAYED = " is approved, but could not be applied yet. Portcullis keeps trying."
_END_DELAYED = " has passed, but its entries could not be removed yet. Portcullis keeps trying."


#: The alerts that are brought up to date when their request moves on.
KEPT_UP_TO_DATE = frozenset(
    {
        AlertName.IP_ALLOW_PROPOSED,
        AlertName.REQUEST_DELAYED,
        AlertName.REQUEST_FAILED,
        AlertName.END_DELAYED,
        AlertName.ENTRY_MISSING,
        AlertName.LOG_CONTRADICTED,
        AlertName.EMERGENCY_UNREVIEWED,
    }
)


def as_it_stands(what: str, request: Request, steps: Sequence[StoryStep]) -> AlertFacts:
    """An alarm that was told before, with where its request stands by now. What an error said then is left out."""
    facts = alert_facts(what, request, steps)
    if facts.request is None or request.is_open or facts.kind is AlertKind.FAILED:
        return facts  # it says so itself
    return replace(facts, now=facts.request.status_sentence)


def held_up(request: Request, said: Sentence, *, details: str) -> AlertFacts:
    """Something of a request does not go ahead: `said` is what, `details` why."""
    return AlertFacts(kind=AlertKind.HELD_UP, sentence=said, request=request_facts(request), details=details)


def anchored(details: str) -> AlertFacts:
    """The head of the log, told. `details` are the head's number and hash, and what could not be done with it."""
    said = (
        Strong("The audit log's head"),
        ", as it is now. Whoever wants to prove the log later compares it with what stands here: ",
        CommandLine("portcullis audit verify --against"),
        ".",
    )
    return AlertFacts(kind=AlertKind.ANCHOR, sentence=said, details=details, reference=details.partition(" ")[0])


def _contradicted(request: Request, details: str) -> AlertFacts:
    said = sentence(
        Strong(f"The database contradicts the log about #{request.proposal_id}"),
        ", so nothing is sent to the tenant for it: somebody changed the database without Portcullis.",
    )
    return AlertFacts(
        kind=AlertKind.TAMPERED,
        sentence=said,
        request=request_facts(request),
        details=details,
        remedy=(
            "Find out who can write to the database, and keep a copy of it. ",
            CommandLine("portcullis audit verify"),
            " names all that is wrong. What is still wanted has to be proposed again.",
        ),
    )


def _group_unread(*, details: str, reference: str) -> AlertFacts:
    """A user group that gives roles can't be read: `details` is which, and why."""
    return AlertFacts(
        kind=AlertKind.GROUP,
        sentence=(Strong("A user group can't be read"), ", so nobody has a role by it until it can be."),
        details=details,
        remedy=(
            "Was it disabled or deleted in Slack? Then correct APPROVERS, REQUESTERS and AUDITORS. ",
            CommandLine("portcullis doctor"),
            " says whether it can be read.",
        ),
        reference=reference,
    )


def _unwatched(*, details: str, reference: str) -> AlertFacts:
    """Changes of a place beside the lists aren't seen: `details` is of which, and which right is missing."""
    return AlertFacts(
        kind=AlertKind.UNWATCHED,
        sentence=(Strong("Changes can't be seen"), ": nobody hears what is changed there until the app has the right."),
        details=details,
        remedy=(
            CommandLine("portcullis doctor"),
            " says how to give it. To read none of these places, set OVERRIDES off.",
        ),
        reference=reference,
    )


def _restored(*, details: str, reference: str) -> AlertFacts:
    """The database was restored: `details` is with which event the backup ends, and when that was."""
    return AlertFacts(
        kind=AlertKind.RESTORED,
        sentence=(
            Strong("The database was restored from a backup"),
            ". What was decided after it isn't known any more, and what was pending then is pending again.",
            " Entries that were made since are in the tenant, and may have no end any more.",
        ),
        details=details,
        remedy=(
            "Look through the lists, and request anew what is to have an end. Have the card of what is pending posted",
            " again: ",
            CommandLine("/requests"),
            ", Details.",
        ),
        reference=reference,
    )


def _ip_allow(request: Request) -> AlertFacts:
    told = request_facts(request)
    so_far = f" {told.approvals}; nothing has been changed." if request.is_open else ""
    said = sentence(
        Strong(f"{told.alarm} proposed"),
        " by ",
        Who(request.requester),
        ": ",
        told.subject,
        f", #{request.proposal_id}.{so_far}",
    )
    several = told.total > 1
    return AlertFacts(
        kind=AlertKind.IP_ALLOW,
        sentence=said,
        request=told,
        items=told.items if several else (),
        total=told.total if several else 0,
    )


def _unreviewed(request: Request) -> AlertFacts:
    told = request_facts(request)
    waits = (
        " Nobody has reviewed it yet: an approver keeps it or takes it out, on its card." if told.awaits_review else ""
    )
    said = sentence(
        Strong(f"Emergency block #{request.proposal_id}"),
        " by ",
        Who(request.requester),
        ": ",
        told.headline,
        f".{waits}",
    )
    return AlertFacts(kind=AlertKind.UNREVIEWED, sentence=said, request=told)


def _failed(request: Request) -> AlertFacts:
    """That it did not go through. Why, and which items, stands on its card."""
    told = request_facts(request)
    said = sentence(
        Strong(f"#{request.proposal_id}"),
        " by ",
        Who(request.requester),
        ", ",
        told.headline,
        ". ",
        told.status_sentence,
        " Its card says why.",
    )
    return AlertFacts(kind=AlertKind.FAILED, sentence=said, request=told)


def _unnamed(request: Request, event: Event) -> AlertFacts:
    """An allow that nobody asked for: what it is, which submission it came of, and what that was asked for."""
    told = request_facts(request)
    payload = event.payload
    where, value = str(payload.get("list", "")), str(payload.get("value") or event.target)
    name = label(ListName(where), Action.ALLOW) if where in set(ListName) else where
    expires = payload.get("expires")
    end: Part = Moment(datetime.fromisoformat(expires)) if isinstance(expires, str) else "45 days after its last use"
    said = sentence(
        Strong("Allowed, and nobody asked for it"),
        ": ",
        Value(value),
        f" ({name}, until ",
        end,
        f"). It came of the submission of #{request.proposal_id} by ",
        Who(request.requester),
        ", which names ",
        named(request),
        ". Find out who sends from there, and have it removed unless it is meant.",
    )
    return AlertFacts(kind=AlertKind.UNNAMED, sentence=said, request=told, removable=event.seq)


def unnamed_as_it_stands(request: Request, event: Event, removal: Request) -> AlertFacts:
    """The same alarm once somebody has asked for its removal: where that request stands, in place of the button."""
    asked = (f"#{removal.proposal_id} asks to remove it. ", *request_facts(removal).status_sentence)
    return replace(_unnamed(request, event), removable=None, now=sentence(*asked))


def _gone(request: Request, steps: Sequence[StoryStep]) -> AlertFacts:
    """The last of the steps in which something was missing, as whoever follows the card is told of it."""
    missing = [step for step in in_rounds(steps) if step.kind == EventKind.ITEM_MISSING]
    if not missing:
        return AlertFacts(kind=AlertKind.GONE, sentence=gone_sentence(request, 0), request=request_facts(request))
    told = gone_again(request, missing[-1])
    return AlertFacts(
        kind=AlertKind.GONE, sentence=told.sentence, request=told.request, items=told.items, total=told.total
    )


def _job_dead(what: str, request: Request | None, *, details: str, reference: str) -> AlertFacts:
    about = f" for #{request.proposal_id}" if request is not None else ""
    return AlertFacts(
        kind=AlertKind.JOB_DEAD,
        sentence=(Strong("A job was given up"), ": ", Quoted(what.strip() or "unnamed"), f"{about}."),
        request=None if request is None else request_facts(request),
        details=details,
        remedy=_REMEDY,
        reference=reference,
    )
