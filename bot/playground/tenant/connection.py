"""Cutting the connection in the middle of a call, so that the caller never gets an answer."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Receive, Scope, Send


class CutConnection(Response):
    """A response that never comes: the connection is cut without a byte of an answer.

    ASGI has no way to say this. Under uvicorn the channel by which requests are received belongs to an object that
    holds the transport, and the transport can be aborted. Elsewhere an answer is announced and never sent, and the
    server ends the connection when it notices.
    """

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        transport = getattr(getattr(receive, "__self__", None), "transport", None)
        # uvloop's transports aren't subclasses of asyncio's, so they are known by what they can do.
        if callable(abort := getattr(transport, "abort", None)):
            abort()
            while (await receive())["type"] != "http.disconnect":
                pass
            return
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
