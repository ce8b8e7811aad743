"""How Microsoft Graph refuses: an error object with a code, a message, and the ids of the request.

Source: Microsoft Graph, "Microsoft Graph error responses and resource types".
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from starlette.responses import JSONResponse

from .faults import FaultKind

_CODES = {
    400: "BadRequest",
    401: "InvalidAuthenticationToken",
    403: "Forbidden",
    404: "ResourceNotFound",
    405: "MethodNotAllowed",
    408: "RequestTimeout",
    413: "RequestEntityTooLarge",
    415: "UnsupportedMediaType",
    429: "TooManyRequests",
    500: "InternalServerError",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}

#: What a fault that is a status says.
FAULTY: dict[FaultKind, tuple[int, str]] = {
    "401": (401, "Access token has expired or is not yet valid."),
    "403": (403, "Access is denied."),
    "403_nul": (403, "Access is denied."),
    "404": (404, "The resource could not be found."),
    "408": (408, "The request timed out."),
    "429": (429, "Too many requests."),
    "429_text": (429, "Too many requests."),
    "500": (500, "An unexpected error occurred."),
    "503": (503, "The service is unavailable."),
    "504": (504, "The gateway did not answer in time."),
}


class GraphRefused(Exception):
    """The call did nothing."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status


def error_answer(
    status: int, text: str, *, client_request_id: str = "", retry_after: int | None = None
) -> JSONResponse:
    """The error object, with the ids under `innerError`."""
    return JSONResponse(
        {
            "error": {
                "code": _CODES.get(status, "UnknownError"),
                "message": text,
                "innerError": {
                    "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
                    "request-id": str(uuid.uuid4()),
                    "client-request-id": client_request_id or str(uuid.uuid4()),
                },
            }
        },
        status_code=status,
        headers=None if retry_after is None else {"Retry-After": str(retry_after)},
    )
