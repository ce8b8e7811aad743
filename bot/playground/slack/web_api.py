"""The Web API's front door: tokens, faults on demand, arguments, and the book of calls.

Slack answers almost everything with HTTP 200 and an `ok`. Source: https://docs.slack.dev/apis/web-api
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from bot.playground.slack import (
    chat_methods,
    file_methods,
    history_methods,
    people_methods,
    step_methods,
    view_methods,
)
from bot.playground.slack.api_errors import Refused
from bot.playground.slack.arguments import Arguments, read_arguments
from bot.playground.slack.faults import TAKES_EFFECT, Fault
from bot.playground.slack.method_registry import Method
from bot.playground.slack.state import SlackState

METHODS: dict[str, Method] = (
    chat_methods.METHODS
    | history_methods.METHODS
    | people_methods.METHODS
    | view_methods.METHODS
    | file_methods.METHODS
    | step_methods.METHODS
)
#: Sent by SDKs with any method: the token, and which workspace is meant.
_ALWAYS_KNOWN = frozenset({"token", "team_id"})

#: The key under which the server puts a way to break the connection into the scope.
BREAK_CONNECTION = "playground.break_connection"


class BrokenConnection(Response):
    """No answer at all: the connection is cut, by the means that the server put into the scope."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's shape
        """Cut it."""
        cut: Callable[[Receive], Awaitable[None]] = scope[BREAK_CONNECTION]
        await cut(receive)


class WebApi:
    """Judges each call and answers it."""

    def __init__(self, state: SlackState) -> None:
        self._state = state

    def routes(self) -> list[Route]:
        """Where the SDK's `base_url` points."""
        return [Route("/slack/api/{method}", self._endpoint, methods=["GET", "POST"])]

    async def _endpoint(self, request: Request) -> Response:
        name = request.path_params["method"]
        state = self._state
        try:
            args = await read_arguments(request)
        except Refused as refused:
            return self._refuse(name, {}, refused)
        noted = {key: value for key, value in args.values.items() if key != "token"}
        wait = state.limits.wait(name, args.text("channel"))
        if wait is not None:
            return self._play(name, noted, Fault(error="ratelimited", retry_after=wait))
        fault = state.faults.next(name, args.text("channel"))
        if fault is not None and fault.error == "late":
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.error not in TAKES_EFFECT:
            if fault.error == "silent":
                await _until_they_hang_up(request)
            return self._play(name, noted, fault)
        try:
            answer = {"ok": True, **self._answer(name, request, args)}
        except Refused as refused:
            return self._refuse(name, noted, refused)
        state.ledger.call(name, noted).answer = answer
        match fault.error if fault is not None else "":
            case "drop_after":
                return BrokenConnection()
            case "silent_after":
                await _until_they_hang_up(request)
            case "slow" if fault is not None:
                await asyncio.sleep(fault.seconds)
        return JSONResponse(answer)

    def _answer(self, name: str, request: Request, args: Arguments) -> dict[str, Any]:
        method = METHODS.get(name)
        if method is None:
            raise Refused("unknown_method", broke=f"there is no method {name} here")
        self._require_token(method, request, args)
        if args.from_json and not method.takes_json:
            raise Refused("invalid_arguments", broke=f"{name} takes form fields, not JSON")
        unknown = sorted(args.values.keys() - method.arguments - _ALWAYS_KNOWN)
        if unknown:
            what = f"{name} knows no argument {', '.join(unknown)}"
            self._state.ledger.violation("unknown_argument", what, call=name)
        return method.handler(self._state, args)

    def _require_token(self, method: Method, request: Request, args: Arguments) -> None:
        header = request.headers.get("authorization", "")
        sent = header.removeprefix("Bearer ") if header.startswith("Bearer ") else args.text("token")
        if not sent:
            raise Refused("not_authed", broke="the call has no token")
        credentials = self._state.workspace.credentials
        kind = None
        for known, token in (("bot", credentials.bot_token), ("app", credentials.app_token)):
            if hmac.compare_digest(sent.encode(), token.encode()):
                kind = known
        if kind is None:
            raise Refused("invalid_auth", broke="the token is unknown")
        if method.caller not in {"any", kind}:
            raise Refused("not_allowed_token_type", broke=f"this method needs the {method.caller} token")

    def _refuse(self, name: str, params: dict[str, Any], refused: Refused) -> Response:
        answer: dict[str, Any] = {"ok": False, "error": refused.code, **refused.more}
        if refused.messages:
            answer["response_metadata"] = {"messages": list(refused.messages)}
        self._state.ledger.call(name, params).answer = answer
        if refused.broke is not None:
            self._state.ledger.violation(refused.code, refused.broke, call=name)
        return JSONResponse(answer)

    def _play(self, name: str, params: dict[str, Any], fault: Fault) -> Response:
        call = self._state.ledger.call(name, params)
        call.answer = {"ok": False, "error": fault.error}
        if fault.error == "ratelimited":
            call.status = 429
            return JSONResponse(call.answer, status_code=429, headers={"Retry-After": str(fault.retry_after)})
        if fault.error.startswith("http_"):
            call.status = int(fault.error.removeprefix("http_"))
            return PlainTextResponse("Server Error", status_code=call.status)
        if fault.error == "drop_before":
            return BrokenConnection()
        return JSONResponse(call.answer)


async def _until_they_hang_up(request: Request) -> None:
    while not await request.is_disconnected():  # noqa: ASYNC110 - whoever hangs up tells nobody else
        await asyncio.sleep(0.1)
