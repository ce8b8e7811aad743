"""A step of a request as facts: what happened, who did it, when, and which items it is about.

The facts of each kind of step are made in `decision_steps` and `outcome_steps`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.request import Item, Request
from bot.domain.telling.request_facts import ItemFacts, RequestFacts, item_facts, request_facts
from bot.domain.telling.sentence import Sentence


class StepKind(StrEnum):
    """What happened."""

    REVIEWED = "reviewed"  #: an approval that is not enough
    ASKED = "asked"  #: an approver asks the requester something
    QUESTION = "question"  #: the same, for the requester
    SETTLED = "settled"  #: a question to the requester that needs no answer any more
    ANSWERED = "answered"
    REASSESSED = "reassessed"  #: something serious was new at a click, which decided nothing
    LEFT_OUT = "left-out"  #: an approver approved it without some of its lines
    VOIDED = "voided"  #: an approval no longer counts: whoever gave it is no approver any more
    KEPT = "kept"  #: an approver has reviewed an emergency block: it stays
    TAKEN_OUT = "taken-out"  #: likewise: it is taken out
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    TRIED_AGAIN = "tried-again"  #: what failed is applied once more
    CONCLUDED = "concluded"  #: the tenant has answered
    GONE = "gone"  #: applied once, and no longer as asked
    ENDED = "ended"  #: the end date came
    HEARD = "heard"  #: news of what was submitted
    UNNAMED = "unnamed"  #: an allow came of a submission that nobody asked for
    REMINDER = "reminder"  #: the end is near
    CARD_REFUSED = "card-refused"  #: nobody can decide on it yet: Slack takes no card of it
    CARD_POSTED = "card-posted"  #: and takes it after all
    CALLED_LATE = "called-late"  #: others are called, because nobody has decided and little time is left
    YOURS = "yours"  #: for the requester: where their request stands


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFacts:
    """One step, told once: `seq` is the number of the event in the audit log that it is told for.

    `items` are those that a reader has to know of beside the sentence, as far as they are at hand; `total` is how many
    there are. News grows while it is told: then `seq` is its last event, and `begun` its first.
    """

    kind: StepKind
    seq: int
    actor: str  #: user id, or `portcullis`
    at: datetime
    request: RequestFacts
    sentence: Sentence
    items: tuple[ItemFacts, ...] = ()
    total: int = 0
    begun: int | None = None

    def is_told_with(self, seq: int) -> bool:
        """Whether what is told for an event is this, or has grown to it since."""
        return seq == self.seq or (self.begun is not None and self.begun <= seq < self.seq)

    def is_after(self, seq: int) -> bool:
        """Whether this is told later than what is told for an event."""
        return seq < self.seq


def step_facts(
    kind: StepKind, request: Request, step: StoryStep, said: Sentence, *, items: Iterable[Item] = (), total: int = 0
) -> StepFacts:
    """The facts of a step: `said` is its sentence, `items` are those that a reader has to know of beside it, `total` is
    how many there are."""
    return StepFacts(
        kind=kind,
        seq=step.first,
        actor=step.actor,
        at=step.at,
        request=request_facts(request),
        sentence=said,
        items=tuple(item_facts(item, request.operation) for item in items),
        total=total,
    )
