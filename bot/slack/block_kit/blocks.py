"""Messages and modals that Slack will take: checked when they are made, against `bot.slack.block_kit.block_rules`.

What is wrong is refused with `InvalidBlocks`. That is a mistake in this program, never in what a person typed: the
modules in `bot.slack.messages` and `bot.slack.modals` cut what they show so that no input gets there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from bot.slack.block_kit.as_dicts import as_dict
from bot.slack.block_kit.block_rules import InvalidBlocks, Json, as_json, check_home, check_message, check_view
from bot.slack.block_kit.ids import CallbackId
from bot.slack.block_kit.text import without_links

__all__ = ["Home", "InvalidBlocks", "Message", "Modal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, checked. `text` holds the whole point, for screen readers and notifications."""

    text: str
    blocks: tuple[Json, ...]

    def __post_init__(self) -> None:
        check_message(self.text, self.blocks)

    @classmethod
    def build(cls, *, name: str, text: str, blocks: Sequence[Block]) -> Message:
        """A message of these blocks. `name` says what it is (`card-42`).

        Of addresses in the `text` Slack makes links, also in notifications: whatever it holds, none leads anywhere.

        The blocks' ids are made of it and of a digest of the content, so that they change whenever the message does:
        Slack wants a new `block_id` on each update.
        """
        text = without_links(text)
        made = _made(blocks)
        digest = hashlib.sha256(as_json([text, *made]).encode()).hexdigest()[:12]
        numbered = ({**block, "block_id": f"{name}-{digest}-{number}"} for number, block in enumerate(made))
        return cls(text=text, blocks=tuple(numbered))

    def to_dict(self) -> dict[str, Any]:
        """The arguments `text` and `blocks` of `chat.postMessage`, `chat.update` and a `response_url`."""
        return {"text": self.text, "blocks": [dict(block) for block in self.blocks]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Modal:
    """A modal, checked."""

    payload: Json

    def __post_init__(self) -> None:
        check_view(self.payload)

    @classmethod
    def build(
        cls,
        *,
        title: str,
        blocks: Sequence[Block],
        callback_id: CallbackId | None = None,
        submit: str | None = None,
        close: str = "Close",
        private_metadata: str | None = None,
    ) -> Modal:
        """A modal of these blocks. Blocks keep the ids they were given: answers and errors are keyed by them.

        A form has both `callback_id` and `submit`, what is only read has neither: otherwise nobody would answer it.
        """
        if (callback_id is None) is not (submit is None):
            raise InvalidBlocks("a modal that can be sent has a callback_id, and no other has one")
        payload: dict[str, Any] = {
            "type": "modal",
            "title": _plain_object(title),
            "close": _plain_object(close),
            "blocks": _made(blocks),
        }
        if submit is not None:
            payload["submit"] = _plain_object(submit)
        if callback_id is not None:
            payload["callback_id"] = callback_id
        if private_metadata is not None:
            payload["private_metadata"] = private_metadata
        return cls(payload=payload)

    @classmethod
    def showing(cls, message: Message, *, title: str) -> Modal:
        """A modal that shows what a message says."""
        payload = {"type": "modal", "title": _plain_object(title), "close": _plain_object("Close")}
        return cls(payload={**payload, "blocks": [dict(block) for block in message.blocks]})

    def to_dict(self) -> dict[str, Any]:
        """The argument `view` of `views.open` and `views.update`, and of the answer to a submission."""
        return dict(self.payload)


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Somebody's App Home, checked."""

    blocks: tuple[Json, ...]

    def __post_init__(self) -> None:
        check_home(self.to_dict())

    @classmethod
    def build(cls, blocks: Sequence[Block]) -> Home:
        """A Home of these blocks."""
        return cls(blocks=tuple(_made(blocks)))

    def to_dict(self) -> dict[str, Any]:
        """The argument `view` of `views.publish`."""
        return {"type": "home", "blocks": [dict(block) for block in self.blocks]}


def _made(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    try:
        return [as_dict(block) for block in blocks]
    except SlackObjectFormationError as problem:
        raise InvalidBlocks(str(problem)) from problem


def _plain_object(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": True}
