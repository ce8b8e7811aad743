"""Who is told of which step of a proposal: those who follow its card, and the requester.

What is decided on all of its requests at once is told once; what becomes of each, with the list that it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeAlias

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Request, Status
from bot.domain.telling import decision_steps, outcome_steps
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.request_facts import RequestFacts, list_label
from bot.domain.telling.sentence import sentence
from bot.domain.telling.step_facts import StepFacts, StepKind

#: What is recorded of a large request in portions, so close to each other, is one step of its story.
_ONE_ROUND = timedelta(minutes=10)

_Tells = Callable[[Request, StoryStep], StepFacts | None]

#: Steps that are about some of a request's items; whoever follows the card and the requester both hear of them.
_OF_ITEMS: Mapping[str, _Tells] = {
    EventKind.ITEM_MISSING: outcome_steps.gone_again,
    EventKind.ITEM_EXPIRED: outcome_steps.ended,
    EventKind.SUBMISSION_RESULT: outcome_steps.heard,
    EventKind.SUBMISSION_UNNAMED: outcome_steps.unnamed,
}

#: Whoever follows the card hears who has agreed while others still have to, and how it ended, once. What is on its way,
#: and that it was confirmed, shows on the card.
_TOLD_BELOW_THE_CARD: Mapping[str, _Tells] = {
    EventKind.REQUEST_REVIEWED: decision_steps.reviewed,
    EventKind.REQUEST_ASKED: decision_steps.asked,
    EventKind.REQUEST_ANSWERED: decision_steps.answered,
    EventKind.REQUEST_REASSESSED: decision_steps.reassessed,
    EventKind.REQUEST_APPROVAL_VOIDED: decision_steps.voided,
    EventKind.REQUEST_LEFT_OUT: decision_steps.left_out,
    EventKind.REQUEST_KEPT: decision_steps.emergency_reviewed,
    EventKind.REQUEST_TAKEN_OUT: decision_steps.emergency_reviewed,
    EventKind.REQUEST_WITHDRAWN: decision_steps.withdrawn,
    EventKind.REQUEST_LAPSED: decision_steps.lapsed,
    EventKind.REQUEST_TRIED_AGAIN: outcome_steps.tried_again,
    EventKind.REQUEST_APPLIED: outcome_steps.concluded,
    EventKind.REQUEST_PARTLY_APPLIED: outcome_steps.concluded,
    EventKind.REQUEST_FAILED: outcome_steps.concluded,
    EventKind.APPROVERS_CALLED_LATE: decision_steps.called_late,
    **_OF_ITEMS,
}

#: The requester hears when it is over and not as they asked, before its end, when nobody can decide on it, and when an
#: approver asks them something. That all is well their copy says.
_TOLD_TO_THE_REQUESTER: Mapping[str, _Tells] = {
    EventKind.REQUEST_ASKED: decision_steps.asked_of_you,
    EventKind.REQUEST_LEFT_OUT: decision_steps.left_out_of_yours,
    EventKind.REQUEST_KEPT: decision_steps.your_emergency_reviewed,
    EventKind.REQUEST_TAKEN_OUT: decision_steps.your_emergency_reviewed,
    EventKind.REQUEST_DENIED: outcome_steps.yours,
    EventKind.REQUEST_LAPSED: outcome_steps.yours,
    EventKind.REQUEST_APPLIED: outcome_steps.yours,
    EventKind.REQUEST_PARTLY_APPLIED: outcome_steps.yours,
    EventKind.REQUEST_FAILED: outcome_steps.yours,
    EventKind.REQUEST_REMINDED: outcome_steps.reminder,
    EventKind.CARD_REFUSED: decision_steps.card_refused,
    EventKind.CARD_POSTED: decision_steps.card_posted,
    **_OF_ITEMS,
}

#: Where a list's part was left out, the others go on.
_NOT_DENIED: Mapping[str, _Tells] = {
    kind: tells for kind, tells in _TOLD_TO_THE_REQUESTER.items() if kind != EventKind.REQUEST_DENIED
}

#: Steps that may go on for days, each part of which people have to hear of.
_NEWS = frozenset({EventKind.SUBMISSION_RESULT, EventKind.SUBMISSION_UNNAMED})

#: Events of single items.
_ITEM_KINDS = frozenset(kind for kind in EventKind if kind.startswith("item."))


#: What is decided on a proposal: each of its requests has an event of it, of the same moment.
_OF_ALL = frozenset(
    {
        EventKind.REQUEST_REVIEWED,
        EventKind.REQUEST_REASSESSED,
        EventKind.REQUEST_APPROVAL_VOIDED,
        EventKind.REQUEST_KEPT,
        EventKind.REQUEST_TAKEN_OUT,
        EventKind.REQUEST_DENIED,
        EventKind.REQUEST_WITHDRAWN,
        EventKind.REQUEST_LAPSED,
        EventKind.REQUEST_ASKED,
        EventKind.REQUEST_ANSWERED,
        EventKind.APPROVERS_CALLED_LATE,
        EventKind.CARD_REFUSED,
        EventKind.CARD_POSTED,
    }
)
#: What each of its requests comes to: the requester hears of it once all have.
_OUTCOMES = frozenset({EventKind.REQUEST_APPLIED, EventKind.REQUEST_PARTLY_APPLIED, EventKind.REQUEST_FAILED})

#: The steps of each request of a proposal, by its number, oldest first.
Stories: TypeAlias = Mapping[int, Sequence[StoryStep]]


def newest_event(stories: Stories) -> int:
    """The number of the last event of all of them: what has a greater one is news. 0 where there is none."""
    return max((step.last for story in stories.values() for step in story), default=0)


def steps_below_the_card(request: Request, steps: Sequence[StoryStep]) -> list[StepFacts]:
    """What whoever follows the card of a request is told. It may be a summary; `steps` are its own, oldest first."""
    return _told(request, steps, _TOLD_BELOW_THE_CARD)


def steps_for_the_requester(request: Request, steps: Sequence[StoryStep]) -> list[StepFacts]:
    """What the requester is told, likewise."""
    return _told(request, steps, _TOLD_TO_THE_REQUESTER)


def told_below_the_card(parts: Parts, stories: Stories) -> list[StepFacts]:
    """What whoever follows the card of a proposal is told, oldest first. The requests may be summaries."""
    if len(parts.requests) == 1:
        return steps_below_the_card(parts.lead, stories[parts.lead.id])
    told = _told_of_all(parts, stories, _TOLD_BELOW_THE_CARD)
    for request in parts.requests:
        own = [step for step in stories[request.id] if step.kind not in _OF_ALL]
        told += [_named(facts) for facts in _told(request, own, _TOLD_BELOW_THE_CARD)]
    return sorted(told, key=lambda facts: facts.seq)


def told_to_the_requester(parts: Parts, stories: Stories) -> list[StepFacts]:
    """What the requester is told, likewise: how it went, once all of it has its outcome."""
    if len(parts.requests) == 1:
        return steps_for_the_requester(parts.lead, stories[parts.lead.id])
    told = _told_of_all(parts, stories, _TOLD_TO_THE_REQUESTER if parts.status is Status.DENIED else _NOT_DENIED)
    outcomes = [step for request in parts.requests for step in stories[request.id] if step.kind in _OUTCOMES]
    if outcomes and parts.status.has_outcome:
        last = max(outcomes, key=lambda step: step.first)
        told += filter(None, [outcome_steps.yours(parts.as_one, last, told=parts_facts(parts))])
    for request in parts.requests:
        own = [step for step in stories[request.id] if step.kind not in _OF_ALL | _OUTCOMES]
        told += _told(request, own, _TOLD_TO_THE_REQUESTER)
    return sorted(told, key=lambda facts: facts.seq)


def _told_of_all(parts: Parts, stories: Stories, tells: Mapping[str, _Tells]) -> list[StepFacts]:
    """What was decided on all at once: one step for each moment, which the first of its events stands for."""
    steps = [step for request in parts.requests for step in stories[request.id] if step.kind in _OF_ALL]
    first: dict[tuple[str, str, datetime], StoryStep] = {}
    for step in sorted(steps, key=lambda step: step.first):
        first.setdefault((step.kind, step.actor, step.at), step)
    return _told(parts.as_one, list(first.values()), tells, as_whole=parts_facts(parts))


def _named(facts: StepFacts) -> StepFacts:
    """A step of one request of several, which says which list it is about. What was left out is named by its values."""
    if facts.kind is StepKind.LEFT_OUT:
        return facts
    label = list_label(facts.request)
    return replace(facts, sentence=sentence(f"{label}: ", facts.sentence))


def in_rounds(steps: Sequence[StoryStep]) -> list[StoryStep]:
    """The steps, with the items' events of one kind as one step also where those of another kind stand in between.

    What became of many items is written down in portions, each with some that stand and some that don't.
    """
    merged: list[StoryStep] = []
    began = 0  # where among `merged` the round begins that is under way
    for step in steps:
        if step.kind not in _ITEM_KINDS:
            merged.append(step)
            began = len(merged)
            continue
        if merged[began:] and step.at - merged[-1].at > _ONE_ROUND:
            began = len(merged)
        place = next((at for at in range(began, len(merged)) if merged[at].kind == step.kind), None)
        if place is None:
            merged.append(step)
        else:
            merged[place] = _together(merged[place], step)
    return merged


def _together(before: StoryStep, after: StoryStep) -> StoryStep:
    return replace(
        before,
        last=after.last,
        count=before.count + after.count,
        at=after.at,
        targets=(*before.targets, *after.targets),
    )


def _told(
    request: Request, steps: Sequence[StoryStep], tells: Mapping[str, _Tells], *, as_whole: RequestFacts | None = None
) -> list[StepFacts]:
    """The steps of a request as facts; of several lists together, `as_whole` says what those are about."""
    told: list[StepFacts] = []
    for step in in_rounds(steps):
        tell = tells.get(step.kind)
        if tell is outcome_steps.yours:
            facts: StepFacts | None = outcome_steps.yours(request, step, told=as_whole)
        else:
            facts = tell(request, step) if tell is not None else None
        if facts is not None and as_whole is not None:
            facts = replace(facts, request=as_whole)
        if facts is not None:
            # News that came since is owed anew, whatever it follows.
            told.append(replace(facts, seq=step.last, begun=step.first) if step.kind in _NEWS else facts)
    return told
