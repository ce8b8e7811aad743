"""Where somebody clicks: an element of a message, or of a view, and what Slack would deliver of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from bot.playground.slack import payloads
from bot.playground.slack.block_rules import find_element
from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.workspace import Person


class Target(Protocol):
    """Where an element stands: a message or a view."""

    def element(self, *, block_id: str, action_id: str) -> dict[str, Any] | None: ...

    def remember(self, *, block_id: str, action_id: str, chosen: dict[str, Any]) -> None: ...

    def payload(self, action: dict[str, Any]) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageTarget:
    """A message that this person sees."""

    state: SlackState
    person: Person
    conversation: Conversation
    message: Message

    def element(self, *, block_id: str, action_id: str) -> dict[str, Any] | None:
        """The element as the message is now or, if it is gone, as it was: the person may still see it."""
        for blocks in (self.message.blocks, *reversed(self.message.earlier)):
            element = find_element(blocks, block_id=block_id, action_id=action_id)
            if element is not None:
                return element
        return None

    def remember(self, *, block_id: str, action_id: str, chosen: dict[str, Any]) -> None:
        self.message.chosen.setdefault(block_id, {})[action_id] = chosen

    def payload(self, action: dict[str, Any]) -> dict[str, Any]:
        return payloads.click_in_message(
            self.state, person=self.person, conversation=self.conversation, message=self.message, action=action
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewTarget:
    """A view that this person has on their screen."""

    state: SlackState
    person: Person
    view: OpenView

    def element(self, *, block_id: str, action_id: str) -> dict[str, Any] | None:
        return find_element(self.view.blocks, block_id=block_id, action_id=action_id)

    def remember(self, *, block_id: str, action_id: str, chosen: dict[str, Any]) -> None:
        self.view.values.setdefault(block_id, {})[action_id] = chosen

    def payload(self, action: dict[str, Any]) -> dict[str, Any]:
        return payloads.click_in_view(self.state, person=self.person, view=self.view, action=action)
