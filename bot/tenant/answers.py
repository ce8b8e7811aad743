"""What an answer of the admin endpoint means: which error a status is, and the service's own words for it.

Source: the statuses and error bodies that the Exchange Online PowerShell module gets from `InvokeCommand`; see also
Microsoft's "App-only authentication for unattended scripts in Exchange Online" for what 401 and 403 stand for.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    ValueRefused,
)

_CONCURRENCY = "maximum number of concurrent requests"
_PAGINATION = "expired or invalid pagination"
_LONGEST_SERVICE_TEXT = 500

REMEDY_SIGN_IN = (
    "Check that the app registration has the application permission Exchange.ManageAsApp (Office 365 Exchange Online) "
    "with admin consent in Microsoft Entra, and that its certificate or secret is current."
)
REMEDY_ROLE = (
    "Give the app's service principal a directory role in Microsoft Entra: Security Reader is enough to read, Exchange "
    "Administrator is the documented role to write with."
)
REMEDY_WAIT = "Wait a little; it is tried again."
REMEDY_READ_BACK = "Read the list before doing anything else: the change may have been made."

_REMEDY_OTHER_SERVICE = "Check EXCHANGE_URL: something other than the expected service has answered."
_REFUSALS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "Correct the value, or look at what the list already holds.",
    HTTPStatus.NOT_FOUND: "Check TENANT_ID; if it is right, the entry or policy isn't there (any more, or yet).",
}


def service_text(body: bytes) -> str:
    """The most telling text in an error's body: the internal exception's, else the first detail's, else the message.

    Empty when the body holds none, whatever it holds instead.
    """
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    if not isinstance(error, Mapping):
        return ""
    details = error.get("details")
    detail = details[0] if isinstance(details, list) and details else None
    for candidate in (
        _path(error, "innererror", "internalexception", "message"),
        _without_type(_path(detail, "message")),
        _path(error, "message"),
    ):
        if candidate:
            return candidate[:_LONGEST_SERVICE_TEXT]
    return ""


def _path(value: object, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return " ".join(value.split()) if isinstance(value, str) else ""


def _without_type(text: str) -> str:
    """`|System.ArgumentException|Text` without the type in front."""
    if text.startswith("|") and text.count("|") >= 2:
        return text.split("|", 2)[2].strip()
    return text


def retry_after(header: str | None, *, now: datetime) -> float | None:
    """The seconds that a Retry-After header asks to wait, given as seconds or as a date; None when it says nothing."""
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def error_for(
    status: int, body: bytes, *, cmdlet: str, write: bool, reference: str, wait: float | None = None
) -> TenantError:
    """The error that an answer other than success stands for.

    `reference` is the call's `client-request-id`, for Microsoft's support; `wait` is its Retry-After in seconds.
    """
    text = service_text(body)
    said = f": {text}" if text else "."
    call = f"{cmdlet} (reference {reference})"
    if status == HTTPStatus.TOO_MANY_REQUESTS or _CONCURRENCY in text.lower():
        what = f"The tenant has too many calls at once for {call}{said}"
        return Throttled(what, REMEDY_WAIT, retry_after=wait, service_text=text)
    kind: type[TenantError]
    if status == HTTPStatus.UNAUTHORIZED:
        kind, what, remedy = SignInFailed, f"The tenant refused the token for {call}{said}", REMEDY_SIGN_IN
    elif status == HTTPStatus.FORBIDDEN:
        kind, what, remedy = PermissionMissing, f"The app may not run {call}{said}", REMEDY_ROLE
    elif _PAGINATION in text.lower():
        kind, what, remedy = IncompleteAnswer, f"The list broke off while it was read by {call}{said}", REMEDY_WAIT
    elif status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, remedy = (OutcomeUnknown, REMEDY_READ_BACK) if write else (TenantUnavailable, REMEDY_WAIT)
        what = f"The tenant failed during {call} with HTTP {status}{said}"
    else:
        kind, remedy = ValueRefused, _REFUSALS.get(status, _REMEDY_OTHER_SERVICE)
        what = f"The tenant refused {call} with HTTP {status}{said}"
    return kind(what, remedy, service_text=text, status=status)
