"""The way to Slack's Web API: one client, and Slack's error codes as errors of our own.

* `ratelimited`, a connection that never stood → SlackUnavailable: nothing was done
* `internal_error`, timeouts, broken connections → SlackUnanswered, which is a SlackUnavailable: it may have been done
* `channel_not_found`, `not_in_channel`, `is_archived`, `user_not_found`, … → DestinationGone
* `message_not_found`, `cant_update_message`, … → MessageGone
* `invalid_blocks`, `msg_too_long`, … → PayloadRefused
* an answer that isn't Slack's at all (a proxy's page, say) → SlackUnavailable; with a status of success SlackUnanswered
* anything else → SlackError

Which code is what: `bot.slack.error_codes`.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import AsyncIterator, Awaitable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import Any

import aiohttp
import httpx
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import (
    DestinationGone,
    MessageGone,
    PayloadRefused,
    SlackError,
    SlackUnanswered,
    SlackUnavailable,
)
from bot.metrics import Metrics
from bot.slack.bounded_client import BoundedClient
from bot.slack.error_codes import Fate, fate_of, remedy_of
from bot.slack.reach import PATIENCE, NotingClient, SlackReach
from bot.tls import is_loopback_url

#: With these nothing was done.
_LIMITED = frozenset({"ratelimited", "rate_limited"})

#: What people typed may be a malicious address: Slack must never fetch it.
NO_UNFURL = {"unfurl_links": False, "unfurl_media": False}

TRY_AGAIN = "Try again in a moment."

#: A longer Retry-After is taken for this long, in seconds: nothing waits for a day because a header said so.
_LONGEST_WAIT = 3600.0

#: Slack takes JSON for most methods; these want the fields of a form.
_FORMS = frozenset(
    {
        "usergroups.users.list",
        "files.info",
        "users.info",
        "dnd.info",
        "files.getUploadURLExternal",
        "chat.getPermalink",
        "conversations.history",
        "conversations.replies",
        "auth.teams.list",
    }
)

#: What Slack wants to know of which workspace, where the app is installed for a whole organization. A workspace's own
#: token may name it as well. https://docs.slack.dev/enterprise/developing-for-enterprise-orgs
_OF_WORKSPACE = frozenset({"usergroups.users.list", "dnd.info"})

#: What each code is as an error of ours; all others are a SlackError.
_ERRORS: Mapping[Fate, type[SlackError]] = {
    Fate.CHANNEL: DestinationGone,
    Fate.THREAD: DestinationGone,
    Fate.PERSON: DestinationGone,
    Fate.MESSAGE: MessageGone,
    Fate.PAYLOAD: PayloadRefused,
}


def web_client(
    token: str,
    *,
    api_url: str,
    context: ssl.SSLContext,
    timeout: int = 30,
    team_id: str | None = None,
    reach: SlackReach | None = None,
    metrics: Metrics | None = None,
) -> AsyncWebClient:
    """A client that never repeats a call by itself: a post repeated is a message posted twice. Jobs repeat better.

    `timeout` is the most that `call` can be told to wait, in seconds; `team_id` is the workspace that the operator has
    set, for the calls that have to name one; `reach` is told what becomes of each call, and `metrics` counts them.
    """
    client = NotingClient(
        reach=reach or SlackReach(),
        metrics=metrics or Metrics(),
        token=token,
        base_url=api_url.rstrip("/") + "/",
        timeout=timeout,
        ssl=context if api_url.startswith("https:") else None,
        retry_handlers=[],
        trust_env_in_session=not is_loopback_url(api_url),
    )
    # slack_sdk takes HTTPS_PROXY and forgets NO_PROXY; a session that trusts the environment minds both. No proxy can
    # reach this machine's own addresses.
    client.proxy = None
    of_workspace(client, team_id or "")
    return client


@asynccontextmanager
async def keeping_connections(client: AsyncWebClient) -> AsyncIterator[None]:
    """In the block the client's calls share connections, for whoever makes many; see `BoundedClient`."""
    async with client.keeping_connections() if isinstance(client, BoundedClient) else nullcontext():
        yield


def of_workspace(client: AsyncWebClient, team_id: str) -> None:
    """Have the calls that need it name this workspace, from now on."""
    if isinstance(client, NotingClient):
        client.served = team_id


async def call(
    client: AsyncWebClient,
    method: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    within: float | None = None,
) -> Mapping[str, Any]:
    """Call a Web API method and return Slack's answer. Raises SlackError and what stands under it in the tree.

    `within` is how long the answer is waited for, in seconds; `PATIENCE` where nothing is said.
    """
    return _data(method, await _answer(method, _send(client, method, arguments or {}), within))


async def open_socket(client: AsyncWebClient, app_token: str) -> str:
    """Ask for a Socket Mode address. It can be used once and within seconds; unused it shows that the token is good.

    Raises SlackError and what stands under it in the tree.
    """
    method = "apps.connections.open"
    url = _data(method, await _answer(method, client.apps_connections_open(app_token=app_token))).get("url")
    if not isinstance(url, str):
        raise _unreadable(method)
    return url


