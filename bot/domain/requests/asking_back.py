"""Asking back: an approver asks the requester about what waits for a decision, and the requester answers.

1. Only what waits for a decision is asked about, by somebody else than its requester, who alone answers.
2. The last question counts: another one takes its place, answered or not. It is answered once.
3. Neither keeps anybody from deciding, nor the proposal from lapsing.

A proposal as `Parts.asked_about`, locked by the caller, comes in; what is to be recorded and logged goes out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.auditing.events import EventKind, NewEvent, clean_text
from bot.domain.requests.question import Question
from bot.domain.requests.request import Request
from bot.errors import Conflict, InvalidInput, NotPermitted

#: So long may a question be, and an answer.
LONGEST = 500
#: So often is asked about one proposal: each question is a message to its requester.
MOST_QUESTIONS = 20


def require_askable(request: Request, person: str) -> None:
    """Raises NotPermitted (one's own) and Conflict (decided; asked too often) unless this person may ask about it."""
    if request.requester == person:
        raise NotPermitted(f"#{request.proposal_id} is your own.", "You can withdraw it and ask for another.")
    _require_open(request)
    if request.asked_back is not None and request.asked_back.number >= MOST_QUESTIONS:
        raise Conflict(
            f"About #{request.proposal_id} {MOST_QUESTIONS} questions were asked already.",
            "Write to whoever asked for it, or decide.",
        )


def ask(request: Request, person: str, text: str, *, at: datetime) -> tuple[Question, NewEvent]:
    """A question about a request. Raises what `require_askable` raises, and InvalidInput for none or one too long."""
    require_askable(request, person)
    number = 1 if request.asked_back is None else request.asked_back.number + 1
    question = Question(number=number, by=person, text=_read(text), at=at)
    return question, _event(EventKind.REQUEST_ASKED, request, person, at, number=number, question=question.text)


def require_answerable(request: Request, person: str) -> Question:
    """The question that this person can answer. Raises NotPermitted (somebody else's) and Conflict (decided; answered
    already; never asked)."""
    if request.requester != person:
        raise NotPermitted(f"#{request.proposal_id} is somebody else's.", "Whoever asked for it answers.")
    _require_open(request)
    question = request.asked_back
    if question is None or question.is_answered:
        raise Conflict(
            f"Nothing is asked about #{request.proposal_id} that you haven't answered.",
            "Its card shows your answer.",
        )
    return question


def answer(request: Request, person: str, number: int, text: str, *, at: datetime) -> tuple[Question, NewEvent]:
    """The answer to a question by its number. Raises likewise, Conflict where another was asked since, and
    InvalidInput for no answer or one too long."""
    question = require_answerable(request, person)
    if question.number != number:
        raise Conflict(
            f"Another question was asked about #{request.proposal_id} meanwhile, and nothing was answered.",
            "Click Answer under the new one.",
        )
    answered = replace(question, answer=_read(text), answered_at=at)
    return answered, _event(EventKind.REQUEST_ANSWERED, request, person, at, number=number, answer=answered.answer)


def _require_open(request: Request) -> None:
    if not request.is_open:
        raise Conflict(
            f"#{request.proposal_id} is {request.status.replace('_', ' ')} already: there is nothing to ask.",
            "Its details say what became of it.",
        )


def _read(text: str) -> str:
    read = " ".join(clean_text(text).split())
    if not read or len(read) > LONGEST:
        raise InvalidInput("The text is empty or too long.", f"Write 1 to {LONGEST:,} characters.")
    return read


def _event(kind: EventKind, request: Request, person: str, at: datetime, **payload: object) -> NewEvent:
    return NewEvent(
        kind=kind, actor=person, target=f"request {request.proposal_id}", request_id=request.id, payload=payload, at=at
    )
