"""Trigger ids: permission to open a view, for three seconds, once.

Source: https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from bot.playground.slack.clock import Clock

LIFETIME = 3.0


@dataclass(slots=True, kw_only=True)
class Trigger:
    """What a person did that allows a view to be shown to them; `view_id` if they did it in a view."""

    user_id: str
    issued: float
    view_id: str | None = None
    used: bool = False


class Triggers:
    """All trigger ids that were handed out."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Trigger] = {}

    def issue(self, user_id: str, *, view_id: str | None = None) -> str:
        """A new trigger id for something this person has just done."""
        now = self._clock.now()
        trigger_id = f"{int(now * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self._issued[trigger_id] = Trigger(user_id=user_id, issued=now, view_id=view_id)
        return trigger_id

    def use(self, trigger_id: str) -> Trigger | str:
        """The trigger, used up by this call; or Slack's error code if it is unknown, used or too old."""
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            return "invalid_trigger_id"
        if trigger.used:
            return "exchanged_trigger_id"
        if self._clock.now() - trigger.issued > LIFETIME:
            return "expired_trigger_id"
        trigger.used = True
        return trigger
