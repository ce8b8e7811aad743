"""A scripted service on loopback: a token endpoint, and an admin endpoint that answers what the test has queued."""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.playground.prompt_server import PromptServer

TENANT_ID = "11111111-2222-3333-4444-555555555555"
CLIENT_ID = "66666666-7777-8888-9999-000000000000"

Script = Callable[["Received"], Response]


@dataclass(frozen=True)
class Received:
    """One request to the admin endpoint, as it came in."""

    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def cmdlet(self) -> str:
        return str(self.body["CmdletInput"]["CmdletName"])

    @property
    def parameters(self) -> Mapping[str, Any]:
        return dict(self.body["CmdletInput"]["Parameters"])

    @property
    def token(self) -> str:
        return self.headers["authorization"].removeprefix("Bearer ")


@dataclass
class Scripted:
    """What the service answers, and what it was asked."""

    url: str = ""
    queue: deque[Response | Script] = field(default_factory=deque)
    by_cmdlet: dict[str, Script] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    token_queue: deque[Response] = field(default_factory=deque)
    token_forms: list[dict[str, str]] = field(default_factory=list)
    discoveries: list[str] = field(default_factory=list)
    discovery_answer: Response | None = None
    token_url: str | None = None
    issued: list[str] = field(default_factory=list)

    async def discovery(self, request: Request) -> Response:
        self.discoveries.append(request.url.path)
        if self.discovery_answer is not None:
            return self.discovery_answer
        base = f"{self.url}/{request.path_params['tenant']}/oauth2/v2.0"
        return JSONResponse(
            {
                "issuer": f"{self.url}/{request.path_params['tenant']}/v2.0",
                "authorization_endpoint": f"{base}/authorize",
                "token_endpoint": self.token_url or f"{base}/token",
            }
        )

    async def token(self, request: Request) -> Response:
        self.token_forms.append(dict(parse_qsl((await request.body()).decode())))
        if self.token_queue:
            return self.token_queue.popleft()
        self.issued.append(secrets.token_hex(8))
        return JSONResponse({"token_type": "Bearer", "expires_in": 3599, "access_token": self.issued[-1]})

    async def invoke(self, request: Request) -> Response:
        received = Received(url=str(request.url), headers=dict(request.headers), body=await request.json())
        self.received.append(received)
        answer: Response | Script
        if received.cmdlet in self.by_cmdlet:
            answer = self.by_cmdlet[received.cmdlet]
        elif self.queue:
            answer = self.queue.popleft()
        else:
            answer = JSONResponse({"value": []})
        return answer if isinstance(answer, Response) else answer(received)


def refusal(status: int, text: str, *, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the admin endpoint words it."""
    return JSONResponse(
        {
            "error": {
                "code": "Error",
                "message": "Invalid Operation",
                "details": [{"code": "Context", "target": "", "message": f"|System.ArgumentException|{text}"}],
                "innererror": {"internalexception": {"message": text, "type": "System.ArgumentException"}},
            }
        },
        status_code=status,
        headers=dict(headers or {}),
    )


def page(*values: Mapping[str, Any], next_link: str | None = None, warnings: tuple[str, ...] = ()) -> Response:
    """A successful answer."""
    content: dict[str, Any] = {"value": list(values), "@adminapi.warnings": list(warnings)}
    if next_link is not None:
        content["@odata.nextLink"] = next_link
    return JSONResponse(content)


@asynccontextmanager
async def serving(*, certificate: Path | None = None) -> AsyncIterator[Scripted]:
    """Run the scripted service on a free port; over https with `certificate` (PEM with its key)."""
    scripted = Scripted()
    app = Starlette(
        routes=[
            Route("/{tenant}/v2.0/.well-known/openid-configuration", scripted.discovery),
            Route("/{tenant}/oauth2/v2.0/token", scripted.token, methods=["POST"]),
            Route("/adminapi/beta/{tenant}/InvokeCommand", scripted.invoke, methods=["POST"]),
        ]
    )
    async with serving_app(app, certificate=certificate) as scripted.url:
        yield scripted


@asynccontextmanager
async def serving_app(app: Starlette, *, certificate: Path | None = None) -> AsyncIterator[str]:
    """Serve an app on a free port of this machine, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        # Without it each answer waits 40 ms for an acknowledgement: asyncio sets it on sockets that it made itself.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(
            app,
            log_config=None,
            lifespan="off",
            ws="none",
            ssl_certfile=certificate,
            timeout_graceful_shutdown=1,
        )
        async with PromptServer(config).serving([listening]):
            yield f"{'https' if certificate else 'http'}://127.0.0.1:{listening.getsockname()[1]}"


@asynccontextmanager
async def raw_serving(answer: bytes, *, then_wait: bool = False) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that reads one whole request, writes these bytes and closes (or, with `then_wait`, never closes).

    For answers that no well-behaved HTTP server would give. Yields its address and the requests that it read.
    """
    requests: list[bytes] = []
    hold = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
            )
            requests.append(head + await reader.readexactly(length))
            writer.write(answer)
            await writer.drain()
            if then_wait:
                await hold.wait()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests
    finally:
        hold.set()
        server.close()
        await server.wait_closed()


def http_answer(status: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """An HTTP/1.1 answer as bytes; the caller decides what it claims."""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def as_json(value: object) -> bytes:
    return json.dumps(value).encode()
