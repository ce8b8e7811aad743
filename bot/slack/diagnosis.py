"""Does the way to Slack work, and if not, what is missing and where is it given? For `portcullis doctor`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from slack_sdk.web.async_client import AsyncWebClient

from bot.diagnosis import Diagnosis
from bot.domain.telling.counting import plural
from bot.errors import SlackError, SlackUnavailable
from bot.slack.client import NO_UNFURL, call, granted_scopes, open_socket
from bot.slack.command_table import COMMANDS
from bot.slack.error_codes import remedy_of
from bot.slack.install import find_served

#: What is posted to see whether that works.
_LINE = "Whoever runs Portcullis has had it post this line, to see whether it can. There is nothing to do."

#: So many workspaces are named that the token reaches and nobody is served in.
_NAMED = 5

#: What app.yaml has beside scopes, no method of Slack's tells of an installed app.
_COMMANDS = Diagnosis(
    check="commands",
    ok=True,
    details="Slack tells nobody which commands, shortcuts, steps and events an app has: compare them with app.yaml at "
    f"api.slack.com/apps. It has {', '.join(command.name for command in COMMANDS)}.",
)

#: Before `doctor --post` is run, nobody knows this.
UNTRIED_CHANNELS = Diagnosis(
    check="channels",
    ok=True,
    details="Not tried: `portcullis doctor --post` posts a line to each, and says whether the bot may.",
)

_OUT_OF_REACH = "Check the network, the proxy, SLACK_API_URL and the certificate authorities (SSL_CERT_FILE)."
_LIMITED = frozenset({"ratelimited", "rate_limited", "http_429"})
_OPENED_BEFORE = (
    "Nobody knows yet whether the token is right. Look again in a minute: Slack lets an app open Socket Mode only so "
    "often, and each `doctor` and each start of the bot does."
)

#: What app.yaml asks for, and nothing works without.
SCOPES = frozenset({"chat:write", "commands", "files:read", "files:write", "usergroups:read"})

#: What app.yaml asks for besides, to find out whether a message stands whose answer was lost.
READING_SCOPES = frozenset({"channels:history", "groups:history", "im:history", "im:write"})

#: What app.yaml asks for besides, so that approvers are reminded in their working hours.
WORKING_SCOPES = frozenset({"users:read", "dnd:read"})


async def diagnose_slack(
    client: AsyncWebClient, *, app_token: str | None, groups: Collection[str], team_id: str | None, by_socket: bool
) -> list[Diagnosis]:
    """Look at the tokens, the scopes and the user groups; posts nothing and never raises a SlackError."""
    findings = await _bot_token(client, team_id)
    if not findings[0].ok:
        return findings
    findings.append(await _scopes(client))
    if by_socket and app_token is not None:
        findings.append(await _app_token(client, app_token))
    findings.append(_COMMANDS)
    findings += [await _group(client, group) for group in sorted(set(groups))]
    return findings


async def diagnose_channels(client: AsyncWebClient, channels: Mapping[str, str]) -> list[Diagnosis]:
    """Post a line to each channel, by what it is for; once where two are one. Never raises a SlackError."""
    found: list[Diagnosis] = []
    for channel in dict.fromkeys(channels.values()):
        uses = " and ".join(use for use, its in channels.items() if its == channel)
        check = f"{uses} channel"
        try:
            await call(client, "chat.postMessage", {"channel": channel, "text": _LINE, **NO_UNFURL})
        except SlackError as error:
            remedy = (
                _remedy(error)
                or remedy_of(error.code)
                or "Invite the bot to that channel, and look at the channel's settings."
            )
            found.append(Diagnosis(check=check, ok=False, details=f"{channel}: {error.what}", remedy=remedy))
        else:
            found.append(Diagnosis(check=check, ok=True, details="A line was posted there."))
    return found


async def _bot_token(client: AsyncWebClient, team_id: str | None) -> list[Diagnosis]:
    """Whether it serves, and where it is an organization's, whether it reaches more than it serves."""
    try:
        answer = await call(client, "auth.test")
        served = await find_served(client, answer, team_id=team_id)
    except SlackError as error:
        return [Diagnosis(check="bot token", ok=False, details=error.what, remedy=_remedy(error))]
    if not served.by_organization:
        details = f"Bot {answer.get('user')} in workspace {answer.get('team')} ({served.team_id})."
        return [Diagnosis(check="bot token", ok=True, details=details)]
    details = f"Bot {answer.get('user')} in workspace {served.team_id}, by an installation for the organization."
    return [Diagnosis(check="bot token", ok=True, details=details), _others(served.others)]


