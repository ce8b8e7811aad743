"""Deliveries over HTTP: signed requests to the bot's request URL."""

from __future__ import annotations

import json
from typing import Any, Literal
from urllib.parse import urlencode

import httpx

from bot.playground.plain_http import NO_AUTHORITIES
from bot.playground.slack.delivery import Ack, Delivery, NotAcknowledged
from bot.playground.slack.signing import signature, signed_headers
from bot.playground.slack.state import SlackState

FORM = "application/x-www-form-urlencoded"
Forgery = Literal["bad_signature", "no_signature", "old_timestamp", "future_timestamp"]
#: Slack's page on verifying requests: refuse a timestamp more than five minutes away. Here it is a minute more, because
#: what comes from the future comes closer on its way.
_TOO_FAR = 360


def encoded(delivery: Delivery) -> bytes:
    """The body: fields for a command, one field `payload` for everything interactive, JSON for an event."""
    if delivery.kind == "event":
        return json.dumps(delivery.payload).encode()
    fields = delivery.payload if delivery.kind == "slash_command" else {"payload": json.dumps(delivery.payload)}
    return urlencode(fields).encode()


class HttpCarrier:
    """Takes deliveries to `bot_url`, which may be set later: the bot often starts after Slack."""

    def __init__(self, *, state: SlackState, bot_url: str | None) -> None:
        self._state = state
        self.bot_url = bot_url
        self._client: httpx.AsyncClient | None = None

    def connected(self) -> bool:
        """Whether the bot has shown itself, and has not been missed since."""
        return self.bot_url is not None and self._state.bot_seen

    async def carry(self, delivery: Delivery, *, retry: int) -> Ack:
        """POST it, signed now."""
        body = encoded(delivery)
        headers = self._headers(body)
        if delivery.kind == "event":
            headers["Content-Type"] = "application/json"
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        response = await self._post(body, headers)
        if response.status_code >= 500:
            raise _unacknowledged("http_service_error", response)
        if response.status_code != 200:
            raise _unacknowledged("http_client_error", response)
        return Ack(body=_body_of(response), status=response.status_code)

    async def forge(self, delivery: Delivery, kind: Forgery) -> httpx.Response:
        """Send what only an impostor would send; the bot's answer, whatever it is."""
        body = encoded(delivery)
        now = int(self._state.clock.now())
        secret = self._state.workspace.credentials.signing_secret
        headers = self._headers(body)
        if kind == "bad_signature":
            headers["X-Slack-Signature"] = signature(secret=secret + "?", timestamp=now, body=body)
        elif kind == "no_signature":
            del headers["X-Slack-Signature"]
        else:
            timestamp = now - _TOO_FAR if kind == "old_timestamp" else now + _TOO_FAR
            headers |= signed_headers(secret=secret, timestamp=timestamp, body=body)
        return await self._post(body, headers)

    async def close(self) -> None:
        """Close the connections to the bot."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _headers(self, body: bytes) -> dict[str, str]:
        secret = self._state.workspace.credentials.signing_secret
        return {
            "Content-Type": FORM,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            **signed_headers(secret=secret, timestamp=int(self._state.clock.now()), body=body),
        }

    async def _post(self, body: bytes, headers: dict[str, str]) -> httpx.Response:
        if self.bot_url is None:
            raise NotAcknowledged("dispatch_failed", "the app has no request URL yet")
        if self._client is None:
            # The bot is on this machine: no proxy, and the limit on time is the caller's. Connections aren't kept: a
            # bot that was restarted must not be judged by one that its predecessor left behind.
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
            patience = httpx.Timeout(None)
            self._client = httpx.AsyncClient(verify=NO_AUTHORITIES, trust_env=False, timeout=patience, limits=limits)
        try:
            return await self._client.post(self.bot_url, content=body, headers=headers)
        except httpx.HTTPError as failed:
            raise NotAcknowledged("dispatch_failed", f"the app can't be reached: {type(failed).__name__}") from failed


def _unacknowledged(code: str, response: httpx.Response) -> NotAcknowledged:
    return NotAcknowledged(code, f"the app answered with HTTP {response.status_code}", status=response.status_code)


def _body_of(response: httpx.Response) -> Any:  # noqa: ANN401 - JSON
    if not response.content:
        return None
    if response.headers.get("content-type", "").startswith("application/json"):
        try:
            return response.json()
        except ValueError:
            raise _unacknowledged("http_client_error", response) from None
    return response.text
