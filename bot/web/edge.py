"""The HTTP edge: what Slack delivers in HTTP mode, and the two questions that an operator's platform asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

_log = structlog.get_logger(__name__)

#: Slack's largest deliveries carry a view of at most 250 kB, form-encoded.
MAX_BODY = 2 * 1024 * 1024

#: Answers what is reachable and what isn't, by name: {"database": "ok", "slack": "no answer"}.
Readiness = Callable[[], Awaitable[Mapping[str, str]]]


def build_edge(*, readiness: Readiness, slack: AsyncApp | None = None, signing_secret: str = "") -> Starlette:
    """The web application. Without `slack` (Socket Mode) it answers /healthz and /readyz only."""
    routes = [Route("/healthz", _healthz, methods=["GET"]), Route("/readyz", _readyz(readiness), methods=["GET"])]
    if slack is not None:
        routes.append(Route("/slack/events", _deliveries(slack, SignatureVerifier(signing_secret)), methods=["POST"]))
    return Starlette(routes=routes)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")


def _readyz(readiness: Readiness) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        checks = await readiness()
        ready = all(state == "ok" for state in checks.values())
        return JSONResponse({"ready": ready, "checks": dict(checks)}, status_code=200 if ready else 503)

    return answer


def _deliveries(slack: AsyncApp, verifier: SignatureVerifier) -> Callable[[Request], Awaitable[Response]]:
    handler = AsyncSlackRequestHandler(slack)

    async def take(request: Request) -> Response:
        try:
            body = await _limited_body(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        if not _is_signed(verifier, request, body):
            # Neither the body nor any of its parts: whoever sent it chose every byte.
            _log.warning("delivery with a bad signature or an old timestamp refused", bytes=len(body))
            return Response(status_code=401)
        return await handler.handle(request)

    return take


async def _limited_body(request: Request) -> bytes | None:
    """The body, kept on the request for bolt to read again; None when it is too large."""
    size = request.headers.get("content-length", "")
    if size.isdigit() and int(size) > MAX_BODY:
        return None
    chunks: list[bytes] = []
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_BODY:
            return None
        chunks.append(chunk)
    request._body = b"".join(chunks)  # noqa: SLF001 — where Starlette itself keeps a body that was read
    return request._body  # noqa: SLF001


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    """Slack's page on verifying requests: HMAC over the raw body, at most five minutes old, constant-time compare."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not timestamp.isascii() or not timestamp.isdigit() or not signature.isascii() or len(timestamp) > 15:
        return False
    return verifier.is_valid(body, timestamp, signature)
