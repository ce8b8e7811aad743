"""Messages as Slack gets them, and what stands in them: texts, buttons, blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.domain.auditing.steps import StoryStep
from bot.domain.requests.request import Item, Request
from bot.domain.telling.step_facts import StepFacts
from bot.slack.block_kit.blocks import Home, Message, Modal
from bot.slack.messages.story import step_message
from tests.support.samples import step

#: What makes the facts of one kind of step.
Tells = Callable[[Request, StoryStep], StepFacts | None]


def told(
    tell: Tells, made: Request, items: Sequence[Item] = (), *, count: int = 0, actor: str = "U0APPROVER"
) -> Message:
    """The message for a step that is about these items of a request, `count` in all."""
    happened = step(count=count or max(1, len(items)), actor=actor, targets=[shown.value for shown in items])
    facts = tell(made, happened)
    assert facts is not None
    return step_message(facts)


def texts(made: Message | Modal | Home) -> str:
    """Everything that is seen, top to bottom."""
    return "\n".join(_texts(made.to_dict()["blocks"]))


def formatted(made: Message | Modal) -> str:
    """The part of it that Slack formats: in plain text nothing has a meaning but its letters."""
    return "\n".join(_marked(made.to_dict()["blocks"]))


def _marked(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if value.get("type") == "mrkdwn":
            yield str(value["text"])
        for each in value.values():
            yield from _marked(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _marked(each)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(text := value.get("text"), str):
            yield text
        for key in sorted(value):
            if key != "text" or not isinstance(value[key], str):
                yield from _texts(value[key])
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)


def buttons(made: Message | Modal) -> dict[str, str]:
    """The values of the buttons, by action."""
    found: dict[str, str] = {}
    for block in made.to_dict()["blocks"]:
        for element in [*block.get("elements", ()), block.get("accessory", {})]:
            if element.get("type") == "button":
                found[element["action_id"]] = element["value"]
    return found


def block_ids(message: Message) -> list[str]:
    return [block["block_id"] for block in message.to_dict()["blocks"]]


def blocks_by_id(view: Modal) -> dict[str, Any]:
    return {block["block_id"]: block for block in view.to_dict()["blocks"] if "block_id" in block}
