"""How important a message is, by what it is about: what waits for whom while Slack takes no more."""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.requests.emergency import awaits_review
from bot.domain.requests.request import ItemState, Request, Status
from bot.domain.telling.step_facts import StepFacts, StepKind
from bot.slack.pace import Importance

_UNDER_WAY = frozenset({Status.APPROVED, Status.APPLYING})

#: Steps that somebody may have to do something about.
_ALARMING = frozenset({StepKind.GONE, StepKind.UNNAMED, StepKind.REASSESSED, StepKind.VOIDED, StepKind.CALLED_LATE})


def is_under_way(request: Request) -> bool:
    """Whether a request is about to move on by itself, so that what is shown of it now is soon out of date."""
    return request.status in _UNDER_WAY


def importance_of(request: Request) -> Importance:
    """How important it is that a request's card, or its copy, shows how it stands."""
    if request.is_open or (awaits_review(request) and not is_under_way(request)):
        return Importance.DECISION
    if is_under_way(request):
        return Importance.STORY
    return Importance.CONFIRMATION if request.counts.get(ItemState.CONFIRMED) else Importance.OUTCOME


def importance_below(steps: Iterable[StepFacts]) -> Importance:
    """How important lines below a card are: as the most important of them."""
    kinds = {step.kind for step in steps}
    return Importance.OUTCOME if kinds & _ALARMING else Importance.STORY
