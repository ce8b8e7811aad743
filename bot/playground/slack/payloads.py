"""What Slack tells the app when somebody does something: the payloads, key for key.

Source: https://docs.slack.dev/reference/interaction-payloads and https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

from typing import Any

from bot.playground.slack.conversations import Conversation, Message
from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.workspace import Person


def _user(state: SlackState, person: Person) -> dict[str, Any]:
    handle = person.username
    return {"id": person.id, "username": handle, "name": handle, "team_id": state.workspace.team_id}


def _common(state: SlackState, person: Person) -> dict[str, Any]:
    workspace = state.workspace
    enterprise = workspace.enterprise_id
    return {
        # An organization's installation needn't be told the workspace.
        "team": None if enterprise else {"id": workspace.team_id, "domain": workspace.team_domain},
        "user": _user(state, person),
        "api_app_id": workspace.bot.app_id,
        "token": workspace.credentials.verification_token,
        "enterprise": {"id": enterprise, "name": "Organization"} if enterprise else None,
        "is_enterprise_install": bool(enterprise),
    }


def channel_name(conversation: Conversation) -> str:
    """The name that payloads give to a conversation."""
    return "directmessage" if conversation.kind == "dm" else conversation.name


def command(state: SlackState, *, person: Person, conversation: Conversation, name: str, text: str) -> dict[str, str]:
    """A slash command: flat, every value a text."""
    workspace = state.workspace
    return {
        "token": workspace.credentials.verification_token,
        "team_id": workspace.team_id,
        "team_domain": workspace.team_domain,
        "channel_id": conversation.id,
        "channel_name": channel_name(conversation),
        "user_id": person.id,
        "user_name": person.username,
        "command": name,
        "text": text,
        "api_app_id": workspace.bot.app_id,
        "is_enterprise_install": "true" if workspace.enterprise_id else "false",
        **({"enterprise_id": workspace.enterprise_id} if workspace.enterprise_id else {}),
        "response_url": state.new_response_url(user_id=person.id, channel_id=conversation.id),
        "trigger_id": state.triggers.issue(person.id),
    }


def click_in_message(
    state: SlackState, *, person: Person, conversation: Conversation, message: Message, action: dict[str, Any]
) -> dict[str, Any]:
    """A click on an element of a message."""
    ephemeral = message.ephemeral_for is not None
    return _common(state, person) | {
        "type": "block_actions",
        "container": {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": conversation.id,
            "is_ephemeral": ephemeral,
            **({"thread_ts": message.thread_ts} if message.thread_ts else {}),
        },
        "trigger_id": state.triggers.issue(person.id),
        "channel": {"id": conversation.id, "name": channel_name(conversation)},
        "message": state.message_as_slack(message) | ({"is_ephemeral": True} if ephemeral else {}),
        "state": {"values": message.chosen},
        "response_url": state.new_response_url(user_id=person.id, channel_id=conversation.id, original_ts=message.ts),
        "actions": [action],
    }


def click_in_view(state: SlackState, *, person: Person, view: OpenView, action: dict[str, Any]) -> dict[str, Any]:
    """A click on an element of a view."""
    return _common(state, person) | {
        "type": "block_actions",
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": state.triggers.issue(person.id, view_id=view.id),
        "view": state.views.as_slack(view),
        "actions": [action],
    }


def submission(state: SlackState, *, person: Person, view: OpenView) -> dict[str, Any]:
    """A form that was sent."""
    return _common(state, person) | {
        "type": "view_submission",
        "trigger_id": state.triggers.issue(person.id, view_id=view.id),
        "view": state.views.as_slack(view),
        "response_urls": [],
    }


def closed(state: SlackState, *, person: Person, view: OpenView, cleared: bool) -> dict[str, Any]:
    """A view that was closed without being sent."""
    return _common(state, person) | {
        "type": "view_closed",
        "view": state.views.as_slack(view),
        "is_cleared": cleared,
    }


def shortcut(state: SlackState, *, person: Person, callback_id: str) -> dict[str, Any]:
    """A shortcut of the workspace."""
    return _common(state, person) | {
        "type": "shortcut",
        "action_ts": state.conversations.next_ts(),
        "callback_id": callback_id,
        "trigger_id": state.triggers.issue(person.id),
    }


def message_shortcut(
    state: SlackState, *, person: Person, callback_id: str, conversation: Conversation, message: Message
) -> dict[str, Any]:
    """A shortcut in the menu of a message."""
    return _common(state, person) | {
        "type": "message_action",
        "action_ts": state.conversations.next_ts(),
        "callback_id": callback_id,
        "trigger_id": state.triggers.issue(person.id),
        "response_url": state.new_response_url(user_id=person.id, channel_id=conversation.id),
        "channel": {"id": conversation.id, "name": channel_name(conversation)},
        "message_ts": message.ts,
        "message": state.message_as_slack(message),
    }
