"""Which questions to a requester need no answer any more: answered, followed by another, or decided without one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.parts import Parts
from bot.domain.telling import decision_steps
from bot.domain.telling.parts_facts import parts_facts
from bot.domain.telling.sentence import Part, Quoted
from bot.domain.telling.step_facts import StepFacts

_FOLLOWED: tuple[Part, ...] = (" You were asked something else since.",)
_DECIDED: tuple[Part, ...] = (" It needs no answer any more.",)


def settled_questions(parts: Parts, steps: Sequence[StoryStep]) -> list[StepFacts]:
    """The questions about a proposal that need no answer any more, as they are told from then on, oldest first.

    `steps` are those of its first request, oldest first, which has what is asked about all of it.
    """
    asked = [step for step in steps if step.kind in {EventKind.REQUEST_ASKED, EventKind.REQUEST_ANSWERED}]
    told: list[StepFacts] = []
    for step, after in zip_longest(asked, asked[1:]):
        if step.kind != EventKind.REQUEST_ASKED:
            continue
        if after is not None and after.kind == EventKind.REQUEST_ANSWERED:
            came_of_it: tuple[Part, ...] = (" You answered: “", Quoted(after.said), "”")
        elif after is not None:
            came_of_it = _FOLLOWED
        elif not parts.is_open:
            came_of_it = _DECIDED
        else:
            continue
        told.append(replace(decision_steps.settled(parts.as_one, step, *came_of_it), request=parts_facts(parts)))
    return told
