"""Which steps of a request are told to whom: the story comes from the audit log, a line for each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from bot.domain.audit import Event, EventKind
from bot.domain.requests import Item, Request
from bot.slack.blocks import Message
from bot.slack.text import escaped
from bot.slack.views import parts, story
from bot.slack.views.card import details_button
from bot.store import AuditFilter, UnitOfWork

#: What the notifier calls its own alert: the approval channel takes no card.
CARD_REFUSED = "card_refused"

#: What the workflow calls its alert of a change that has to wait for the tenant.
_DELAYED = "request_delayed"

#: More than a request's story can have; the events of its items are told together.
_EVENTS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One message that is owed, for good, by the event with this number: told once, it is never owed again."""

    seq: int
    message: Message


async def events_of(uow: UnitOfWork, request_id: int) -> list[Event]:
    """The events of a request, oldest first."""
    return (await uow.audit.page(filters=AuditFilter(request_id=request_id, limit=_EVENTS)))[::-1]


def thread_lines(request: Request, events: Sequence[Event]) -> list[Telling]:
    """What belongs in the thread under the card."""
    tellings = []
    for kind, group in _groups(events):
        message = _line(request, kind, group)
        if message is not None:
            tellings.append(Telling(seq=group[0].seq, message=message))
    return tellings


def direct_messages(request: Request, events: Sequence[Event]) -> list[Telling]:
    """What the requester is told: each time it is over, one way or the other."""
    tellings = []
    for kind, group in _groups(events):
        if kind in _OUTCOMES:
            tellings.append(Telling(seq=group[0].seq, message=story.for_requester(request)))
        elif kind in _OF_ITEMS:
            tellings.append(Telling(seq=group[0].seq, message=_OF_ITEMS[kind](request, _items(request, group))))
    return tellings


def alert_message(
    what: str, request: Request | None, events: Sequence[Event], details: str, *, reference: str
) -> Message:
    """What the alert channel is told. `what` is the workflow's word for it; one that is not known is told as it is."""
    if request is not None and what == "ip_allow_proposed":
        return story.ip_allow_alert(request)
    if request is not None and what == "request_failed":
        return story.request_failed_alert(request)
    if request is not None and what == "entry_missing":
        missing = [event for event in events if event.kind == EventKind.ITEM_MISSING]
        return story.gone_again(request, _items(request, missing))
    if request is not None and what in _HELD_UP:
        return _held_up(request, _HELD_UP[what], details)
    return story.dead_job_alert(
        kind=what,
        what=details,
        remedy="Find the cause in the log; `portcullis doctor` checks Slack, the tenant and the database.",
        reference=reference,
        request_id=None if request is None else request.id,
    )


#: Alerts of what is still being tried.
_HELD_UP: Mapping[str, str] = {
    CARD_REFUSED: "Slack does not take the card of *request {}*, so nobody can decide on it. It is tried again.",
    _DELAYED: "*Request {}* is approved and could not be applied yet. It is tried again.",
}


def _held_up(request: Request, sentence: str, details: str) -> Message:
    said = f"{sentence.format(request.id)}\n{escaped(details, limit=1_200)}"
    return Message.build(
        name=f"held-up-{request.id}",
        text=said.replace("*", ""),
        blocks=[parts.section(f":rotating_light: {said}"), parts.buttons([details_button(request.id)])],
    )


_OUTCOMES = frozenset(
    {
        EventKind.REQUEST_DENIED,
        EventKind.REQUEST_LAPSED,
        EventKind.REQUEST_APPLIED,
        EventKind.REQUEST_PARTLY_APPLIED,
        EventKind.REQUEST_FAILED,
    }
)


def _groups(events: Sequence[Event]) -> Iterator[tuple[str, list[Event]]]:
    """Events of one kind that follow each other are one step: a review each, but all items of a request together."""
    for (kind, _), group in groupby(events, key=lambda event: (event.kind, _apart(event))):
        yield kind, list(group)


def _apart(event: Event) -> int:
    return event.seq if event.kind == EventKind.REQUEST_REVIEWED else 0


def _line(request: Request, kind: str, group: Sequence[Event]) -> Message | None:
    if kind in _WHOLE:
        return _WHOLE[kind](request)
    if kind in _OF_ITEMS:
        return _OF_ITEMS[kind](request, _items(request, group))
    if kind == EventKind.REQUEST_REVIEWED:
        review = next((one for one in request.reviews if one.reviewer == group[0].actor), None)
        return None if review is None else story.reviewed(request, review)
    return None


#: The steps that are told of the request as a whole, and those that are told of some of its items.
_WHOLE: Mapping[str, Callable[[Request], Message]] = {
    EventKind.REQUEST_WITHDRAWN: story.withdrawn,
    EventKind.REQUEST_LAPSED: story.lapsed,
    EventKind.REQUEST_APPLYING: story.applying,
    EventKind.REQUEST_APPLIED: story.settled,
    EventKind.REQUEST_PARTLY_APPLIED: story.settled,
    EventKind.REQUEST_FAILED: story.settled,
    EventKind.ITEM_CONFIRMED: story.confirmed,
}
_OF_ITEMS: Mapping[str, Callable[[Request, Sequence[Item]], Message]] = {
    EventKind.ITEM_MISSING: story.gone_again,
    EventKind.ITEM_EXPIRED: story.ended,
}


def _items(request: Request, events: Sequence[Event]) -> list[Item]:
    targets = {event.target for event in events}
    return [item for item in request.items if item.value in targets]
