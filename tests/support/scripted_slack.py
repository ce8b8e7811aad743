"""A Slack that answers what a test has queued, byte for byte if need be: for what the stand-in would never say."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.prompt_server import PromptServer

Answer = Response | Callable[[], Awaitable[Response]]


@dataclass
class ScriptedSlack:
    """What Slack answers, by method, and what it was asked. `answers` serves when nothing is queued."""

    url: str = ""
    queued: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    queries: list[Mapping[str, str]] = field(default_factory=list)  #: what each call had in its address, beside `asked`
    callers: list[int] = field(default_factory=list)  #: the port from which each call came, and so its connection
    called: asyncio.Event = field(default_factory=asyncio.Event)  #: set at each call

    async def asked_for(self, method: str, *, times: int) -> list[bytes]:
        """The bodies of all calls of a method, once it was called so often: of what is done beside an answer."""
        async with asyncio.timeout(30):
            while self.count(method) < times:
                self.called.clear()
                await self.called.wait()
        return [body for asked, _, body in self.asked if asked == method]

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    def queue(self, method: str, *answers: Answer) -> None:
        self.queued[method].extend(answers)

    def count(self, method: str) -> int:
        return sum(asked == method for asked, _, _ in self.asked)

    async def answer(self, request: Request) -> Response:
        method = request.path_params["method"]
        self.asked.append((method, dict(request.headers), await request.body()))
        self.queries.append(dict(request.query_params))
        self.callers.append(0 if request.client is None else request.client.port)
        self.called.set()
        queued = self.queued[method]
        answer = queued.popleft() if queued else self.answers.get(method, refused("unknown_method"))
        return answer if isinstance(answer, Response) else await answer()


def ok(headers: Mapping[str, str] | None = None, **fields: Any) -> Response:  # noqa: ANN401 - any JSON
    return JSONResponse({"ok": True, **fields}, headers=dict(headers or {}))


def refused(code: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return JSONResponse({"ok": False, "error": code}, status_code=status, headers=dict(headers or {}))


def raw(body: object, *, status: int = 200, content_type: str = "application/json") -> Response:
    content = body if isinstance(body, (str, bytes)) else json.dumps(body)
    return Response(content, status_code=status, media_type=content_type)


@asynccontextmanager
async def scripted_slack(*, certificate: Path | None = None, port: int = 0) -> AsyncIterator[ScriptedSlack]:
    """Run it on a port of this machine, by default a free one; over https with `certificate` (PEM with its key)."""
    slack = ScriptedSlack()
    app = Starlette(
        routes=[
            Route("/api/{method}", slack.answer, methods=["GET", "POST"]),
            Route("/{method}", slack.answer, methods=["POST"]),
        ]
    )
    with socket.create_server(("127.0.0.1", port)) as listener:
        config = uvicorn.Config(
            app, log_config=None, lifespan="off", ws="none", ssl_certfile=certificate, timeout_graceful_shutdown=1
        )
        slack.url = f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        async with PromptServer(config).serving([listener]):
            yield slack
