"""What an answer other than success means: which error a status is, and the service's own words for it.

`refusal` is for every service that takes the app's token, `error_for` for the admin endpoint of Exchange Online.

Sources: the statuses and error bodies that the Exchange Online PowerShell module gets from `InvokeCommand`; Microsoft's
"App-only authentication for unattended scripts in Exchange Online" for what 401 and 403 stand for there; "Microsoft
Graph error responses and resource types".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bot.budgets import LONGEST_HOLD
from bot.errors import (
    IncompleteAnswer,
    OutcomeUnknown,
    PermissionMissing,
    SignInFailed,
    TenantError,
    TenantUnavailable,
    Throttled,
    UnreadableJson,
    ValueRefused,
)
from bot.outside_json import read_outside_json

_CONCURRENCY = "maximum number of concurrent requests"
_PAGINATION = "expired or invalid pagination"
_SAID_BY_STATUS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
LONGEST_SERVICE_TEXT = 500
_LARGEST_ERROR = 1024 * 1024

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How one service's refusals are told to people: its name, and what to do about each of them."""

    service: str  #: as the subject of a sentence
    verb: str  #: what the app may not do, when a permission is missing
    sign_in: str  #: the remedy for a refused token
    permission: str  #: the remedy for a missing permission
    lost: str  #: the remedy for a write that may have happened
    refused: Mapping[int, str]  #: the remedy for a refusal, by its status
    otherwise: str  #: and for one with any other status


_EXCHANGE = Words(
    service="The tenant",
    verb="run",
    sign_in=REMEDY_SIGN_IN,
    permission=REMEDY_ROLE,
    lost=REMEDY_READ_BACK,
    refused={
        HTTPStatus.BAD_REQUEST: "Correct the value, or look at what the list already holds.",
        HTTPStatus.NOT_FOUND: "Check TENANT_ID; if it is right, the entry or policy isn't there (any more, or yet).",
    },
    otherwise="Check EXCHANGE_URL: something other than the expected service has answered.",
)


def service_text(body: bytes) -> str:
    """The most telling text in an error's body: the internal exception's, else the first detail's, else the message.

    Empty when the body holds none, whatever it holds instead.
    """
    error = error_in(body)
    details = error.get("details")
    detail = details[0] if isinstance(details, list) and details else None
    for candidate in (
        _path(error, "innererror", "internalexception", "message"),
        _without_type(_path(detail, "message")),
        _path(error, "message"),
    ):
        if candidate:
            return candidate[:LONGEST_SERVICE_TEXT]
    return ""


def error_in(body: bytes) -> Mapping[str, object]:
    """What a body tells under `error`; empty when it tells nothing there."""
    try:
        told = read_outside_json(body, most_bytes=_LARGEST_ERROR)
    except UnreadableJson:
        return {}
    error = told.get("error") if isinstance(told, Mapping) else None
    return error if isinstance(error, Mapping) else {}


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
    """The seconds that a Retry-After header asks to wait, given as seconds or as a date; None when it says nothing.

    Never more than `LONGEST_HOLD`, whatever it asks for: what waits for ever, or beyond every calendar, is lost.
    """
    if not header:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text), LONGEST_HOLD)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - now).total_seconds()), LONGEST_HOLD)


def refusal(words: Words, status: int, text: str, *, call: str, write: bool, wait: float | None) -> TenantError:
    """The error that an answer other than success stands for.

    `text` is the service's own words, or empty; `call` names the call to people, with what Microsoft's support knows it
    by; `wait` is its Retry-After in seconds.
    """
    said = f": {text}" if text else "."
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        what = f"{words.service} has too many calls at once for {call}{said}"
        return Throttled(what, REMEDY_WAIT, retry_after=wait, service_text=text)
    kind: type[TenantError]
    if status == HTTPStatus.UNAUTHORIZED:
        kind, what, remedy = SignInFailed, f"{words.service} refused the token for {call}{said}", words.sign_in
    elif status == HTTPStatus.FORBIDDEN:
        kind, what, remedy = PermissionMissing, f"The app may not {words.verb} {call}{said}", words.permission
    elif status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, remedy = (OutcomeUnknown, words.lost) if write else (TenantUnavailable, REMEDY_WAIT)
        what = f"{words.service} failed during {call} with HTTP {status}{said}"
    else:
        kind, remedy = ValueRefused, words.refused.get(status, words.otherwise)
        what = f"{words.service} refused {call} with HTTP {status}{said}"
    return kind(what, remedy, service_text=text, status=status)


def error_for(
    status: int, body: bytes, *, cmdlet: str, write: bool, reference: str, wait: float | None = None
) -> TenantError:
    """The error that an answer of the admin endpoint other than success stands for.

    `reference` is the call's `client-request-id`, for Microsoft's support; `wait` is its Retry-After in seconds.
    """
    text = service_text(body)
    call = f"{cmdlet} (reference {reference})"
    # Two refusals are known by their words and not by their status.
    if _CONCURRENCY in text.lower():
        status = HTTPStatus.TOO_MANY_REQUESTS
    elif _PAGINATION in text.lower() and status not in _SAID_BY_STATUS:
        what = f"The list broke off while it was read by {call}: {text}"
        return IncompleteAnswer(what, REMEDY_WAIT, service_text=text, status=status)
    return refusal(_EXCHANGE, status, text, call=call, write=write, wait=wait)
