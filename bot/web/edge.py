"""The HTTP edge: what Slack delivers in HTTP mode, and what an operator's platform asks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import structlog
from slack_bolt.adapter.starlette.async_handler import to_starlette_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_sdk.signature import SignatureVerifier
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot import __version__
from bot.errors import UnreadableJson
from bot.outside_json import read_outside_json
from bot.web.bodies import BodyReader, BodyRefused
from bot.web.certificate_check import answer_get, is_certificate_check
from bot.web.metrics_page import MetricsPage
from bot.web.refusals import RefusalLog

_log = structlog.get_logger(__name__)

_MOST_FIELDS = 100
_MOST_AGE = 300  # seconds; Slack's page on verifying requests
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}")

#: Answers what is reachable and what isn't, by name: {"database": "ok", "slack": "no answer"}.
Readiness = Callable[[], Awaitable[Mapping[str, str]]]


def build_edge(
    *,
    readiness: Readiness,
    slack: AsyncApp | None = None,
    signing_secret: str = "",
    metrics: MetricsPage | None = None,
) -> Starlette:
    """The web application. Without `slack` (Socket Mode) nothing is delivered here; without `metrics` there is no
    /metrics."""
    routes = [Route("/healthz", _healthz, methods=["GET"]), Route("/readyz", _readyz(readiness), methods=["GET"])]
    if metrics is not None:
        routes.append(Route("/metrics", metrics.answer, methods=["GET"]))
    if slack is not None:
        taken = _deliveries(slack, SignatureVerifier(signing_secret))
        routes.append(Route("/slack/events", taken, methods=["POST"]))
        routes.append(Route("/slack/events", answer_get, methods=["GET"]))
    return Starlette(routes=routes)


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse(f"ok {__version__}")


def _readyz(readiness: Readiness) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_request: Request) -> Response:
        checks = await readiness()
        ready = all(state == "ok" for state in checks.values())
        return JSONResponse({"ready": ready, "checks": dict(checks)}, status_code=200 if ready else 503)

    return answer


def _deliveries(slack: AsyncApp, verifier: SignatureVerifier) -> Callable[[Request], Awaitable[Response]]:
    bodies, log = BodyReader(), RefusalLog()

    async def take(request: Request) -> Response:
        # Before the body: who doesn't even claim to be Slack now has none read.
        if not _is_signed_now(verifier, request):
            if await is_certificate_check(request, bodies):
                return Response(status_code=200)
            log.refused("delivery without a signature or with an old timestamp refused")
            await bodies.drop(request)
            return _refusal(401)
        try:
            body = await bodies.read(request)
        except BodyRefused as refused:
            log.refused(refused.why)
            if refused.status == 413:
                await bodies.drop(request)
            return _refusal(refused.status)
        if not _is_signed(verifier, request, body):
            # Neither the body nor any of its parts: whoever sent it chose every byte.
            log.refused("delivery with a bad signature refused")
            return Response(status_code=401)
        return await dispatch(body)

    async def dispatch(body: bytes) -> Response:
        try:
            # As it was read, as bolt takes what comes by Socket Mode. A form it would read itself, and a command whose
            # text has the word "payload" would come out empty.
            delivery = AsyncBoltRequest(mode="socket_mode", body=read_delivery(body))
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
            _log.warning("delivery that can't be read refused", bytes=len(body), kind=type(error).__name__)
            return Response(status_code=400)
        try:
            return to_starlette_response(await slack.async_dispatch(delivery))
        except Exception as error:  # noqa: BLE001 — listeners answer for themselves: what comes here, bolt stumbled over
            _log.error("delivery that could not be taken", bytes=len(body), exc_info=error)
            return Response(status_code=400)

    return take


def _refusal(status: int) -> Response:
    """An answer before the whole request was read: nothing more is taken from this connection."""
    return Response(status_code=status, headers={"Connection": "close"})


def read_delivery(body: bytes) -> dict[str, Any]:
    """What Slack posted: JSON as it is, or a form with a command's fields, or one with JSON in its field `payload`.

    Raises ValueError for anything else. Source: Slack's pages on slash commands, interactivity and the Events API.
    """
    text = body.decode("utf-8")
    try:
        if text.startswith("{"):
            found = read_outside_json(text, most_bytes=len(text))  # what a body may have was held to already
        else:
            fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
            found = read_outside_json(fields["payload"], most_bytes=len(text)) if "payload" in fields else fields
    except UnreadableJson as error:
        raise ValueError(error.why) from None
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 — the text is wrong, not the caller
    return found


def _is_signed_now(verifier: SignatureVerifier, request: Request) -> bool:
    """Whether there is a signature, and a timestamp of the last five minutes; cheap, and no proof of anything."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 15:
        return False
    return _SIGNATURE.fullmatch(signature) is not None and abs(verifier.clock.now() - int(timestamp)) <= _MOST_AGE


def _is_signed(verifier: SignatureVerifier, request: Request, body: bytes) -> bool:
    """Slack's page on verifying requests: HMAC over the raw body, at most five minutes old, constant-time compare."""
    timestamp = request.headers["x-slack-request-timestamp"]
    signature = request.headers["x-slack-signature"]
    try:
        return verifier.is_valid(body, timestamp, signature)
    except UnicodeDecodeError:
        return False  # Slack sends UTF-8
