"""The Web API's methods about people, user groups, conversations and the app itself."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments
from bot.playground.slack.conversations import Conversation
from bot.playground.slack.method_registry import Method, method
from bot.playground.slack.scopes import require_scope
from bot.playground.slack.state import SlackState
from bot.playground.slack.workspace import Person, UserGroup


def _auth_test(state: SlackState, args: Arguments) -> dict[str, Any]:  # noqa: ARG001 - a handler's shape
    workspace = state.workspace
    state.bot_seen = True
    state.changes.bump()
    return {
        "url": f"{state.base_url}/",
        "team": workspace.team_name,
        "user": workspace.bot.name,
        "team_id": workspace.team_id,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot.bot_id,
        "is_enterprise_install": False,
        **({} if not workspace.enterprise_id else _by_organization(workspace.enterprise_id)),
    }


def _by_organization(enterprise_id: str) -> dict[str, Any]:
    return {
        "team": "Organization",
        "team_id": enterprise_id,
        "enterprise_id": enterprise_id,
        "is_enterprise_install": True,
    }


def _auth_teams_list(state: SlackState, args: Arguments) -> dict[str, Any]:  # noqa: ARG001 - a handler's shape
    workspace = state.workspace
    own = ((workspace.team_id, workspace.team_name),)
    return {
        "teams": [{"id": team, "name": name} for team, name in (*own, *workspace.granted)],
        "response_metadata": {"next_cursor": ""},
    }


def _demand_workspace(state: SlackState, args: Arguments) -> None:
    """An organization's token has to say which workspace is meant."""
    workspace = state.workspace
    if workspace.enterprise_id and args.text("team_id") != workspace.team_id:
        raise Refused("missing_argument", broke="an organization's token has to name the workspace: team_id")


def _person(state: SlackState, person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "team_id": state.workspace.team_id,
        "name": person.username,
        "real_name": person.name,
        "deleted": person.deleted,
        "tz": person.time_zone,
        "tz_label": person.time_zone,
        "tz_offset": _offset(state, person),
        "is_bot": False,
        "is_app_user": False,
        "is_admin": False,
        "is_owner": False,
        "is_restricted": person.guest,
        "is_ultra_restricted": False,
        "updated": 0,
        "profile": {"real_name": person.name, "display_name": person.name, "team": state.workspace.team_id},
    }


def _offset(state: SlackState, person: Person) -> int:
    """How far somebody's clock is from UTC now, in seconds."""
    offset = datetime.fromtimestamp(state.clock.now(), ZoneInfo(person.time_zone)).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _bot(state: SlackState) -> dict[str, Any]:
    bot = state.workspace.bot
    name = {"real_name": bot.name, "display_name": bot.name, "bot_id": bot.bot_id, "api_app_id": bot.app_id}
    return {
        "id": bot.id,
        "team_id": state.workspace.team_id,
        "name": bot.name,
        "real_name": bot.name,
        "deleted": False,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "is_bot": True,
        "profile": name,
    }


def _users_info(state: SlackState, args: Arguments) -> dict[str, Any]:
    require_scope(state, "users:read", is_optional=True)
    user_id = args.required("user")
    if user_id == state.workspace.bot.id:
        return {"user": _bot(state)}
    person = state.workspace.person(user_id)
    if person is None:
        raise Refused("user_not_found")
    return {"user": _person(state, person)}


def _dnd_info(state: SlackState, args: Arguments) -> dict[str, Any]:
    """Of somebody else Slack says nothing of a snooze, only when they are next, or now, not to be disturbed.

    https://docs.slack.dev/reference/methods/dnd.info
    """
    require_scope(state, "dnd:read", is_optional=True)
    _demand_workspace(state, args)
    user_id = args.required("user")
    if state.workspace.person(user_id) is None:
        raise Refused("user_not_found")
    begins, ends = state.quiet.get(user_id, (1, 1))
    return {"dnd_enabled": user_id in state.quiet, "next_dnd_start_ts": begins, "next_dnd_end_ts": ends}


