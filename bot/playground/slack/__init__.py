"""The Slack stand-in: one workspace that takes nothing from the bot that Slack wouldn't take.

`SlackStandIn` has the routes; `Workspace` says who is in it.
"""

from __future__ import annotations

from bot.playground.slack.clock import Clock
from bot.playground.slack.delivery import Mode
from bot.playground.slack.stand_in import SlackStandIn
from bot.playground.slack.workspace import (
    BotUser,
    Channel,
    Credentials,
    Person,
    SlashCommand,
    UserGroup,
    Workspace,
)

__all__ = [
    "BotUser",
    "Channel",
    "Clock",
    "Credentials",
    "Mode",
    "Person",
    "SlackStandIn",
    "SlashCommand",
    "UserGroup",
    "Workspace",
]
