"""The form in which an approver asks the requester something, and the form in which the requester answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.models.blocks import Block, PlainTextInputElement

from bot.domain.requests.asking_back import LONGEST
from bot.domain.requests.question import Question
from bot.domain.telling.request_facts import RequestFacts
from bot.errors import InvalidInput
from bot.slack.block_kit import elements
from bot.slack.block_kit.blocks import Modal
from bot.slack.block_kit.ids import CallbackId, Carried
from bot.slack.block_kit.text import escaped, mention
from bot.slack.messages.sentences import NAMED_VALUE, seen
from bot.slack.modals.form_fields import VALUE

TEXT = "text"
_HINT = "It stands on the card, and stays in the audit log."


def ask(facts: RequestFacts) -> Modal:
    """The form that asks the requester something."""
    return Modal.build(
        callback_id=CallbackId.QUESTION,
        title="Ask the requester",
        submit="Send",
        close="Cancel",
        blocks=_blocks(facts, [], label="Your question"),
        private_metadata=str(Carried(request_id=facts.id, version=facts.version)),
    )


def answer(facts: RequestFacts, question: Question) -> Modal:
    """The form that answers a question. It carries the question's number."""
    asked = elements.section(f"{mention(question.by)} asks:\n>{escaped(question.text, limit=1_500)}")
    return Modal.build(
        callback_id=CallbackId.ANSWER,
        title="Answer",
        submit="Send",
        close="Cancel",
        blocks=_blocks(facts, [asked], label="Your answer"),
        private_metadata=str(Carried(request_id=facts.id, version=question.number)),
    )


def parse(view: object) -> tuple[Carried, str]:
    """What a form carried, and what was written. Raises InvalidInput for any other shape than the forms'."""
    whole = _mapping(view)
    carries = Carried.read(str(whole.get("private_metadata"))[:50])
    element = _mapping(_mapping(_mapping(_mapping(whole.get("state")).get("values")).get(TEXT)).get(VALUE))
    text = element.get("value")
    if carries is None or not isinstance(text, str):
        raise InvalidInput("The form came back in a shape that can't be read.", "Open it again and send it once more.")
    return carries, text


def _blocks(facts: RequestFacts, above: list[Block], *, label: str) -> list[Block]:
    about = f"*#{facts.id}* · {seen(facts.short_headline, value=NAMED_VALUE)}"
    field = elements.field_input(
        block_id=TEXT,
        label=label,
        hint=_HINT,
        element=PlainTextInputElement(action_id=VALUE, multiline=True, max_length=LONGEST),
    )
    return [elements.section(about), *above, field]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
