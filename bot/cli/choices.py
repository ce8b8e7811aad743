"""What can be chosen where a command takes one of several words."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """How Slack's stand-in delivers to the bot."""

    SOCKET = "socket"
    HTTP = "http"


class What(StrEnum):
    """What to do with every line."""

    BLOCK = "block"
    UNBLOCK = "unblock"
    UNALLOW = "unallow"
    EXTEND = "extend"


class Kept(StrEnum):
    """Which entries get another end."""

    BLOCK = "block"
    ALLOW = "allow"
