"""The Slack stand-in as a whole: one workspace, its Web API, the way to the bot, and the page's API."""

from __future__ import annotations

from starlette.routing import BaseRoute

from bot.playground.slack import file_transfer, response_urls
from bot.playground.slack.clock import Clock
from bot.playground.slack.delivery import ACK_LIMIT, Deliveries, Mode
from bot.playground.slack.http_carrier import HttpCarrier
from bot.playground.slack.interactions import Interactions
from bot.playground.slack.page_api import PageApi
from bot.playground.slack.socket_carrier import SocketCarrier
from bot.playground.slack.state import SlackState
from bot.playground.slack.web_api import WebApi
from bot.playground.slack.workspace import Workspace


class SlackStandIn:
    """Strict Slack for one workspace and one app.

    `mode` says how the bot is reached; for `http`, `bot_url` is its request URL, which may be set later with
    `reach_bot_at`. `clock` and `ack_limit` (seconds) are for tests that can't wait.
    """

    def __init__(
        self,
        *,
        workspace: Workspace,
        mode: Mode,
        bot_url: str | None = None,
        clock: Clock | None = None,
        ack_limit: float = ACK_LIMIT,
    ) -> None:
        self.mode: Mode = mode
        self.state = SlackState(workspace=workspace, clock=clock)
        self._http = HttpCarrier(state=self.state, bot_url=bot_url)
        self._socket = SocketCarrier(state=self.state)
        carrier = self._http if mode == "http" else self._socket
        self.deliveries = Deliveries(state=self.state, carrier=carrier, ack_limit=ack_limit)
        self.interactions = Interactions(state=self.state, deliveries=self.deliveries)
        self._web_api = WebApi(self.state)
        self._page_api = PageApi(
            state=self.state,
            interactions=self.interactions,
            deliveries=self.deliveries,
            carrier=carrier,
            mode=mode,
        )

    def routes(self) -> list[BaseRoute]:
        """What the bot calls: Web API, uploads, response_urls, Socket Mode."""
        return [
            *self._web_api.routes(),
            *file_transfer.routes(self.state),
            *response_urls.routes(self.state),
            *self._socket.routes(),
        ]

    def page_routes(self) -> list[BaseRoute]:
        """What the page calls."""
        return [*self._page_api.routes(), *file_transfer.page_routes(self.state)]

    @property
    def connections(self) -> int:
        """How many Socket Mode connections the bot has open."""
        return self._socket.connections

    def reach_bot_at(self, url: str) -> None:
        """Where HTTP deliveries go from now on."""
        self._http.bot_url = url

    def listening_at(self, base_url: str) -> None:
        """The server's own address, for every address that is handed out."""
        self.state.base_url = base_url

    async def close(self) -> None:
        """Let go of every connection and of everybody who waits."""
        self.state.changes.close()
        await self._socket.close()
        await self._http.close()
