"""Does Slack take these blocks? What is wrong, in the form in which Slack says it.

Types, keys and lengths are in the models; here are the rules that hold across blocks: unique ids, one focus, totals.
"""

from __future__ import annotations

import copy
import secrets
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from bot.playground.slack.blocks import MESSAGE_BLOCKS, VIEW_BLOCKS, MessageBlock, ViewBlock

#: Undocumented; seen as `msg_blocks_too_long`.
TOTAL_CHARACTERS = 12_000

_MESSAGE: TypeAdapter[list[Any]] = TypeAdapter(Annotated[list[MessageBlock], Field(max_length=MESSAGE_BLOCKS)])
_VIEW: TypeAdapter[list[Any]] = TypeAdapter(Annotated[list[ViewBlock], Field(max_length=VIEW_BLOCKS)])


def message_problems(blocks: object) -> list[str]:
    """What is wrong with a message's blocks; nothing, if Slack takes them."""
    return (
        model_problems(_MESSAGE, blocks, at="/blocks")
        or _cross_problems(blocks, at="/blocks")
        or file_input_problems(blocks, at="/blocks")
    )


def view_problems(blocks: object) -> list[str]:
    """What is wrong with a view's blocks; nothing, if Slack takes them."""
    return model_problems(_VIEW, blocks, at="/view/blocks") or _cross_problems(blocks, at="/view/blocks")


def model_problems(adapter: TypeAdapter[Any], value: object, *, at: str) -> list[str]:
    """The model's complaints about a value, with JSON pointers, as Slack's `response_metadata.messages` has them."""
    try:
        adapter.validate_python(value)
    except ValidationError as refused:
        return [
            f"[ERROR] {problem['msg']} [json-pointer:{at}{_pointer(value, problem['loc'])}]"
            for problem in refused.errors(include_url=False, include_input=False, include_context=False)
        ]
    return []


def file_input_problems(blocks: object, *, at: str) -> list[str]:
    """What is wrong where there is no modal: files can be chosen in a modal only."""
    found = [
        index
        for index, block in enumerate(blocks if isinstance(blocks, list) else [])
        for element in elements_of(block)
        if element.get("type") == "file_input"
    ]
    return [f"[ERROR] file_input is for modals only [json-pointer:{at}/{index}/element]" for index in found]


def total_characters(blocks: list[dict[str, Any]]) -> int:
    """How many characters of text the blocks hold together."""
    return sum(len(text) for text in _texts(blocks))


def with_ids(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A copy in which every block and every interactive element has an id, as Slack hands it out."""
    filled = copy.deepcopy(blocks)
    for block in filled:
        block.setdefault("block_id", secrets.token_urlsafe(3))
        for element in elements_of(block):
            element.setdefault("action_id", secrets.token_urlsafe(4))
    return filled


def elements_of(block: dict[str, Any]) -> list[dict[str, Any]]:
    """The interactive elements of a block."""
    found: list[dict[str, Any]] = []
    if block.get("type") == "section":
        accessory = block.get("accessory")
        found = [accessory] if accessory and accessory.get("type") != "image" else []
    elif block.get("type") == "actions":
        found = block["elements"]
    elif block.get("type") == "input":
        found = [block["element"]]
    return found


def find_element(blocks: list[dict[str, Any]], *, block_id: str, action_id: str) -> dict[str, Any] | None:
    """The element with these ids, or None."""
    for block in blocks:
        if block.get("block_id") == block_id:
            for element in elements_of(block):
                if element.get("action_id") == action_id:
                    return element
    return None


def _cross_problems(blocks: object, *, at: str) -> list[str]:
    if not isinstance(blocks, list):
        return [f"[ERROR] must be an array [json-pointer:{at}]"]
    problems: list[str] = []
    seen: set[str] = set()
    focused = 0
    for index, block in enumerate(blocks):
        block_id = str(block.get("block_id") or "")
        if block_id in seen:
            problems.append(f"[ERROR] block_id already exists: {block_id} [json-pointer:{at}/{index}/block_id]")
        if block_id:
            seen.add(block_id)
        actions: set[str] = set()
        for element in elements_of(block):
            action_id = str(element.get("action_id") or "")
            if action_id in actions:
                problems.append(
                    f"[ERROR] action_id already exists in the block: {action_id} [json-pointer:{at}/{index}]"
                )
            if action_id:
                actions.add(action_id)
            focused += bool(element.get("focus_on_load"))
    if focused > 1:
        problems.append(f"[ERROR] only one element may have focus_on_load [json-pointer:{at}]")
    if sum(block.get("type") == "table" for block in blocks) > 1:
        problems.append(f"[ERROR] only one table is allowed in a message [json-pointer:{at}]")
    return problems


def _pointer(value: object, path: tuple[int | str, ...]) -> str:
    """The path without the tags that the model puts between a union and its member."""
    steps: list[str] = []
    here: Any = value
    for index, step in enumerate(path):
        leads_on = step in here if isinstance(here, dict) else isinstance(here, list) and step in range(len(here))
        if leads_on:
            here = here[step]
        elif index + 1 < len(path) or (isinstance(here, dict) and here.get("type") == step):
            continue
        steps.append(str(step))
    return "".join(f"/{step}" for step in steps)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key in {"text", "alt_text"}:
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