def _others(others: Sequence[str]) -> Diagnosis:
    if not others:
        return Diagnosis(check="other workspaces", ok=True, details="The bot token reaches none.")
    named = ", ".join(others[:_NAMED]) + (" …" if len(others) > _NAMED else "")
    return Diagnosis(
        check="other workspaces",
        ok=False,
        details=f"The bot token reaches {plural(len(others), 'other workspace')}: {named}. What comes from there "
        "is refused, but whoever has the token can read and write there as far as its scopes go.",
        remedy="Have an admin of the organization take the app out of them.",
    )


async def _scopes(client: AsyncWebClient) -> Diagnosis:
    try:
        granted = await granted_scopes(client)
    except SlackError as error:
        return Diagnosis(check="scopes", ok=False, details=error.what, remedy=_remedy(error))
    if granted is None:
        return Diagnosis(check="scopes", ok=True, details="Slack does not say which scopes the token has.")
    missing = sorted(SCOPES - granted)
    if missing:
        remedy = "Bring the app up to date with app.yaml and install it again."
        return Diagnosis(check="scopes", ok=False, details=f"Missing: {', '.join(missing)}.", remedy=remedy)
    optional = READING_SCOPES | WORKING_SCOPES
    more = sorted(granted - SCOPES - optional)
    details = f"{', '.join(sorted(SCOPES | (optional & granted)))}."
    if unread := sorted(READING_SCOPES - granted):
        details += f" Without {', '.join(unread)}, a message can be posted twice when Slack's answer is lost."
    if unknown := sorted(WORKING_SCOPES - granted):
        details += f" Without {', '.join(unknown)}, approvers can be reminded outside their working hours."
    if more:
        details += f" More than needed: {', '.join(more)}."
    return Diagnosis(check="scopes", ok=True, details=details)


async def _app_token(client: AsyncWebClient, app_token: str) -> Diagnosis:
    try:
        await open_socket(client, app_token)
    except SlackUnavailable as error:
        remedy = _OPENED_BEFORE if error.code in _LIMITED else _remedy(error)
        return Diagnosis(check="app token", ok=False, details=error.what, remedy=remedy)
    except SlackError as error:
        remedy = "Make an app-level token with connections:write (Basic Information) and set SLACK_APP_TOKEN."
        return Diagnosis(check="app token", ok=False, details=error.what, remedy=remedy)
    return Diagnosis(check="app token", ok=True, details="Socket Mode can be opened.")


async def _group(client: AsyncWebClient, group: str) -> Diagnosis:
    try:
        answer = await call(client, "usergroups.users.list", {"usergroup": group})
    except SlackError as error:
        remedy = _remedy(error) or "Check the group's id; the bot needs usergroups:read."
        return Diagnosis(check=f"user group {group}", ok=False, details=error.what, remedy=remedy)
    members = answer.get("users") or []
    if not members:
        return Diagnosis(
            check=f"user group {group}", ok=False, details="It has no members.", remedy="Add some in Slack."
        )
    return Diagnosis(check=f"user group {group}", ok=True, details=f"{plural(len(members), 'member')}.")


def _remedy(error: SlackError) -> str:
    """What to do about it for whoever can look at the network and the settings, where Slack itself said nothing."""
    return _OUT_OF_REACH if isinstance(error, SlackUnavailable) and not error.code else error.remedy
