"""Which questions need no answer any more, and what is said of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.parts import Parts
from bot.domain.requests.request import Status
from bot.domain.telling.settled_questions import settled_questions
from tests.support.samples import request, step

PROPOSED = step(1)
ASKED = replace(step(2, kind=EventKind.REQUEST_ASKED), said="Which campaign?")
ANSWERED = replace(step(3, kind=EventKind.REQUEST_ANSWERED), said="The one of May.")
AGAIN = replace(step(4, kind=EventKind.REQUEST_ASKED), said="Since when?")
DENIED = step(5, kind=EventKind.REQUEST_DENIED)


@pytest.mark.parametrize(
    ("status", "steps", "settled"),
    [
        (Status.PENDING, [], []),
        (Status.PENDING, [PROPOSED], []),
        (Status.APPLIED, [PROPOSED], []),  # nobody asked anything, as of most requests
        (Status.PENDING, [PROPOSED, ASKED], []),
        (Status.PENDING, [PROPOSED, ASKED, ANSWERED], [2]),
        (Status.PENDING, [PROPOSED, ASKED, AGAIN], [2]),
        (Status.PENDING, [PROPOSED, ASKED, ANSWERED, AGAIN], [2]),
        (Status.DENIED, [PROPOSED, ASKED, ANSWERED, AGAIN, DENIED], [2, 4]),
        (Status.DENIED, [PROPOSED, ASKED, DENIED], [2]),
    ],
)
def test_a_question_is_settled_by_what_came_after_it(
    status: Status, steps: list[StoryStep], settled: list[int]
) -> None:
    told = settled_questions(Parts(requests=(request(status=status),)), steps)
    assert [each.seq for each in told] == settled
