"""Everything that the workspace holds, in memory: what the Web API, the deliveries and the page look at."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from bot.playground.slack.changes import Changes
from bot.playground.slack.clock import Clock
from bot.playground.slack.conversations import Conversation, Conversations, Message
from bot.playground.slack.faults import Faults
from bot.playground.slack.ledger import Ledger
from bot.playground.slack.open_views import OpenViews
from bot.playground.slack.rate_limits import RateLimits
from bot.playground.slack.steps import StepRuns
from bot.playground.slack.stored_files import StoredFile, StoredFiles
from bot.playground.slack.triggers import Triggers
from bot.playground.slack.workspace import Workspace


@dataclass(slots=True, kw_only=True)
class ResponseUrl:
    """A `response_url` that was handed out: who may be answered with it, where, and how often it was used."""

    user_id: str
    channel_id: str
    expires: float
    original_ts: str | None = None
    uses: int = 0


class SlackState:
    """One workspace at one time. `base_url` is known once the server listens."""

    def __init__(self, *, workspace: Workspace, clock: Clock | None = None) -> None:
        self.workspace = workspace
        self.clock = clock or Clock()
        self.changes = Changes()
        self.ledger = Ledger(clock=self.clock, changes=self.changes)
        self.conversations = Conversations(workspace=workspace, clock=self.clock)
        self.views = OpenViews(workspace=workspace)
        self.triggers = Triggers(clock=self.clock)
        self.steps = StepRuns()
        self.faults = Faults()
        self.limits = RateLimits(clock=self.clock)
        self.group_members = {group.id: list(group.members) for group in workspace.user_groups}
        self.response_urls: dict[str, ResponseUrl] = {}
        #: Who doesn't want to be disturbed, from when to when; in seconds since 1970.
        self.quiet: dict[str, tuple[int, int]] = {}
        self.files = StoredFiles(team_id=workspace.team_id)
        #: Socket Mode tickets that were handed out and not used yet, and when.
        self.socket_tickets: dict[str, float] = {}
        self.base_url = ""
        #: Whether the bot has shown its token, or answered a delivery, since it last failed to.
        self.bot_seen = False

    def name_of(self, user_id: str) -> str:
        """The name to show for a person or for the bot."""
        if user_id == self.workspace.bot.id:
            return self.workspace.bot.name
        person = self.workspace.person(user_id)
        return person.name if person else user_id

    def say(self, conversation: Conversation, message: Message) -> None:
        """Put a message on the screens."""
        conversation.messages.append(message)
        self.changes.bump()

    def new_response_url(self, *, user_id: str, channel_id: str, original_ts: str | None = None) -> str:
        """An address that takes five answers within thirty minutes."""
        ticket = secrets.token_urlsafe(18)
        self.response_urls[ticket] = ResponseUrl(
            user_id=user_id,
            channel_id=channel_id,
            expires=self.clock.now() + 30 * 60,
            original_ts=original_ts,
        )
        return f"{self.base_url}/slack/response/{ticket}"

    def file_as_slack(self, file: StoredFile) -> dict[str, Any]:
        """A file as it stands in API answers and payloads."""
        return self.files.as_slack(file, base_url=self.base_url)

    def message_as_slack(self, message: Message) -> dict[str, Any]:
        """A message as it stands in API answers and payloads."""
        workspace = self.workspace
        shown: dict[str, Any] = {
            "type": "message",
            "user": message.user,
            "ts": message.ts,
            "text": message.text,
            "team": workspace.team_id,
        }
        if message.user == workspace.bot.id:
            shown |= {
                "bot_id": workspace.bot.bot_id,
                "app_id": workspace.bot.app_id,
                "bot_profile": {
                    "id": workspace.bot.bot_id,
                    "app_id": workspace.bot.app_id,
                    "user_id": workspace.bot.id,
                    "name": workspace.bot.name,
                    "deleted": False,
                    "team_id": workspace.team_id,
                },
            }
        if message.blocks:
            shown["blocks"] = message.blocks
        if message.thread_ts:
            shown["thread_ts"] = message.thread_ts
        if message.edited:
            shown["edited"] = {"user": message.user, "ts": message.edited}
        if message.files:
            shown["files"] = message.files
        return shown
