"""The forms in which an approver asks and the requester answers."""

from __future__ import annotations

import pytest

from bot.domain.requests.question import Question
from bot.errors import InvalidInput
from bot.slack.block_kit.ids import CallbackId, Carried
from bot.slack.modals import question_form
from tests.support.samples import HOSTILE, NOW, facts

STATE = {"values": {"text": {"value": {"type": "plain_text_input", "value": "Which mail?"}}}}


def test_a_question_comes_back_with_the_request_that_it_is_about() -> None:
    form = question_form.ask(facts()).to_dict()
    assert form["callback_id"] == CallbackId.QUESTION
    assert question_form.parse({**form, "state": STATE}) == (Carried(request_id=42, version=57), "Which mail?")


@pytest.mark.parametrize("text", HOSTILE)
def test_an_answer_comes_back_with_the_number_of_its_question(text: str) -> None:
    form = question_form.answer(facts(), Question(number=3, by="U0APPROVER", text=text, at=NOW)).to_dict()
    assert form["callback_id"] == CallbackId.ANSWER
    assert question_form.parse({**form, "state": STATE})[0] == Carried(request_id=42, version=3)


@pytest.mark.parametrize("view", [None, {}, {"private_metadata": "x", "state": STATE}, {"private_metadata": "1.1"}])
def test_another_shape_is_refused(view: object) -> None:
    with pytest.raises(InvalidInput):
        question_form.parse(view)
