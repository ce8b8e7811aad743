"""Which steps of a request are told to whom: the story comes from the audit log, a line for each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import Step
from bot.domain.requests.request import HOLDS, Item, Request
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Message
from bot.slack.block_kit.text import escaped
from bot.slack.messages import story, submission
from bot.slack.messages.card import details_button

#: What the notifier calls its own alert: the approval channel takes no card.
CARD_REFUSED = "card_refused"

#: What the workflow calls its alert of a change that has to wait for the tenant.
_DELAYED = "request_delayed"

#: What is recorded of a large request in portions, so close to each other, is one step of its story.
_ONE_ROUND = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One message that is owed, for good, by the event with this number: told once, it is never owed again."""

    seq: int
    message: Message


def thread_lines(request: Request, steps: Sequence[Step]) -> list[Telling]:
    """What belongs in the thread under the card. `request` may be a summary; `steps` are its own, oldest first."""
    tellings = []
    for step in _rounds(steps):
        message = _line(request, step)
        if message is not None:
            tellings.append(Telling(seq=_owed_by(step), message=message))
    return tellings


def direct_messages(request: Request, steps: Sequence[Step]) -> list[Telling]:
    """What the requester is told: each time it is over, one way or the other, and before its end."""
    tellings = []
    for step in _rounds(steps):
        if step.kind in _OUTCOMES:
            tellings.append(Telling(seq=step.first, message=story.for_requester(request)))
        elif step.kind in _OF_ITEMS:
            tellings.append(Telling(seq=_owed_by(step), message=_of_items(request, step)))
        elif step.kind == EventKind.REQUEST_REMINDED:
            tellings.append(Telling(seq=step.first, message=_reminder(request)))
    return tellings


def _owed_by(step: Step) -> int:
    """The number by which a step is told once: news that came since is owed anew, whatever it follows."""
    return step.last if step.kind in _NEWS else step.first


def alert_message(
    what: str, request: Request | None, steps: Sequence[Step], details: str, *, reference: str
) -> Message:
    """What the alert channel is told. `what` is the workflow's word for it; one that is not known is told as it is."""
    if request is not None and what == "ip_allow_proposed":
        return story.ip_allow_alert(request)
    if request is not None and what == "request_failed":
        return story.request_failed_alert(request)
    if request is not None and what == "entry_missing":
        missing = [step for step in _rounds(steps) if step.kind == EventKind.ITEM_MISSING]
        return _of_items(request, missing[-1]) if missing else story.gone_again(request, [])
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
        blocks=[elements.section(f":rotating_light: {said}"), elements.buttons([details_button(request.id)])],
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


def _rounds(steps: Sequence[Step]) -> list[Step]:
    """The steps, with the items' events of one kind as one step also where those of another kind stand in between.

    What became of many items is written down in portions, each with some that stand and some that don't.
    """
    merged: list[Step] = []
    began = 0  # where among `merged` the round begins that is under way
    for step in steps:
        if step.kind not in _ITEM_KINDS:
            merged.append(step)
            began = len(merged)
            continue
        if merged[began:] and step.at - merged[-1].at > _ONE_ROUND:
            began = len(merged)
        at = next((at for at in range(began, len(merged)) if merged[at].kind == step.kind), None)
        if at is None:
            merged.append(step)
            continue
        before = merged[at]
        merged[at] = replace(
            before,
            last=step.last,
            count=before.count + step.count,
            at=step.at,
            targets=(*before.targets, *step.targets),
        )
    return merged


def _line(request: Request, step: Step) -> Message | None:
    if step.kind in _WHOLE:
        return _WHOLE[step.kind](request)
    if step.kind in _OF_ITEMS:
        return _of_items(request, step)
    if step.kind == EventKind.REQUEST_REVIEWED:
        review = next((one for one in request.reviews if one.reviewer == step.actor), None)
        return None if review is None else story.reviewed(request, review)
    return None


def _of_items(request: Request, step: Step) -> Message:
    """A step of some of the items: those that are at hand are named, all are counted."""
    targets = set(step.targets)
    items = [item for item in request.items if item.value in targets]
    return _OF_ITEMS[step.kind](request, items, total=max(step.count, len(items)))


def _reminder(request: Request) -> Message:
    """What still stands of a request whose end is near."""
    total = sum(count for state, count in request.counts.items() if state in HOLDS)
    return story.reminded(request, [item for item in request.items if item.state in HOLDS], total=total)


class _TellsOfItems(Protocol):
    def __call__(self, request: Request, items: Sequence[Item], *, total: int | None = None) -> Message: ...


#: Events of single items.
_ITEM_KINDS = frozenset(kind for kind in EventKind if kind.startswith("item."))


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
#: Steps that may go on for days, each part of which people have to hear of.
_NEWS = frozenset({EventKind.SUBMISSION_RESULT})
_OF_ITEMS: Mapping[str, _TellsOfItems] = {
    EventKind.ITEM_MISSING: story.gone_again,
    EventKind.ITEM_EXPIRED: story.ended,
    EventKind.SUBMISSION_RESULT: submission.heard,
}