async def granted_scopes(client: AsyncWebClient) -> frozenset[str] | None:
    """The scopes of the bot token, which Slack tells in a header; None when it does not. Raises SlackError."""
    answer = await _answer("auth.test", client.auth_test())
    headers = {str(name).lower(): str(value) for name, value in (answer.headers or {}).items()}
    if "x-oauth-scopes" not in headers:
        return None
    return frozenset(scope.strip() for scope in headers["x-oauth-scopes"].split(",") if scope.strip())


def _send(client: AsyncWebClient, method: str, arguments: Mapping[str, Any]) -> Awaitable[AsyncSlackResponse]:
    given = {key: value for key, value in arguments.items() if value is not None}
    if method in _OF_WORKSPACE and isinstance(client, NotingClient) and client.served:
        given["team_id"] = client.served
    return client.api_call(method, params=given) if method in _FORMS else client.api_call(method, json=given)


async def _answer(method: str, sent: Awaitable[AsyncSlackResponse], within: float | None = None) -> AsyncSlackResponse:
    try:
        async with asyncio.timeout(PATIENCE if within is None else within):
            return await sent
    except SlackApiError as error:
        raise _translated(method, error) from error
    except aiohttp.ClientConnectorError as error:
        # There was no connection: nothing was sent.
        raise SlackUnavailable(
            f"Slack could not be reached for {method} ({type(error).__name__}).", TRY_AGAIN
        ) from error
    except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError) as error:
        raise SlackUnanswered(
            f"Slack could not be reached for {method} ({type(error).__name__}).", TRY_AGAIN
        ) from error
    except (AttributeError, TypeError, ValueError) as error:
        # slack_sdk expects a JSON object, and stumbles over anything else.
        raise _unreadable(method) from error


def _data(method: str, answer: AsyncSlackResponse) -> Mapping[str, Any]:
    if not isinstance(answer.data, dict):
        raise _unreadable(method)
    return answer.data


def _unreadable(method: str, status: int | None = None) -> SlackUnavailable:
    told = f"{method} was answered with something that Slack doesn't say" + (f" (HTTP {status})." if status else ".")
    remedy = "Check SLACK_API_URL; a proxy or a sign-in page may stand in between."
    # With a status of failure it came from something in between, and Slack has seen nothing of it.
    return (SlackUnavailable if status is not None and status >= 400 else SlackUnanswered)(told, remedy)


async def respond(url: str, message: Mapping[str, Any], *, tls: ssl.SSLContext) -> None:
    """Answer one person through the `response_url` that came with their delivery (5 uses in 30 minutes).

    Raises DestinationGone when there is none, it is used up, or it is neither https nor this machine's own;
    SlackUnavailable when Slack can't be reached, and SlackUnanswered when they may have been told all the same.
    """
    if not url:
        raise DestinationGone("There is no response_url to answer to.")
    if not _may_be_answered(url):
        raise DestinationGone("The response_url is no https address: nothing is sent there.")
    body = {"response_type": "ephemeral", "replace_original": False, **message}
    try:
        async with httpx.AsyncClient(verify=tls, timeout=10, trust_env=not is_loopback_url(url)) as client:
            answer = await client.post(url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        never_sent = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.InvalidURL)
        kind = SlackUnavailable if never_sent else SlackUnanswered
        # The address is a capability: it stays out of the text.
        raise kind(f"Slack's response_url could not be reached ({type(error).__name__}).", TRY_AGAIN) from None
    if answer.status_code == 429 or answer.status_code >= 500:
        raise (SlackUnavailable if answer.status_code == 429 else SlackUnanswered)(
            f"Slack's response_url answered {answer.status_code}.",
            retry_after=seconds(answer.headers.get("Retry-After")),
        )
    if not answer.is_success:
        raise DestinationGone(f"Slack's response_url answered {answer.status_code}: used up or expired.")


def _may_be_answered(url: str) -> bool:
    scheme = url.partition(":")[0].lower()
    return scheme == "https" or (scheme == "http" and is_loopback_url(url))


def _translated(method: str, error: SlackApiError) -> SlackError:
    response = error.response
    # Where the body was no JSON, slack_sdk hands over aiohttp's response, which names its status otherwise.
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    what = f"Slack refused {method}: {code or f'HTTP {status}'}."
    if status == 429 or fate_of(code) is Fate.PASSING or status >= 500:
        wait = seconds(response.headers.get("Retry-After"))
        kind = SlackUnavailable if status == 429 or code in _LIMITED else SlackUnanswered
        return kind(what, TRY_AGAIN, code=code or f"http_{status}", retry_after=wait)
    if not code:
        return _unreadable(method, status)
    return _ERRORS.get(fate_of(code), SlackError)(what, remedy_of(code), code=code)


def seconds(value: object) -> float | None:
    """A `Retry-After` header as seconds, an hour at most; None when it says nothing usable."""
    try:
        named = float(str(value))
    except ValueError:
        return None
    return min(named, _LONGEST_WAIT) if math.isfinite(named) and named >= 0 else None
