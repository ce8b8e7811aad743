"""Who may ask about what waits, and who answers. The rules have their numbers in the module's docstring."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.asking_back import LONGEST, MOST_QUESTIONS, answer, ask
from bot.domain.requests.question import Question
from bot.domain.requests.request import Request, Status
from bot.errors import Conflict, InvalidInput, NotPermitted, PortcullisError
from tests.unit.domain.requests.cases import NOW, SECOND, request

APPROVER, REQUESTER = "U0APPROVER", "U0REQUESTER"
QUESTION = Question(number=3, by=APPROVER, text="Which mail?", at=NOW)
OVER = [status for status in Status if status is not Status.PENDING]


def test_a_question_takes_the_place_of_the_last_one() -> None:
    question, event = ask(request(asked_back=QUESTION), APPROVER, " Who \n asked\0? ", at=NOW)
    assert question == Question(number=4, by=APPROVER, text="Who asked\ufffd?", at=NOW)
    assert (event.kind, event.actor, event.request_id) == (EventKind.REQUEST_ASKED, APPROVER, 7)
    assert event.payload == {"number": 4, "question": "Who asked\ufffd?"}


def test_the_answer_stands_with_the_question() -> None:
    answered, event = answer(request(asked_back=QUESTION), REQUESTER, 3, "Monday's", at=NOW + SECOND)
    assert answered == replace(QUESTION, answer="Monday's", answered_at=NOW + SECOND)
    assert (event.kind, event.payload) == (EventKind.REQUEST_ANSWERED, {"number": 3, "answer": "Monday's"})


@pytest.mark.parametrize(
    ("of", "who", "error"),
    [
        (request(), REQUESTER, NotPermitted),
        *((request(status=status), APPROVER, Conflict) for status in OVER),
        (request(asked_back=replace(QUESTION, number=MOST_QUESTIONS)), APPROVER, Conflict),
    ],
)
def test_who_asks_what_can_not_be_asked_is_told(of: Request, who: str, error: type[PortcullisError]) -> None:
    with pytest.raises(error):
        ask(of, who, "Which mail?", at=NOW)


@pytest.mark.parametrize(
    ("of", "who", "number", "error"),
    [
        (request(asked_back=QUESTION), APPROVER, 3, NotPermitted),
        (request(), REQUESTER, 3, Conflict),
        (request(asked_back=QUESTION), REQUESTER, 2, Conflict),
        (request(asked_back=replace(QUESTION, answer="x", answered_at=NOW)), REQUESTER, 3, Conflict),
        *((request(status=status, asked_back=QUESTION), REQUESTER, 3, Conflict) for status in OVER),
    ],
)
def test_so_is_who_answers_what_is_not_theirs_or_not_asked(
    of: Request, who: str, number: int, error: type[PortcullisError]
) -> None:
    with pytest.raises(error):
        answer(of, who, number, "Monday's", at=NOW)


@pytest.mark.parametrize("text", ["", " \n ", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_is_no_question_and_no_answer(text: str) -> None:
    with pytest.raises(InvalidInput):
        ask(request(), APPROVER, text, at=NOW)
    with pytest.raises(InvalidInput):
        answer(request(asked_back=QUESTION), REQUESTER, 3, text, at=NOW)
