"""Whether Portcullis can serve with what the bot token is for: one workspace, and the one that is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import SlackError, WrongInstall


def workspace_of(answer: Mapping[str, Any], *, team_id: str | None) -> str:
    """The id of the workspace that the bot token belongs to, as `auth.test` answered.

    `team_id` is the workspace that the operator has set, or that was learned before. Raises WrongInstall when the token
    is another workspace's or a whole organization's, and SlackError when the answer names no workspace.

    https://docs.slack.dev/reference/methods/auth.test
    """
    if answer.get("is_enterprise_install") is True:
        raise WrongInstall(
            "The app is installed for a whole organization (Enterprise Grid), and Portcullis serves one workspace.",
            "Install it in one workspace (as a workspace's app, not by the organization's admin page), and set the bot "
            "token of that installation.",
        )
    told = str(answer.get("team_id") or "")
    if not told:
        raise SlackError("Slack's auth.test names no workspace.", "Check SLACK_API_URL.")
    if team_id and told != team_id:
        raise WrongInstall(
            f"The bot token belongs to workspace {told}, and SLACK_TEAM_ID is {team_id}.",
            "Set the right SLACK_TEAM_ID, or the bot token of that workspace.",
        )
    return told
