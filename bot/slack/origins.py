"""Where a delivery comes from: the workspaces for which the app was installed, and the one of the person who acts.

In a channel that is shared with others (Slack Connect) the two can differ. A form that somebody of another workspace
sends names theirs as its `team`, and ours as its view's `app_installed_team_id`; an event has ours among its
`authorizations`. Where there is neither, the delivery is of the workspace that it names.

Where the app is installed for a whole Enterprise organization, what people do needn't name its workspace at all: `team`
is null. Then it is for us unless it names another workspace, that of its person or view, or another organization.

Sources: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload and
https://docs.slack.dev/apis/slack-connect; for `user.team_id`, which in an Enterprise organization is the
organization's id, https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bot.errors import InvalidInput

#: What a view names the workspace or organization of its app by.
_INSTALLED = "app_installed_team_id"


def is_for(team_id: str | None, body: Mapping[str, Any], *, organization: str = "") -> bool:
    """Whether a delivery is for the app as it is installed in this workspace. False where that can't be read.

    `organization` is the Enterprise organization for which the app is installed; empty: it is the workspace's own.
    """
    if not team_id:
        return False
    if organization:
        return _is_for_part(team_id, body, organization)
    view = body.get("view")
    installed = _within(view, _INSTALLED)
    if installed is not None:
        return bool(installed == team_id)
    if authorized := _authorized(body):
        return team_id in authorized
    return set(_named(body)) == {team_id}


def is_of(organization: str, body: Mapping[str, Any]) -> bool:
    """Whether a delivery is of this organization's installation, whichever of its workspaces it is for."""
    return bool(organization) and _organizations(body) == [organization]


def visitor_of(homes: Collection[str], body: Mapping[str, Any]) -> str:
    """The id of the person who acts, if they act from elsewhere than these workspaces and organizations; else empty.

    A command doesn't say where its person is at home: Slack offers commands to nobody but the people of the workspace.
    """
    user = body.get("user")
    if not isinstance(user, Mapping):
        return ""
    home = user.get("team_id")
    return "" if home is None or home in tuple(homes) else str(user.get("id") or "")


def not_served(body: Mapping[str, Any], *, organization: str = "") -> InvalidInput:
    """What to tell of a delivery that isn't for us. Nothing was done."""
    if not organization and str(body.get("is_enterprise_install")).lower() == "true":
        return InvalidInput(
            "This came by an installation for a whole organization, and Portcullis serves one workspace: nothing was "
            "done.",
            "Whoever runs Portcullis installs the app in that workspace, and removes it from the organization.",
        )
    return InvalidInput(
        "This Portcullis doesn't serve the workspace that this came from: nothing was done.",
        "Use it in the workspace that it serves. If this is that one, tell whoever runs Portcullis: SLACK_TEAM_ID or "
        "the bot token is of another.",
    )


def _is_for_part(team_id: str, body: Mapping[str, Any], organization: str) -> bool:
    """Whether a delivery to an organization's installation is for its one workspace that is served.

    What names that one needn't name the organization, as Slack's example of a step's event doesn't.
    """
    organizations = _organizations(body)
    if body.get("team") is not None or "team_id" in body:
        return set(_named(body)) == {team_id} and organizations in ([], [organization])
    view = body.get("view")
    named = (_within(body.get("user"), "team_id"), *(_within(view, name) for name in ("team_id", _INSTALLED)))
    return organizations == [organization] and all(each is None or each in (team_id, organization) for each in named)


def _organizations(body: Mapping[str, Any]) -> list[object]:
    """Each organization that a delivery names, once; whatever stands in the place of one is one."""
    authorizations = body.get("authorizations")
    given = authorizations if isinstance(authorizations, list) else []
    told = [body.get("enterprise_id"), _within(body.get("enterprise"), "id")]
    told += [_within(each, "enterprise_id") for each in given]
    distinct: list[object] = []
    for each in told:
        if each is not None and each not in distinct:
            distinct.append(each)
    return distinct


def _within(part: object, name: str) -> object:
    return part.get(name) if isinstance(part, Mapping) else None


def _authorized(body: Mapping[str, Any]) -> set[str]:
    """The workspaces whose installations an event is for."""
    authorizations = body.get("authorizations")
    if not isinstance(authorizations, list):
        return set()
    teams = (given.get("team_id") for given in authorizations if isinstance(given, Mapping))
    return {team for team in teams if isinstance(team, str)}


def _named(body: Mapping[str, Any]) -> Iterator[str]:
    """Each workspace that a delivery names as its own: a command by `team_id`, an interaction by `team`."""
    if "team_id" in body:
        yield str(body["team_id"])
    if "team" in body:
        team = body["team"]
        yield str(team.get("id")) if isinstance(team, Mapping) else ""
