"""What Slack tells by itself: that a user group has changed.

An event is a hint and no more: one may get lost, and the list of members in it is cut off at 500. So it only says which
group has to be read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.slack.answering import told
from bot.slack.block_kit.ids import EventType
from bot.slack.directory import Directory
from bot.slack.listeners.routes import Listener, Route
from bot.workflow.shared.context import Context


def _on_group(event_type: EventType) -> Route:
    """The route of an event about a user group."""

    def listener(_workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext) -> None:
            directory: Directory = context["directory"]
            try:
                await directory.group_changed(_group_of(event))
            except Exception as error:  # noqa: BLE001 - the edge: within a minute the group is read anew anyway
                told(error, doing=event_type)
            await ack()

        return listen

    return Route(subject=event_type, listener=listener)


def _group_of(event: Mapping[str, Any]) -> str:
    """The group's id, wherever the event has it; empty when it can't be read."""
    group = event.get("subteam")
    found = group.get("id") if isinstance(group, Mapping) else event.get("subteam_id")
    return found if isinstance(found, str) else ""


ROUTES = tuple(_on_group(event_type) for event_type in EventType)