def _group(state: SlackState, group: UserGroup, *, with_people: bool) -> dict[str, Any]:
    members = state.group_members[group.id]
    shown: dict[str, Any] = {
        "id": group.id,
        "team_id": state.workspace.team_id,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "is_external": False,
        "date_delete": 0,
        "user_count": len(members),
    }
    if with_people:
        shown["users"] = list(members)
    return shown


def _usergroups_list(state: SlackState, args: Arguments) -> dict[str, Any]:
    with_people = bool(args.flag("include_users"))
    return {"usergroups": [_group(state, group, with_people=with_people) for group in state.workspace.user_groups]}


def _usergroups_users_list(state: SlackState, args: Arguments) -> dict[str, Any]:
    _demand_workspace(state, args)
    members = state.group_members.get(args.required("usergroup"))
    if members is None:
        raise Refused("no_such_subteam")
    return {"users": list(members)}


def _conversation(state: SlackState, conversation: Conversation) -> dict[str, Any]:
    direct = conversation.kind == "dm"
    shown: dict[str, Any] = {
        "id": conversation.id,
        "created": 0,
        "is_channel": not direct,
        "is_group": False,
        "is_im": direct,
        "is_mpim": False,
        "is_private": direct,
        "is_archived": conversation.archived,
        "context_team_id": state.workspace.team_id,
    }
    if direct:
        return shown | {"user": min(conversation.members)}
    return shown | {
        "name": conversation.name,
        "name_normalized": conversation.name,
        "is_general": conversation.name == "general",
        "is_member": conversation.has_bot,
    }


def _known(state: SlackState, args: Arguments) -> Conversation:
    conversation = state.conversations.find(args.required("channel"))
    if conversation is None:
        raise Refused("channel_not_found")
    return conversation


def _conversations_info(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _known(state, args)
    shown = _conversation(state, conversation)
    if args.flag("include_num_members"):
        shown["num_members"] = len(conversation.members) + conversation.has_bot
    return {"channel": shown}


def _conversations_members(state: SlackState, args: Arguments) -> dict[str, Any]:
    conversation = _known(state, args)
    bot = [state.workspace.bot.id] if conversation.has_bot else []
    return {"members": [*sorted(conversation.members), *bot], "response_metadata": {"next_cursor": ""}}


def _conversations_open(state: SlackState, args: Arguments) -> dict[str, Any]:
    require_scope(state, "im:write", is_optional=True)
    people = args.text("users") or ""
    if "," in people:
        raise Refused("method_not_supported_for_channel_type", broke="group conversations aren't played")
    before = {conversation.id for conversation in state.conversations}
    conversation = state.conversations.direct(people) if people else _known(state, args)
    if conversation is None:
        raise Refused("user_not_found")
    already = conversation.id in before
    channel = _conversation(state, conversation) if args.flag("return_im") else {"id": conversation.id}
    return {"no_op": already, "already_open": already, "channel": channel}


def _connections_open(state: SlackState, args: Arguments) -> dict[str, Any]:  # noqa: ARG001 - a handler's shape
    ticket = secrets.token_urlsafe(24)
    state.socket_tickets[ticket] = state.clock.now()
    address = state.base_url.replace("http://", "ws://", 1)
    return {"url": f"{address}/slack/socket?ticket={ticket}&app_id={state.workspace.bot.app_id}"}


METHODS: dict[str, Method] = {
    "auth.test": method(_auth_test, "", caller="any"),
    "auth.teams.list": method(_auth_teams_list, "limit cursor include_icon", takes_json=False),
    "apps.connections.open": method(_connections_open, "", caller="app"),
    "users.info": method(_users_info, "user include_locale", takes_json=False),
    "dnd.info": method(_dnd_info, "user team_id", takes_json=False),
    "usergroups.list": method(
        _usergroups_list, "include_users include_count include_disabled team_id", takes_json=False
    ),
    "usergroups.users.list": method(_usergroups_users_list, "usergroup include_disabled team_id", takes_json=False),
    "conversations.info": method(_conversations_info, "channel include_locale include_num_members", takes_json=False),
    "conversations.members": method(_conversations_members, "channel cursor limit", takes_json=False),
    "conversations.open": method(_conversations_open, "channel users return_im prevent_creation"),
}
