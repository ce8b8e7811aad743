"""What Slack tells the app by itself: the payloads of events, key for key.

Source: https://docs.slack.dev/reference/events/subteam_members_changed, subteam_updated, app_home_opened and
function_executed beside it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from bot.playground.slack.open_views import OpenView
from bot.playground.slack.state import SlackState
from bot.playground.slack.steps import StepRun
from bot.playground.slack.workspace import Person, UserGroup

#: `subteam_updated` names no more members than these, whatever `user_count` says.
MOST_USERS = 500


HOME_OPENED = "app_home_opened"


def home_opened(state: SlackState, person: Person, *, view: OpenView | None, channel_id: str) -> dict[str, Any]:
    """Somebody opened the app's Home; `view` is what was published there before."""
    event = {
        "type": HOME_OPENED,
        "user": person.id,
        "channel": channel_id,
        "event_ts": state.conversations.next_ts(),
        "tab": "home",
        **({} if view is None else {"view": state.views.as_slack(view)}),
    }
    return _wrapped(state, event)


def step_run(state: SlackState, run: StepRun) -> dict[str, Any]:
    """A workflow has come to a step of the app. The token is for this run alone; the stand-in takes the bot's own."""
    step = run.step
    made = int(state.clock.now())
    function = {
        "id": f"Fn{step.callback_id.upper().replace('_', '')[:9]}",
        "callback_id": step.callback_id,
        "title": step.title,
        "description": "",
        "type": "app",
        "input_parameters": [given.as_slack() for given in step.inputs],
        "output_parameters": [output.as_slack() for output in step.outputs],
        "app_id": state.workspace.bot.app_id,
        "date_created": made,
        "date_updated": made,
        "date_deleted": 0,
    }
    event = {
        "type": "function_executed",
        "function": function,
        "inputs": run.inputs,
        "function_execution_id": run.id,
        "workflow_execution_id": run.workflow,
        "event_ts": state.conversations.next_ts(),
        "bot_access_token": f"xwfp-{secrets.token_hex(24)}",
    }
    return _wrapped(state, event)


def group_changed(state: SlackState, group: UserGroup, *, before: Sequence[str]) -> list[dict[str, Any]]:
    """The events of a group whose members were others `before`: those that the app has asked for."""
    members = state.group_members[group.id]
    now = int(state.clock.now())
    added = [user for user in members if user not in before]
    removed = [user for user in before if user not in members]
    team_id = state.workspace.team_id
    events: list[dict[str, Any]] = [
        {
            "type": "subteam_members_changed",
            "subteam_id": group.id,
            "team_id": team_id,
            "date_previous_update": now - 1,
            "date_update": now,
            "added_users": added,
            "added_users_count": str(len(added)),
            "removed_users": removed,
            "removed_users_count": str(len(removed)),
        },
        {
            "type": "subteam_updated",
            "subteam": {
                "id": group.id,
                "team_id": team_id,
                "is_usergroup": True,
                "is_subteam": True,
                "name": group.name,
                "description": "",
                "handle": group.handle,
                "is_external": False,
                "date_update": now,
                "date_delete": 0,
                "users": members[:MOST_USERS],
                "user_count": len(members),
            },
        },
    ]
    return [_wrapped(state, event) for event in events if event["type"] in state.workspace.events]


def _wrapped(state: SlackState, event: dict[str, Any]) -> dict[str, Any]:
    workspace = state.workspace
    authorization = {
        "enterprise_id": workspace.enterprise_id or None,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "is_bot": True,
        "is_enterprise_install": bool(workspace.enterprise_id),
    }
    return {
        "token": workspace.credentials.verification_token,
        "team_id": workspace.team_id,
        "api_app_id": workspace.bot.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(state.clock.now()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
    }
