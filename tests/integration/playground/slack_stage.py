"""A playground on loopback, a bot that does as it is told, and the page's API to act as people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qsl

import httpx
import uvicorn
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.playground.plain_http import NO_AUTHORITIES
from bot.playground.prompt_server import PromptServer
from bot.playground.server import Playground
from bot.playground.slack import Clock, Workspace

REQUESTER, APPROVER, VISITOR = "U0REQUEST1", "U0APPROVE1", "U0VISITOR1"
GENERAL, APPROVALS = "C0GENERAL", "C0APPROVALS"
QUIET = {"unfurl_links": False, "unfurl_media": False}

Payload = dict[str, Any]
Answer = Callable[[Payload], Awaitable[Response]]


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "x", **more: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str = "approve", **more: object) -> dict[str, Any]:
    return {"type": "button", "text": plain("Approve"), "action_id": action_id, **more}


def text_input(block_id: str, **more: object) -> dict[str, Any]:
    element = {"type": "plain_text_input", "action_id": "typed", **more}
    return {"type": "input", "block_id": block_id, "label": plain("Reason"), "element": element}


def modal(*blocks: dict[str, Any], **more: object) -> dict[str, Any]:
    content = list(blocks) or [section()]
    return {"type": "modal", "title": plain("A form"), "submit": plain("Send"), "blocks": content, **more}


async def nothing(payload: Payload) -> Response:
    return Response(status_code=200)


def says(body: object) -> Answer:
    async def answer(payload: Payload) -> Response:
        return PlainTextResponse(body) if isinstance(body, str) else JSONResponse(body)

    return answer


@dataclass
class ObedientBot:
    """Keeps what it was sent, and answers what the test wants."""

    answer: Answer = nothing
    payloads: list[Payload] = field(default_factory=list)
    requests: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    async def receive(self, request: Request) -> Response:
        body = await request.body()
        self.requests.append((dict(request.headers), body))
        if body.startswith(b"{"):
            payload: Payload = json.loads(body)
        else:
            fields: Payload = dict(parse_qsl(body.decode(), keep_blank_values=True))
            payload = json.loads(fields["payload"]) if "payload" in fields else fields
        self.payloads.append(payload)
        return await self.answer(payload)


@asynccontextmanager
async def serving_on_a_port(app: Starlette) -> AsyncIterator[int]:
    """Serve an app on a free port, and yield it."""
    server = PromptServer(uvicorn.Config(app, port=0, log_config=None, lifespan="off", ws="none"))
    async with server.serving():
        yield server.servers[0].sockets[0].getsockname()[1]


@dataclass
class Stage:
    playground: Playground
    page: httpx.AsyncClient
    client: AsyncWebClient
    bot: ObedientBot
    clock: Clock

    async def post(self, path: str, **body: object) -> dict[str, Any]:
        if "user" in body:
            body["as"] = body.pop("user")
        response = await self.page.post(path, json=body)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        if "user" in query:
            query["as"] = query.pop("user")
        response = await self.page.get(path, params=query)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    async def command(self, text: str, *, user: str = REQUESTER, channel: str = GENERAL) -> dict[str, Any]:
        return await self.post("/api/command", user=user, channel=channel, text=text)

    async def messages(self, channel: str, *, user: str = REQUESTER) -> list[dict[str, Any]]:
        answer = await self.get("/api/conversation", user=user, channel=channel)
        messages: list[dict[str, Any]] = answer["messages"]
        return messages

    async def view(self, *, user: str = REQUESTER) -> dict[str, Any] | None:
        view: dict[str, Any] | None = (await self.get("/api/view", user=user))["view"]
        return view

    async def broken(self) -> list[str]:
        """The rules that were broken, in order."""
        return [found["rule"] for found in (await self.get("/api/violations"))["violations"]]

    async def hints(self) -> list[str]:
        return [found["rule"] for found in (await self.get("/api/violations"))["hints"]]

    async def call(self, method: str, **arguments: object) -> dict[str, Any]:
        """A Web API call as it is, refused or not."""
        token = self.playground.workspace.credentials.bot_token
        response = await self.page.post(
            f"/slack/api/{method}", json=arguments, headers={"Authorization": f"Bearer {token}"}
        )
        answer: dict[str, Any] = response.json()
        return answer

    def opening(self, view: dict[str, Any], *, method: str = "views.open") -> Answer:
        """Answers by opening this view."""

        async def answer(payload: Payload) -> Response:
            opened = await self.call(method, trigger_id=payload["trigger_id"], view=view)
            assert opened["ok"], opened
            return Response()

        return answer

    async def opened(self, view: dict[str, Any], *, user: str = REQUESTER) -> dict[str, Any]:
        """The person's view, opened by a command."""
        self.bot.answer = self.opening(view)
        assert (await self.command("/block", user=user))["ok"]
        self.bot.answer = nothing
        shown = await self.view(user=user)
        assert shown is not None
        return shown

    async def card(self, *blocks: dict[str, Any]) -> str:
        """A message of the bot in the approval channel; its ts."""
        answer = await self.call("chat.postMessage", channel=APPROVALS, text="A card", blocks=list(blocks), **QUIET)
        assert answer["ok"], answer
        ts: str = answer["ts"]
        return ts


@asynccontextmanager
async def open_stage(
    *, mode: Literal["http", "socket"] = "http", workspace: Workspace | None = None, ack_limit: float = 30.0
) -> AsyncIterator[Stage]:
    clock = Clock(running=False)
    bot = ObedientBot()
    app = Starlette(routes=[Route("/slack/events", bot.receive, methods=["POST"])])
    playground = Playground(port=0, mode=mode, workspace=workspace, clock=clock, ack_limit=ack_limit)
    async with (
        serving_on_a_port(app) as port,
        playground,
        httpx.AsyncClient(verify=NO_AUTHORITIES, base_url=playground.url, trust_env=False) as page,
    ):
        bot.url = f"http://127.0.0.1:{port}/slack/events"
        playground.reach_bot_at(bot.url)
        settings = playground.environment()
        client = AsyncWebClient(
            token=settings["PORTCULLIS_SLACK_BOT_TOKEN"], base_url=settings["PORTCULLIS_SLACK_API_URL"]
        )
        yield Stage(playground=playground, page=page, client=client, bot=bot, clock=clock)
