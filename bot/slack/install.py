"""Whether Portcullis can serve with what the bot token is for: one workspace, and the one that is set.

A token is one workspace's, or that of an installation for a whole Enterprise organization. Such a one reaches every
workspace to which the organization's admins have added the app. It serves where the operator has named the one, and
the others are told to whoever looks: nobody but those admins can take the app out of them.

https://docs.slack.dev/reference/methods/auth.test and https://docs.slack.dev/reference/methods/auth.teams.list
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError, WrongInstall
from bot.slack.client import call, of_workspace

#: So many workspaces Slack tells at once, at most, and so many times it is asked.
_A_PAGE = 1_000
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The workspace that is served, and by which installation."""

    team_id: str
    enterprise_id: str = ""  #: of the organization that the workspace is in, if it is in one
    by_organization: bool = False  #: the app is installed for that organization, and not in the workspace alone
    others: tuple[str, ...] = ()  #: the names of the other workspaces that the bot token reaches


async def find_served(
    client: AsyncWebClient, answer: Mapping[str, Any], *, team_id: str | None, within: float | None = None
) -> Served:
    """What the bot token serves, as `auth.test` answered, and Slack says of an organization's token besides.

    `team_id` is the workspace that the operator has set, or that was learned before. From here on the client's calls
    that have to name a workspace name this one. Raises WrongInstall when the token is another workspace's, or an
    organization's that doesn't reach the one that is set, and SlackError when the answer names no workspace.
    """
    granted: Sequence[Mapping[str, Any]] = ()
    if team_id and _is_by_organization(answer):
        granted = await _granted(client, within)
    served = workspace_of(answer, granted, team_id=team_id)
    of_workspace(client, served.team_id)
    return served


async def _granted(client: AsyncWebClient, within: float | None) -> list[Mapping[str, Any]]:
    """The workspaces that an organization's token reaches, `within` so many seconds for each page of them."""
    found: list[Mapping[str, Any]] = []
    cursor = ""
    for _ in range(_MOST_PAGES):
        asked = {"limit": _A_PAGE, "cursor": cursor or None}
        answer = await call(client, "auth.teams.list", asked, within=within)
        told, more = answer.get("teams"), answer.get("response_metadata")
        found += [team for team in told if isinstance(team, Mapping)] if isinstance(told, list) else []
        cursor = str(more.get("next_cursor") or "") if isinstance(more, Mapping) else ""
        if not cursor:
            break
    return found


def workspace_of(
    answer: Mapping[str, Any], granted: Sequence[Mapping[str, Any]] = (), *, team_id: str | None
) -> Served:
    """The workspace that is served. `granted` are those that an organization's token reaches. Raises as above."""
    enterprise = str(answer.get("enterprise_id") or "")
    if _is_by_organization(answer):
        return _in_organization(granted, team_id, enterprise)
    told = str(answer.get("team_id") or "")
    if not told:
        raise SlackError("Slack's auth.test names no workspace.", "Check SLACK_API_URL.")
    if team_id and told != team_id:
        raise WrongInstall(
            f"The bot token belongs to workspace {told}, and SLACK_TEAM_ID is {team_id}.",
            "Set the right SLACK_TEAM_ID, or the bot token of that workspace.",
        )
    return Served(team_id=told, enterprise_id=enterprise)


def _in_organization(granted: Sequence[Mapping[str, Any]], team_id: str | None, enterprise: str) -> Served:
    if not team_id:
        raise WrongInstall(
            "The app is installed for a whole organization (Enterprise Grid), and Portcullis serves one workspace.",
            "Set SLACK_TEAM_ID to the one that is to use it, or install the app in that workspace alone.",
        )
    if not enterprise:
        raise SlackError("Slack's auth.test names no organization.", "Check SLACK_API_URL.")
    if all(team.get("id") != team_id for team in granted):
        raise WrongInstall(
            f"The app is installed for a whole organization, and not in its workspace {team_id}, which SLACK_TEAM_ID "
            "names.",
            "Have an admin of the organization add the app to that workspace, or set the right SLACK_TEAM_ID.",
        )
    others = tuple(str(team.get("name") or team.get("id")) for team in granted if team.get("id") != team_id)
    return Served(team_id=team_id, enterprise_id=enterprise, by_organization=True, others=others)


def _is_by_organization(answer: Mapping[str, Any]) -> bool:
    return answer.get("is_enterprise_install") is True
