"""What was decided is what was seen: a click counts under what Portcullis itself posted, in the version of now.

What was clicked on and what is on record of it come in; why the click decides nothing goes out, if it doesn't.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.auditing.events import EventKind, NewEvent
from bot.domain.requests.emergency import waits
from bot.domain.requests.request import Request
from bot.errors import Conflict


class Purpose(StrEnum):
    """What a message that Portcullis posted for a request is, by the name that its row has: none is ever renamed."""

    CARD = "card"  #: in the approval channel: what approvers decide under
    OLD_CARD = "old_card"  #: one that another has replaced, whose buttons are still to be taken off
    LOST_CARD = "lost_card"  #: one that Slack has lost, or lets nobody change any more
    COPY = "copy"  #: the requester's own copy of it
    THREAD = "thread"  #: a step of the story below the card
    DIRECT = "dm"  #: a step of the story for the requester
    SETTLED = "dm_settled"  #: likewise, of a question that needs no answer any more: its button is off
    FORM = "form"  #: the form in which somebody approves it, opened for them: their user id, and the form's
    DENY_FORM = "deny_form"  #: likewise the form that asks why somebody denies it
    #: Likewise the form in which several are approved; behind the form's id stands the number of this one.
    TOGETHER_FORM = "together_form"
    DETAILS = "details"  #: likewise the details, where they have a button that counts
    EMERGENCY_FORM = "emergency_form"  #: likewise the form in which somebody reviews an emergency block
    #: The alert of an allow that came of its submission and that it doesn't name. Its version is that event's number.
    UNNAMED_ALLOW = "unnamed_allow"
    #: The alert of changes that nobody requested. It is no request's; its version is the first event's number.
    UNREQUESTED = "unrequested"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCard:
    """What somebody had before them when they clicked: a message, and the version of the request that it shows.

    `form` is the id of the form that it was decided in, and `form_is` what that form is on record as.
    """

    channel: str
    ts: str
    version: int
    form: str = ""
    form_is: Purpose = Purpose.FORM

    @property
    def is_form_alone(self) -> bool:
        """Whether the form was opened elsewhere than from a card: then it alone is what was shown."""
        return bool(self.form) and not self.channel and not self.ts

    @property
    def in_full(self) -> bool:
        """Whether everything that goes out was shown, and not only the card."""
        return bool(self.form) and self.form_is is Purpose.FORM


@dataclass(frozen=True, slots=True, kw_only=True)
class CardOnRecord:
    """What is on record of a message: for which request it was posted, as what, and which version it shows."""

    request_id: int | None
    purpose: str
    version: int


class Unbound(StrEnum):
    """Why a click decides nothing, by its name in the log: none is ever renamed."""

    UNKNOWN_MESSAGE = "unknown_message"  #: Portcullis has posted no such message
    #: Portcullis has posted it in a channel that has another id by now: one that was shared with another company
    OTHER_CHANNEL = "other_channel"
    OTHER_REQUEST = "other_request"  #: it is about another request than the button
    OTHER_MESSAGE = "other_message"  #: it is about the request, and not where this is decided
    OLD_VERSION = "old_version"  #: it doesn't show the request as it stands now
    UNKNOWN_FORM = "unknown_form"  #: it was sent in a form that Portcullis didn't open for this person and this request


def why_unbound(
    request: Request,
    shown: ShownCard,
    on_record: CardOnRecord | None,
    *,
    purpose: Purpose,
    form_on_record: CardOnRecord | None = None,
) -> Unbound | None:
    """Why a click on what was shown decides nothing about a request; None where it is bound.

    `on_record` is what is known of the message, `purpose` where this decision belongs, and `form_on_record` what is
    known of the form, where the decision was made in one.
    """
    opened = CardOnRecord(request_id=request.proposal_id, purpose=shown.form_is, version=shown.version)
    if shown.is_form_alone:
        if form_on_record != opened:
            return Unbound.UNKNOWN_FORM
        return None if shown.version == request.version else Unbound.OLD_VERSION
    why = why_not_posted(request, on_record, purpose=purpose)
    if why is not None or on_record is None:
        return why
    if shown.form and form_on_record != opened:
        return Unbound.UNKNOWN_FORM
    return None if on_record.version == shown.version == request.version else Unbound.OLD_VERSION


def why_not_posted(request: Request, on_record: CardOnRecord | None, *, purpose: Purpose) -> Unbound | None:
    """Why a message isn't what Portcullis posted for a request and a purpose, in any version; None where it is."""
    if on_record is None:
        return Unbound.UNKNOWN_MESSAGE
    # Messages are on record under the proposal's number; an alert that is about one part of it, under that part's.
    if on_record.request_id not in {request.proposal_id, request.id}:
        return Unbound.OTHER_REQUEST
    return None if on_record.purpose == purpose else Unbound.OTHER_MESSAGE


