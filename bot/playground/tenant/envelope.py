"""The shapes of the endpoint's answers: results, errors, and the odd ones that faults ask for."""

from __future__ import annotations

import json
import uuid

from starlette.responses import JSONResponse, Response

from .cmdlets import Record
from .errors import CmdletRefused
from .faults import FaultKind

TOO_MANY = "You have reached the maximum number of concurrent requests per tenant. Please wait and try again."

_FAULTY: dict[str, tuple[int, str, str]] = {
    "403": (403, "Forbidden", "Access is denied."),
    "404": (404, "NotFound", "The requested object was not found."),
    "408": (408, "RequestTimeout", "The request timed out."),
    "429": (429, "TooManyRequests", "Too many requests."),
    "429_text": (429, "TooManyRequests", TOO_MANY),
    "500": (500, "InternalServerError", "An unexpected error occurred."),
    "503": (503, "ServiceUnavailable", "The service is unavailable."),
}

_CODES = {400: "BadRequest", 404: "NotFound", 403: "Forbidden"}


def result(
    *, context: str, records: list[Record] | None, warnings: list[str], next_link: str | None
) -> dict[str, object]:
    """The body of an answer that went well."""
    body: dict[str, object] = {"@odata.context": context, "@adminapi.warnings": warnings}
    if records is not None:
        body["value"] = records
    if next_link is not None:
        body["@odata.nextLink"] = next_link
    return body


def cut_short(body: dict[str, object]) -> Response:
    """The first two thirds of an answer, as if a proxy had lost the rest."""
    text = json.dumps(body)
    return Response(text[: len(text) * 2 // 3], media_type="application/json")


def refusal(refused: CmdletRefused) -> JSONResponse:
    """The error tree: a generic message on top, the service's own words in the details and the inner error."""
    return JSONResponse(
        {
            "error": {
                "code": _CODES.get(refused.status, "BadRequest"),
                "message": "Invalid Operation",
                "details": [{"code": "Context", "target": "", "message": f"|{refused.exception_type}|{refused.text}"}],
                "innererror": {
                    "message": "Error executing cmdlet",
                    "type": "Microsoft.Exchange.Admin.OData.Core.ODataServiceException",
                    "stacktrace": "",
                    "internalexception": {
                        "message": refused.text,
                        "type": refused.exception_type,
                        "stacktrace": "",
                    },
                },
            }
        },
        status_code=refused.status,
        headers={"request-id": str(uuid.uuid4())},
    )


def plain_error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> JSONResponse:
    """An error from in front of the cmdlets: no details, no inner error."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status, headers=headers)


def unauthorized(realm: str) -> Response:
    """401: an empty body and a challenge."""
    return Response(status_code=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}", error="invalid_token"'})


def forbidden_nul() -> Response:
    """403 as it has been seen: NUL bytes labelled gzip, so that decoding the body raises."""
    return Response(b"\0" * 64, status_code=403, headers={"Content-Encoding": "gzip"}, media_type="application/json")


def faulty(kind: FaultKind, *, retry_after: int | None) -> Response:
    """The answer for a fault that is a status."""
    if kind == "401":
        return unauthorized("")
    if kind == "403_nul":
        return forbidden_nul()
    if kind == "504":
        return Response("<html><body>504 Gateway Time-out</body></html>", status_code=504, media_type="text/html")
    status, code, message = _FAULTY[kind]
    # A plain 429 always names a time; the other form of it has only its text.
    seconds = 1 if kind == "429" and retry_after is None else retry_after
    return plain_error(status, code, message, None if seconds is None else {"Retry-After": str(seconds)})
