"""Channels and direct messages: what was said where, and who can see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from bot.playground.slack.clock import Clock
from bot.playground.slack.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. `ephemeral_for` names the only person who sees it."""

    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]] = field(default_factory=list)
    thread_ts: str | None = None
    edited: str | None = None
    ephemeral_for: str | None = None
    #: What the message held before it was updated: somebody may still have that on their screen.
    earlier: list[list[dict[str, Any]]] = field(default_factory=list)
    #: What people have chosen in menus that stand in the message: block_id → action_id → Slack's state.
    chosen: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    #: What an app wrote beside the message, for apps to read: nobody sees it.
    metadata: dict[str, Any] | None = None

    def seen_by(self, user_id: str) -> bool:
        """Whether this person has it on their screen."""
        return self.ephemeral_for in {None, user_id}


@dataclass(slots=True, kw_only=True)
class Conversation:
    """A channel, or a person's direct messages with the bot."""

    id: str
    name: str
    kind: Literal["channel", "dm"]
    members: frozenset[str]
    has_bot: bool = True
    archived: bool = False
    messages: list[Message] = field(default_factory=list)

    def message(self, ts: str) -> Message | None:
        """The message with this timestamp, or None."""
        return next((message for message in self.messages if message.ts == ts), None)

    def visible_to(self, user_id: str) -> Iterator[Message]:
        """What this person sees, oldest first."""
        return (message for message in self.messages if message.seen_by(user_id))

    def remove(self, message: Message) -> None:
        """Take a message away, with its thread."""
        self.messages = [kept for kept in self.messages if kept is not message and kept.thread_ts != message.ts]


class Conversations:
    """All conversations of the workspace. A person's direct messages exist as soon as somebody asks for them."""

    def __init__(self, *, workspace: Workspace, clock: Clock) -> None:
        self._clock = clock
        self._people = {person.id: person for person in workspace.people}
        self._last = 0
        everybody = frozenset(self._people)
        self._by_id: dict[str, Conversation] = {
            channel.id: Conversation(
                id=channel.id,
                name=channel.name,
                kind="channel",
                members=everybody if channel.members is None else frozenset(channel.members),
                has_bot=channel.has_bot,
                archived=channel.archived,
            )
            for channel in workspace.channels
        }

    def __iter__(self) -> Iterator[Conversation]:
        return iter(self._by_id.values())

    def find(self, channel_id: str) -> Conversation | None:
        """The conversation with this id (`C…` or an opened `D…`), or None."""
        return self._by_id.get(channel_id)

    def direct(self, user_id: str) -> Conversation | None:
        """This person's direct messages with the bot, opened if need be; None if there is no such person."""
        person = self._people.get(user_id)
        if person is None or person.deleted:
            return None
        channel_id = "D" + user_id[1:]
        return self._by_id.setdefault(
            channel_id,
            Conversation(id=channel_id, name=person.name, kind="dm", members=frozenset({user_id})),
        )

    def next_ts(self) -> str:
        """A timestamp that is greater than every one before, as Slack numbers its messages."""
        self._last = max(self._last + 100, int(self._clock.now() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def page(self, conversation: Conversation, *, user_id: str, name_of: Callable[[str], str]) -> list[dict[str, Any]]:
        """The conversation as this person sees it, threads under the message they belong to."""
        seen = list(conversation.visible_to(user_id))
        tops = {message.ts for message in seen if message.thread_ts is None}

        def shown(message: Message, replies: Iterable[Message]) -> dict[str, Any]:
            return {
                "ts": message.ts,
                "user": message.user,
                "name": name_of(message.user),
                "text": message.text,
                "blocks": message.blocks,
                "thread_ts": message.thread_ts,
                "edited": message.edited is not None,
                "ephemeral": message.ephemeral_for is not None,
                "files": message.files,
                "replies": [shown(reply, ()) for reply in replies],
            }

        return [
            shown(message, [reply for reply in seen if reply.thread_ts == message.ts])
            for message in seen
            if message.thread_ts is None or message.thread_ts not in tops
        ]
