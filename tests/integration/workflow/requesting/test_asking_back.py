"""An approver asks the requester, who answers: on record, in the log, told, once however often it is delivered."""

from __future__ import annotations

import pytest

from bot.domain.auditing.events import EventKind
from bot.domain.requests.request import Decision, Request
from bot.errors import Conflict, NotPermitted
from bot.workflow.requesting.asking_back import answer, ask, to_answer
from bot.workflow.shared.job_kinds import JobKind
from bot.workflow.shared.proving import read_proved
from tests.integration.workflow.requesting.conftest import Desk
from tests.support.people import APPROVER, REQUESTER, SECOND


async def asked(desk: Desk, request: Request, text: str = "Which mail?", *, delivery: str = "q") -> None:
    await ask(desk.context, actor=APPROVER, request_id=request.id, text=text, delivery=delivery)


async def test_a_question_and_its_answer_are_on_record_and_in_the_log_once(desk: Desk) -> None:
    request = await desk.proposed()
    for _ in range(2):
        await asked(desk, request)
    assert await desk.due(request) == [JobKind.NOTIFY]
    first, question = await to_answer(desk.context, actor=REQUESTER, request_id=request.id, delivery="o")
    assert (first.id, question.text, question.by) == (request.id, "Which mail?", APPROVER.user_id)
    for _ in range(2):
        await answer(desk.context, actor=REQUESTER, request_id=request.id, number=1, text="Monday's", delivery="a")
    assert await desk.kinds(request) == [EventKind.REQUEST_ASKED, EventKind.REQUEST_ANSWERED]
    async with desk.store.read() as uow:
        now = await uow.requests.get(request.id)
        said = [(step.kind, step.said) for step in await uow.audit.steps(request.id)][-2:]
    assert now.asked_back is not None
    assert (now.asked_back.text, now.asked_back.answer) == ("Which mail?", "Monday's")
    assert said == [(EventKind.REQUEST_ASKED, "Which mail?"), (EventKind.REQUEST_ANSWERED, "Monday's")]


async def test_what_the_database_says_of_a_question_is_proved_by_the_log(desk: Desk) -> None:
    request = await desk.proposed()
    await asked(desk, request)
    async with desk.store.read() as uow:
        now, found = await read_proved(uow, request.id)
    assert "question" not in [each.about for each in found]
    assert now.asked_back is not None


async def test_two_questions_are_two_steps(desk: Desk) -> None:
    request = await desk.proposed()
    await asked(desk, request)
    await asked(desk, request, "And whose?", delivery="q2")
    async with desk.store.read() as uow:
        said = [step.said for step in await uow.audit.steps(request.id) if step.kind == EventKind.REQUEST_ASKED]
    assert said == ["Which mail?", "And whose?"]
    with pytest.raises(Conflict, match="Another question"):
        await answer(desk.context, actor=REQUESTER, request_id=request.id, number=1, text="Monday's", delivery="a")


async def test_a_card_that_does_not_show_the_question_decides_nothing(desk: Desk) -> None:
    request = await desk.proposed()
    card = await desk.card(request)
    await asked(desk, request)
    with pytest.raises(Conflict, match="decided nothing"):
        await desk.review(request, Decision.DENY, seen=card)


async def test_who_may_neither_ask_nor_answer_is_refused_and_logged(desk: Desk) -> None:
    request = await desk.proposed()
    with pytest.raises(NotPermitted):
        await ask(desk.context, actor=REQUESTER, request_id=request.id, text="Which mail?", delivery="q")
    await asked(desk, request, delivery="q2")
    with pytest.raises(NotPermitted):
        await answer(desk.context, actor=SECOND, request_id=request.id, number=1, text="Mine", delivery="a")
    assert (await desk.kinds(request)).count(EventKind.ACCESS_REFUSED) == 2