def may_catch_up(request: Request, shown: ShownCard, on_record: CardOnRecord | None) -> bool:
    """Whether a click is early: it shows the request as it is now, and the record of the message doesn't say so yet."""
    if not waits(request) or shown.version != request.version or shown.is_form_alone:
        return False
    return on_record is None or (on_record.request_id == request.proposal_id and on_record.version < shown.version)


def unbound_error(request: Request, why: Unbound, *, purpose: Purpose) -> Conflict:
    """What the person is told whose click decides nothing, so that they look again and click again."""
    its = _PLACES[purpose].format(request.proposal_id)
    match why:
        case Unbound.OTHER_CHANNEL:
            return Conflict(
                f"The channel of this message has another id by now, and your click decided nothing about request "
                f"{request.proposal_id}.",
                "The message is being brought up to date: look at it again, and click once more.",
            )
        case Unbound.OLD_VERSION:
            return Conflict(
                f"This doesn't show #{request.proposal_id} as it stands now, and your click decided nothing.",
                "It is being brought up to date: look at it again, and click once more.",
            )
        case Unbound.UNKNOWN_FORM:
            return Conflict(
                f"This form isn't one that Portcullis opened for you about #{request.proposal_id}: what it says "
                "may be false. Your click decided nothing.",
                f"Look at {its}, and click there.",
            )
        case Unbound.OTHER_MESSAGE:
            return Conflict(
                f"#{request.proposal_id} isn't decided on this message, and your click decided nothing.",
                f"Look at {its}, and click there.",
            )
        case Unbound.UNKNOWN_MESSAGE | Unbound.OTHER_REQUEST:
            return Conflict(
                f"This message isn't the one that Portcullis has on record for #{request.proposal_id}: what it "
                "says may be false. Your click decided nothing.",
                f"Look at {its}, which is being brought up to date, and click there.",
            )


#: Where it is decided, for people.
_PLACES: dict[Purpose, str] = {
    Purpose.CARD: "the card of #{} in the approval channel",
    Purpose.OLD_CARD: "the card of #{} in the approval channel",
    Purpose.LOST_CARD: "the card of #{} in the approval channel",
    Purpose.COPY: "your own copy of #{}, in your direct messages with Portcullis",
    Purpose.THREAD: "the thread of #{}",
    Purpose.FORM: "the form for #{}",
    Purpose.DENY_FORM: "the form for #{}",
    Purpose.TOGETHER_FORM: "the form for #{}",
    Purpose.DETAILS: "the details of #{}",
    Purpose.EMERGENCY_FORM: "the form for #{}",
    Purpose.DIRECT: "the message about #{} in your direct messages with Portcullis",
    Purpose.SETTLED: "the message about #{} in your direct messages with Portcullis",
    Purpose.UNREQUESTED: "the alert in the alert channel",
    Purpose.UNNAMED_ALLOW: "the alert about what came of #{} in the alert channel",
}


def unbound_event(
    request: Request, shown: ShownCard, why: Unbound, *, actor: str, wanted: str, at: datetime
) -> NewEvent:
    """What is logged of a click that decides nothing. `wanted` is what it was to do: `approve`, `withdraw`."""
    return NewEvent(
        kind=EventKind.CLICK_REFUSED,
        actor=actor,
        target=f"request {request.proposal_id}",
        request_id=request.proposal_id,
        payload={
            "wanted": wanted,
            "why": why,
            "channel": shown.channel[:LONGEST_PLACE],
            "ts": shown.ts[:LONGEST_PLACE],
            "shown": shown.version,
            "version": request.version,
        },
        at=at,
    )


def unbound_import_event(preview_id: int, shown: ShownCard, *, actor: str, at: datetime) -> NewEvent:
    """What is logged of a click about an import on a message that isn't the one that was posted of it."""
    return NewEvent(
        kind=EventKind.CLICK_REFUSED,
        actor=actor,
        target=f"import {preview_id}",
        payload={
            "wanted": "import",
            "why": Unbound.UNKNOWN_MESSAGE,
            "channel": shown.channel[:LONGEST_PLACE],
            "ts": shown.ts[:LONGEST_PLACE],
            "shown": shown.version,
        },
        at=at,
    )


#: Where a click came from is the sender's word: so much of it is kept.
LONGEST_PLACE = 40
