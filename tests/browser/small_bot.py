"""A bot of a few lines on the real wire: posts what a test wants shown, answers deliveries as the test says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.playground.slack.workspace import Credentials

#: Takes a delivery's payload; gives what goes with the acknowledgement, if anything does.
Handler = Callable[[dict[str, Any]], Awaitable[dict[str, Any] | None]]
Blocks = Sequence[dict[str, Any]]


class SmallBot:
    """`on_command` and `on_interaction` may be set at any time; everything that came is in `deliveries`."""

    def __init__(self, *, url: str, credentials: Credentials) -> None:
        base = f"{url}/slack/api/"
        self.web = AsyncWebClient(token=credentials.bot_token, base_url=base)
        self._socket = SocketModeClient(
            app_token=credentials.app_token, web_client=AsyncWebClient(token=credentials.bot_token, base_url=base)
        )
        self._socket.socket_mode_request_listeners.append(self._receive)
        self.on_command: Handler | None = None
        self.on_interaction: Handler | None = None
        self.deliveries: list[dict[str, Any]] = []
        self._arrived = asyncio.Event()

    async def start(self) -> None:
        """Connect."""
        await self._socket.connect()

    async def stop(self) -> None:
        """Disconnect."""
        await self._socket.close()

    async def post(
        self, *, channel: str, text: str, blocks: Blocks | None = None, thread_ts: str | None = None
    ) -> AsyncSlackResponse:
        """Post as Slack advises: with a text, and without unfurling anything."""
        return await self.web.chat_postMessage(
            channel=channel, text=text, blocks=blocks, thread_ts=thread_ts, unfurl_links=False, unfurl_media=False
        )

    async def next_delivery(self) -> dict[str, Any]:
        """The one delivery that came since the last call, or that comes within five seconds."""
        async with asyncio.timeout(5):
            await self._arrived.wait()
        self._arrived.clear()
        (payload,) = self.deliveries
        self.deliveries.clear()
        return payload

    async def _receive(self, client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        self.deliveries.append(request.payload)
        self._arrived.set()
        handler = self.on_command if request.type == "slash_commands" else self.on_interaction
        answer = await handler(request.payload) if handler else None
        await client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id, payload=answer))
