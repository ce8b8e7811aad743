"""What Slack tells by itself: that a user group has changed, and that somebody has opened the app's Home.

An event is a hint and no more: one may get lost, and the list of members in it is cut off at 500. So it only says which
group has to be read anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext

from bot.slack.answering import told
from bot.slack.block_kit.ids import ActionId, EventType
from bot.slack.directory import Directory
from bot.slack.home import Homes
from bot.slack.listeners.delivered import Click
from bot.slack.listeners.deliveries import on_click
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


def _on_home() -> Route:
    """The route of an opened Home. The other tab of it, the messages, needs nothing."""

    def listener(_workflow: Context) -> Listener:
        async def listen(ack: AsyncAck, event: dict[str, Any], context: AsyncBoltContext) -> None:
            user = event.get("user")
            if event.get("tab") == "home" and isinstance(user, str) and user:
                homes: Homes = context["homes"]
                homes.opened(user)
            await ack()

        return listen

    return Route(subject=EventType.HOME_OPENED, listener=listener)


async def _refresh(click: Click) -> None:
    if click.homes is not None:
        click.homes.opened(click.person.user_id)


def _group_of(event: Mapping[str, Any]) -> str:
    """The group's id, wherever the event has it; empty when it can't be read."""
    group = event.get("subteam")
    found = group.get("id") if isinstance(group, Mapping) else event.get("subteam_id")
    return found if isinstance(found, str) else ""


ROUTES = (
    _on_group(EventType.MEMBERS_CHANGED),
    _on_group(EventType.GROUP_UPDATED),
    _on_home(),
    on_click(ActionId.REFRESH_HOME, _refresh, only_looks=True),
)
