"""How often Slack takes a call: so many a minute for each method, by its tier, and a message a second in a channel.

Source: https://docs.slack.dev/apis/web-api/rate-limits and each method's own page. Slack's figures are "about"; here
they are exact, and the burst is ours.
"""

from __future__ import annotations

import math
from collections import deque

from bot.playground.slack.clock import Clock

#: Calls of one method in a window, by its tier.
A_WINDOW = {1: 1, 2: 20, 3: 50, 4: 100}

#: The tier of each method. auth.test takes "hundreds of requests per minute", and chat.postMessage goes by channel.
TIERS: dict[str, int] = {
    "apps.connections.open": 1,
    "auth.teams.list": 2,
    "chat.delete": 3,
    "chat.getPermalink": 4,
    "chat.postEphemeral": 4,
    "chat.update": 3,
    "conversations.history": 3,
    "conversations.info": 3,
    "conversations.members": 4,
    "conversations.open": 3,
    "conversations.replies": 3,
    "dnd.info": 3,
    "files.completeUploadExternal": 4,
    "files.getUploadURLExternal": 4,
    "files.info": 4,
    "functions.completeError": 3,
    "functions.completeSuccess": 3,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "users.info": 4,
    "views.open": 4,
    "views.publish": 4,
    "views.push": 4,
    "views.update": 4,
}
UNLIMITED = frozenset({"auth.test"})

#: A channel takes a message a second, and so many at once after a pause.
BURST = 5
_BY_CHANNEL = "chat.postMessage"


class RateLimits:
    """Whether a call is taken now. Off unless somebody sets `on`; `window` is a minute, in seconds."""

    def __init__(self, *, clock: Clock, on: bool = False, window: float = 60.0) -> None:
        self.on = on
        self.window = window
        self._clock = clock
        self._calls: dict[str, deque[float]] = {}
        self._messages: dict[str, tuple[float, float]] = {}

    def wait(self, method: str, channel: str | None) -> int | None:
        """Count a call; or the seconds after which it may come again, when it is one too many."""
        if not self.on:
            return None
        now = self._clock.now()
        if method == _BY_CHANNEL:
            return self._message(channel or "", now)
        tier = TIERS.get(method)
        if tier is None:
            return None
        calls = self._calls.setdefault(method, deque())
        while calls and calls[0] <= now - self.window:
            calls.popleft()
        if len(calls) >= A_WINDOW[tier]:
            return max(1, math.ceil(calls[0] + self.window - now))
        calls.append(now)
        return None

    def _message(self, channel: str, now: float) -> int | None:
        left, since = self._messages.get(channel, (float(BURST), now))
        left = min(float(BURST), left + now - since)
        taken = left >= 1
        self._messages[channel] = (left - 1 if taken else left, now)
        return None if taken else max(1, math.ceil(1 - left))
