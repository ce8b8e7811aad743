"""Microsoft Graph, as far as Portcullis needs it: objects of the beta version, one at a time or by the page.

Sources: Microsoft Graph, "Microsoft Graph error responses and resource types", "Paging Microsoft Graph data in your
app", "Best practices for working with Microsoft Graph" (evolvable enumerations), "Microsoft Graph throttling guidance".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

import httpx
import structlog

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
from bot.tenant.answers import REMEDY_WAIT
from bot.tenant.calls import Call
from bot.tenant.limiter import TokenBucket
from bot.tenant.sending import Sender, TokenSource
from bot.tenant.settings import TenantSettings

#: Graph takes requests of at most 4 MB ("Use the Microsoft Graph API"); in base64, three bytes take four.
MOST_CONTENT = 2_900_000

PERMISSION = "ThreatSubmission.ReadWrite.All"
REMEDY_PERMISSION = (
    f"Give the app registration the application permission {PERMISSION} of Microsoft Graph (Microsoft Entra admin "
    "center, App registrations, API permissions), and grant admin consent there."
)
_REMEDY_SIGN_IN = "Check that the app's certificate or secret is current, and GRAPH_URL and CLOUD."
REMEDY_LOOK = "Look at Microsoft's list of submissions before anything else: it may have been filed."

_MOST_PAGES = 200
_LONGEST_SERVICE_TEXT = 500
#: The values of an enumeration that came later are given by name, and not all as `unknownFutureValue`.
_PREFER = "include-unknown-enum-members"

log = structlog.get_logger(__name__)

Object = dict[str, object]


class Graph:
    """Calls Microsoft Graph. Construction does no I/O; `close()` when done. A path begins after `/beta/`."""

    def __init__(
        self,
        *,
        settings: TenantSettings,
        tokens: TokenSource,
        limiter: TokenBucket | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._sender = Sender(
            settings=settings,
            base=f"{settings.graph_base}/beta/",
            setting="GRAPH_URL",
            tokens=tokens,
            refusals=refusal,
            limiter=limiter,
            now=now,
        )

    async def close(self) -> None:
        await self._sender.close()

    async def create(self, path: str, body: Mapping[str, object], *, reference: str = "") -> Object:
        """Make an object and return it as the service gives it back.

        Sent again only when it is certain that the service did not take it. Raises a TenantError: after OutcomeUnknown
        the object may be there, after any other it is not. `reference` stands beside the call in the log.
        """
        call = Call(cmdlet=_name("POST", path), body=json.dumps(body).encode(), write=True, reference=reference)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        return self._object(call, await self._send(call, "POST", self._sender.base.join(path), headers))

    async def one(self, path: str) -> Object:
        """One object. Raises a TenantError: ValueRefused with status 404 when there is none."""
        call = Call(cmdlet=_name("GET", path), body=b"", write=False, reference="")
        return self._object(call, await self._send(call, "GET", self._sender.base.join(path), {}))

    async def all(self, path: str, *, where: str = "") -> tuple[Object, ...]:
        """Every object of a collection, over all its pages; `where` is an OData filter. Raises a TenantError.

        A page that can't be had is an error, never the end of the collection.
        """
        call = Call(cmdlet=_name("GET", path), body=b"", write=False, reference="")
        url = self._sender.base.join(path)
        if where:
            url = url.copy_with(query=urlencode({"$filter": where}).encode())
        found: list[Object] = []
        seen = {str(url)}
        while True:
            try:
                page = self._object(call, await self._send(call, "GET", url, {}))
            except ValueRefused as error:
                if len(seen) == 1:
                    raise
                raise IncompleteAnswer(
                    f"Microsoft's list broke off after {len(found)} objects. {error.what}",
                    REMEDY_WAIT,
                    service_text=error.service_text,
                    status=error.status,
                ) from error
            values = page.get("value")
            if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
                raise call.misunderstood("the answer holds no list of objects.")
            found += values
            link = page.get("@odata.nextLink")
            if link is None:
                return tuple(found)
            if not isinstance(link, str):
                raise call.misunderstood("its next page has no usable address.")
            url = self._sender.followed(call, link)
            if str(url) in seen:
                raise call.misunderstood("its pages run in a circle, so that the list has no end.")
            if len(seen) >= _MOST_PAGES:
                raise call.misunderstood(f"the list has more than {_MOST_PAGES} pages.")
            seen.add(str(url))

    async def _send(self, call: Call, method: str, url: httpx.URL, headers: Mapping[str, str]) -> bytes:
        started = time.monotonic()
        outcome = "interrupted"
        try:
            body = await self._sender.send(call, method, url, {"Prefer": _PREFER, **headers})
            outcome = "done"
        except TenantError as error:
            outcome = type(error).__name__
            raise
        finally:
            log.info(
                "graph call",
                call=call.cmdlet,
                write=call.write,
                outcome=outcome,
                reference=call.reference,
                client_request_ids=call.ids,
                seconds=round(time.monotonic() - started, 3),
            )
        return body

    def _object(self, call: Call, body: bytes) -> Object:
        try:
            payload = json.loads(body)
        except ValueError:
            raise call.misunderstood("the answer is no JSON.") from None
        if not isinstance(payload, dict) or payload.get("error") is not None:
            raise call.misunderstood("the answer isn't what the service usually returns.")
        return payload


def refusal(call: Call, status: int, body: bytes, *, wait: float | None) -> TenantError:
    """The error that an answer other than success stands for. `wait` is its Retry-After, in seconds."""
    text = _service_text(body)
    said = f": {text}" if text else "."
    name = f"{call.cmdlet} (reference {call.ids[-1] if call.ids else 'none'})"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        what = f"Microsoft Graph has too many calls at once for {name}{said}"
        return Throttled(what, REMEDY_WAIT, retry_after=wait, service_text=text)
    kind: type[TenantError]
    if status == HTTPStatus.UNAUTHORIZED:
        kind, what, remedy = SignInFailed, f"Microsoft Graph refused the token for {name}{said}", _REMEDY_SIGN_IN
    elif status == HTTPStatus.FORBIDDEN:
        kind, what, remedy = PermissionMissing, f"The app may not call {name}{said}", REMEDY_PERMISSION
    elif status == HTTPStatus.REQUEST_TIMEOUT or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        kind, remedy = (OutcomeUnknown, REMEDY_LOOK) if call.write else (TenantUnavailable, REMEDY_WAIT)
        what = f"Microsoft Graph failed during {name} with HTTP {status}{said}"
    else:
        kind, what = ValueRefused, f"Microsoft Graph refused {name} with HTTP {status}{said}"
        remedy = "Correct what was given, or use the Submissions page."
    return kind(what, remedy, service_text=text, status=status)


def _service_text(body: bytes) -> str:
    """The service's own words in an error's body, with its code where that says more; empty when there are none."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    if not isinstance(error, Mapping):
        return ""
    code, message = (" ".join(str(error.get(key) or "").split()) for key in ("code", "message"))
    said = message if not code or code in message else f"{message} ({code})" if message else code
    return said[:_LONGEST_SERVICE_TEXT]


def _name(method: str, path: str) -> str:
    """A call's name for people and for the log: without the id that may stand at the end of its path."""
    return f"{method} {'/'.join(path.split('/')[:3])}"
