"""A line for each request, wherever several stand: `/requests`, the overview, App Home."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.requests.question import Question
from bot.domain.requests.request import Status
from bot.slack.messages.request_list import request_lines
from tests.support.samples import NOW, facts


def test_a_request_that_waits_says_whether_a_question_about_it_does() -> None:
    question = Question(number=1, by="U0APPROVER", text="Which mail?", at=NOW)
    assert "question" not in request_lines(facts())
    assert ", a question waits for its answer" in request_lines(replace(facts(), asked_back=question))
    answered = replace(question, answer="Monday's", answered_at=NOW)
    assert ", the question is answered" in request_lines(replace(facts(), asked_back=answered))
    assert "question" not in request_lines(replace(facts(status=Status.APPLIED), asked_back=answered))
