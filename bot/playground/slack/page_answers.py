"""How the page's API answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.playground.slack.interactions import Impossible, Result

Endpoint = Callable[[Request], Awaitable[Response]]


def guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint, with HTTP 400 and a sentence for what nobody could do and for what can't be read."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except Impossible as impossible:
            return problem(str(impossible))
        except ValidationError as invalid:
            found = invalid.errors(include_url=False, include_input=False, include_context=False)
            return problem(
                "; ".join(f"{'.'.join(map(str, error['loc'])) or 'body'}: {error['msg']}" for error in found)
            )

    return answer


def fields(result: Result) -> dict[str, Any]:
    """How it went, for the page."""
    return {
        "ok": result.ok,
        "ack_ms": result.ack_ms,
        "problem": result.problem,
        "delivery_id": result.delivery_id,
    }


def shown(result: Result) -> Response:
    """How it went, as an answer."""
    return JSONResponse(fields(result))


def problem(text: str) -> Response:
    """HTTP 400 with a sentence for a person."""
    return JSONResponse({"problem": text}, status_code=400)
