"""Loopback only: nobody but this machine, and no web page from elsewhere, gets to the playground.

A page on the internet can make a browser send requests to 127.0.0.1, under a name of its own (DNS rebinding) or
without being allowed to read the answer. So every request must name a loopback host, and what changes something must be
JSON (which a foreign page can't send without asking first) and, if it says where it comes from, come from here.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.playground.slack.web_api import BREAK_CONNECTION

Break = Callable[[Receive], Awaitable[None]]


def is_loopback(host: str) -> bool:
    """Whether this name or address can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class LoopbackOnly:
    """ASGI middleware; the outermost of all, because it gives the inner ones a way to cut a connection."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        problem = _problem(scope)
        if problem is None:
            await self._app({**scope, BREAK_CONNECTION: _breaker(send)}, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": problem})
        else:
            await JSONResponse({"problem": problem}, status_code=403)(scope, receive, send)


def _problem(scope: Scope) -> str | None:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    name = urlsplit(f"//{host}").hostname or ""
    if not is_loopback(name):
        return "The playground answers to loopback names only."
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        return "The playground takes nothing from other sites."
    changes_something = scope["type"] == "http" and scope["method"] not in {"GET", "HEAD"}
    if changes_something and scope["path"].startswith("/api/") and scope["method"] != "DELETE":
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            return "Send application/json."
    return None


def _breaker(send: Send) -> Break:
    async def cut(receive: Receive) -> None:
        # uvicorn's own send is a method of the object that has the transport; ASGI itself has no way to hang up.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        if transport is None:
            msg = "This server offers no way to cut a connection."
            raise RuntimeError(msg)
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass

    return cut
