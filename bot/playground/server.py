"""The playground's server: Slack, the tenant and the web page in one Starlette app, on loopback.

playground = Playground(mode="socket", workspace=Workspace(), tenant=TenantStandIn())
await playground.start()
os.environ.update(playground.environment())    # points a bot at it
...
await playground.stop()
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import urlencode

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.playground import PORT
from bot.playground.guard import LoopbackOnly, is_loopback
from bot.playground.prompt_server import PromptServer
from bot.playground.slack import Clock, Mode, SlackStandIn, Workspace
from bot.playground.slack.delivery import ACK_LIMIT

PAGE = Path(__file__).parent / "page"


class Tenant(Protocol):
    """What the server needs of the tenant stand-in."""

    #: Called after every change that the page would show; the server sets it.
    on_change: Callable[[], None] | None

    def routes(self) -> Sequence[BaseRoute]:
        """What the bot calls, relative to `/tenant`."""
        ...

    def page_routes(self) -> Sequence[BaseRoute]:
        """What the page calls, relative to `/api/tenant`."""
        ...

    def environment(self, base_url: str) -> dict[str, str]:
        """The settings that point a bot at the tenant; `base_url` is the server's address, without `/tenant`."""
        ...


class NotLoopback(ValueError):
    """The playground was asked to listen where others could reach it."""


class Playground:
    """Slack and, if there is one, the tenant, for one bot.

    Keyword arguments: `host` (a loopback address) and `port` (0 picks a free one); `mode`, how Slack reaches the bot;
    `bot_url`, the bot's request URL for `http`, which may also be set later with `reach_bot_at`; `workspace`, who is
    in it; `tenant`, anything that has what `Tenant` names; `clock` and `ack_limit` (seconds), for tests; `limits`,
    whether Slack limits how often it takes a call.

    Raises NotLoopback when `host` is anything but this machine.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = PORT,
        mode: Mode = "socket",
        bot_url: str | None = None,
        workspace: Workspace | None = None,
        tenant: Tenant | None = None,
        clock: Clock | None = None,
        ack_limit: float = ACK_LIMIT,
        limits: bool = False,
    ) -> None:
        if not is_loopback(host):
            msg = f"The playground listens on loopback only, and {host} is not: use 127.0.0.1."
            raise NotLoopback(msg)
        self.host = host
        self.port = port
        self.workspace = workspace or Workspace()
        self.tenant = tenant
        self.slack = SlackStandIn(
            workspace=self.workspace, mode=mode, bot_url=bot_url, clock=clock, ack_limit=ack_limit
        )
        self.slack.state.limits.on = limits
        if tenant is not None:
            tenant.on_change = self.slack.state.changes.bump
        self._serving: AsyncExitStack | None = None

    @property
    def url(self) -> str:
        """The page's address, without a slash at its end. The port is the real one once the server listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def app(self) -> ASGIApp:
        """The whole as one ASGI app."""
        routes: list[BaseRoute] = [
            Route("/", _page, methods=["GET"]),
            Route("/archives/{channel}/{message}", _conversation, methods=["GET"]),
            *self.slack.routes(),
            *self.slack.page_routes(),
        ]
        if self.tenant is not None:
            routes += [
                Mount("/api/tenant", routes=self.tenant.page_routes()),
                Mount("/tenant", routes=self.tenant.routes()),
            ]
        if PAGE.is_dir():
            routes.append(Mount("/static", app=StaticFiles(directory=PAGE)))
        return LoopbackOnly(Starlette(routes=routes, middleware=[Middleware(_PageHeaders)]))

    def environment(self) -> dict[str, str]:
        """The settings (`PORTCULLIS_…`) that point a bot at this playground. Call it after `start`."""
        workspace, credentials = self.workspace, self.workspace.credentials
        slack = {
            "SLACK_MODE": self.slack.mode,
            "SLACK_BOT_TOKEN": credentials.bot_token,
            "SLACK_APP_TOKEN": credentials.app_token,
            "SLACK_SIGNING_SECRET": credentials.signing_secret,
            "SLACK_API_URL": f"{self.url}/slack/api/",
            "SLACK_TEAM_ID": workspace.team_id,
            "APPROVAL_CHANNEL": workspace.approval_channel,
            "ALERT_CHANNEL": workspace.alert_channel,
            "REQUESTERS": ",".join(workspace.requesters),
            "APPROVERS": ",".join(workspace.approvers),
            "EMERGENCY": ",".join(workspace.emergency),
            "AUDITORS": ",".join(workspace.auditors),
        }
        settings = {f"PORTCULLIS_{name}": value for name, value in slack.items()}
        if self.tenant is not None:
            settings |= self.tenant.environment(self.url)
        return settings

    def reach_bot_at(self, url: str) -> None:
        """Where HTTP deliveries go: the bot's request URL, such as `http://127.0.0.1:3000/slack/events`."""
        self.slack.reach_bot_at(url)

    async def start(self) -> None:
        """Listen, in the running loop. Raises OSError when the port is taken."""
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        # asyncio switches Nagle's algorithm off only where the protocol is named; with it, each answer waits 40 ms.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
        except OSError:
            listener.close()
            raise
        self.port = listener.getsockname()[1]
        self.slack.listening_at(self.url)
        config = uvicorn.Config(
            self.app(),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="websockets-sansio",
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        serving = AsyncExitStack()
        await serving.enter_async_context(PromptServer(config).serving([listener]))
        self._serving = serving

    async def stop(self) -> None:
        """Hang up and stop listening."""
        if self._serving is None:
            return
        await self.slack.close()
        await self._serving.aclose()
        self._serving = None

    async def __aenter__(self) -> Self:
        """Start."""
        await self.start()
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Stop."""
        await self.stop()


#: Nothing is kept by the browser, and whatever a message says, the page loads nothing from elsewhere.
_PAGE_HEADERS = (
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
)


class _PageHeaders:
    """Puts the same careful headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_header(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *_PAGE_HEADERS]}
            await send(message)

        await self._app(scope, receive, with_header)


async def _conversation(request: Request) -> RedirectResponse:
    """A link to a message, as Slack has them: the page opens at its conversation."""
    return RedirectResponse(f"/?{urlencode({'channel': request.path_params['channel']})}")


async def _page(request: Request) -> FileResponse:  # noqa: ARG001 - an endpoint's shape
    return FileResponse(PAGE / "index.html")
