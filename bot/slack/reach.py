"""Whether Slack can be reached and takes our tokens, noticed by the calls that are made anyway.

* no connection, no answer in time, HTTP 5xx, an answer that isn't Slack's → Slack can't be reached
* `token_revoked`, `invalid_auth`, `accesslimited`, … → Slack refuses the token that was sent, whatever is called
* any other answer → it can be reached; and it takes the token, unless it was too busy to look at it
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import StrEnum
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.metrics import Metrics
from bot.slack.bounded_client import BoundedClient
from bot.slack.error_codes import Fate, fate_of, remedy_of

_log = structlog.get_logger(__name__)

#: So long, in seconds, an answer is waited for, unless somebody says otherwise.
PATIENCE = 10.0

#: Slack counts as out of reach once every call has failed for so long, in seconds.
UNREACHABLE_AFTER = 20.0

#: Source: the errors that https://docs.slack.dev/reference/methods/auth.test lists.
TOKEN_REFUSED = frozenset(
    {
        *("token_revoked", "token_expired", "invalid_auth", "account_inactive", "not_authed"),
        # What the workspace's admins have set: from this machine's address, in this workspace, or at all.
        *("accesslimited", "team_access_not_granted", "enterprise_is_restricted", "two_factor_setup_required"),
    }
)

#: The methods that take the app-level token; all others take the bot's.
_BY_APP_TOKEN = frozenset({"apps.connections.open"})


class SlackToken(StrEnum):
    """The tokens that the operator sets, as people are told of them."""

    BOT = "bot token"
    APP = "app-level token"


_REMEDIES = {
    SlackToken.BOT: "Install the app again, set the new SLACK_BOT_TOKEN and start Portcullis anew.",
    SlackToken.APP: "Make an app-level token with connections:write, set SLACK_APP_TOKEN and start Portcullis anew.",
}

#: Where another token would be refused too.
_BY_ADMINS = {
    "accesslimited": remedy_of("accesslimited"),
    "team_access_not_granted": remedy_of("team_access_not_granted"),
    "enterprise_is_restricted": "The organization's admins don't let apps in: ask them.",
    "two_factor_setup_required": "Whoever installed the app has to set up two-factor sign-in in Slack.",
}


class SlackReach:
    """What the calls of one process have shown so far. `now` counts seconds, from any time on."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self._failing_since: float | None = None
        self._last_call_at = now()
        self._refused: dict[SlackToken, str] = {}

    @property
    def quiet_for(self) -> float:
        """For how many seconds no call has ended."""
        return self.now() - self._last_call_at

    @property
    def is_in_doubt(self) -> bool:
        """Whether the last calls have failed, or the bot token was refused: another call would tell more."""
        return self._failing_since is not None or SlackToken.BOT in self._refused

    def problems(self) -> tuple[str, ...]:
        """What is wrong, a sentence or two each; nothing where all is well. No token and no address is in them."""
        found = []
        failing = 0.0 if self._failing_since is None else self.now() - self._failing_since
        if failing >= UNREACHABLE_AFTER:
            found.append(f"Slack has not been reachable for {failing:.0f} seconds.")
        refused = (
            f"Slack refuses the {token} ({code}). {_BY_ADMINS.get(code) or _REMEDIES[token]}"
            for token, code in sorted(self._refused.items())
        )
        return (*found, *refused)

    def note_failure(self, *, began: float) -> None:
        """A call that began then has found no Slack."""
        self._last_call_at = self.now()
        if self._failing_since is None:
            self._failing_since = began

    def note_answer(self, method: str, *, code: str = "") -> None:
        """Slack has answered a call; `code` is its error, if it was one."""
        self._last_call_at = self.now()
        self._failing_since = None
        token = SlackToken.APP if method in _BY_APP_TOKEN else SlackToken.BOT
        if code in TOKEN_REFUSED:
            if self._refused.get(token) != code:  # nobody can be told in Slack
                _log.error("Slack refuses a token", which=token.value, code=code)
            self._refused[token] = code
        elif fate_of(code) is not Fate.PASSING and self._refused.pop(token, ""):
            _log.info("Slack takes a token again", which=token.value)


class NotingClient(BoundedClient):
    """A Web API client that tells its `reach` what became of each call, and counts it in its `metrics`: done, refused,
    throttled, failed, or given up by whoever was in a hurry."""

    def __init__(self, *, reach: SlackReach, metrics: Metrics, **options: Any) -> None:  # noqa: ANN401 - slack_sdk's own
        super().__init__(**options)
        self.reach = reach
        self.served = ""  #: the workspace that is served, once that is known
        self._metrics = metrics

    async def api_call(self, api_method: str, **arguments: Any) -> AsyncSlackResponse:  # noqa: ANN401 - slack_sdk's own
        """The call, as slack_sdk makes it.

        One that is cancelled says nothing, because somebody was in a hurry, unless it was waited for as long as usual.
        """
        began, outcome = self.reach.now(), "failed"
        try:
            answer = await super().api_call(api_method, **arguments)
            self.reach.note_answer(api_method)
            outcome = "done"
        except SlackApiError as error:
            outcome = self._note_refusal(api_method, error, began=began)
            raise
        except asyncio.CancelledError:
            outcome = "given_up"
            if self.reach.now() - began > 0.9 * PATIENCE:
                self.reach.note_failure(began=began)
            raise
        except (TimeoutError, aiohttp.ClientError, SlackClientError, OSError, AttributeError, TypeError, ValueError):
            # slack_sdk expects a JSON object, and stumbles over anything else: that was somebody else's answer.
            self.reach.note_failure(began=began)
            raise
        finally:
            self._metrics.slack_call(api_method, outcome, seconds=self.reach.now() - began)
        return answer

    def _note_refusal(self, method: str, error: SlackApiError, *, began: float) -> str:
        """How the call counts."""
        response = error.response
        # Where the body was no JSON, slack_sdk hands over aiohttp's response, which names its status otherwise.
        status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
        data = getattr(response, "data", None)
        code = str(data.get("error") or "") if isinstance(data, dict) else ""
        if status == 429 or (code and status < 500):
            self.reach.note_answer(method, code=code or "ratelimited")
            return "throttled" if status == 429 else "refused"
        self.reach.note_failure(began=began)
        return "failed"
