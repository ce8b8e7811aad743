"""The HTTP client that msal talks to its authority with.

Our own instead of msal's, so that certificate authorities, timeouts and the rule on plain http are the same for every
call to the outside; and so that a credential goes to the authority's own host and nowhere else.

msal accepts only https addresses. For an authority on loopback that speaks plain http, msal is given the https
address of the same host and port, and this client changes it back on the wire; in the discovery document that the
authority returns, its own addresses are changed likewise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlencode

import httpx

from bot.clock import utc_now
from bot.errors import SignInFailed, TenantUnavailable, Throttled, UnreadableJson
from bot.outside_json import read_outside_json
from bot.tenant.access import USER_AGENT, TenantAccess, is_loopback
from bot.tenant.calling.answers import REMEDY_WAIT, retry_after
from bot.tenant.signing_in.entra_errors import sign_in_error

#: A discovery document or a token is a hundredth of it.
LARGEST_ANSWER = 1024 * 1024

_REMEDY_REACH = "Check the network, AUTHORITY_URL and the certificate authorities (SSL_CERT_FILE)."


class AuthorityResponse:
    """The few things that msal wants of a response."""

    def __init__(self, *, status_code: int, text: str, headers: Mapping[str, str]) -> None:
        self.status_code = status_code
        self.text = text
        self.headers = headers


class AuthorityClient:
    """What msal takes as `http_client`. Raises TenantErrors itself wherever msal would lose the reason."""

    def __init__(self, settings: TenantAccess) -> None:
        actual = httpx.URL(settings.authority)
        self._actual = actual
        self._seen_by_msal = actual.copy_with(scheme="https", port=_port(actual))
        self._client = httpx.Client(
            verify=settings.trust(),
            timeout=httpx.Timeout(settings.patience.read, connect=settings.patience.connect),
            headers={"User-Agent": USER_AGENT},
            follow_redirects=False,
            trust_env=not is_loopback(actual),
        )
        #: How far the service's clock is ahead of ours, in seconds, by its last answer; None before the first.
        self.clock_skew: float | None = None

    @property
    def authority(self) -> str:
        """The authority as msal must be told it: https, with the tenant in its path."""
        return str(self._seen_by_msal)

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> AuthorityResponse:
        """Fetch the discovery document."""
        response = self._send("GET", url, params=params, headers=headers)
        if response.status_code >= HTTPStatus.BAD_REQUEST:
            raise sign_in_error(_json_object(response.text), status=response.status_code)
        return AuthorityResponse(
            status_code=response.status_code, text=self._as_msal_sees_it(response.text), headers=response.headers
        )

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str | bytes] | str | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> AuthorityResponse:
        """Ask for a token."""
        return self._send("POST", url, params=params, data=data, headers=headers)

    def close(self) -> None:
        self._client.close()

    def _send(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
        data: Mapping[str, str | bytes] | str | None = None,
    ) -> AuthorityResponse:
        sent = dict(headers or {})
        if isinstance(data, Mapping):
            # Not httpx's own form encoding: msal gives the signed assertion as bytes, which httpx would send as b'…'.
            data = urlencode(data)
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            response = self._client.request(
                method, self._on_the_wire(url), params=params or None, headers=sent, content=data
            )
        except httpx.HTTPError as error:
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            raise TenantUnavailable(
                f"The sign-in service {self._actual.host} can't be reached: {reason}", _REMEDY_REACH
            ) from None
        self._note_clock(response)
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(response.headers.get("Retry-After"), now=utc_now())
            raise Throttled("The sign-in service has too many calls at once.", REMEDY_WAIT, retry_after=wait)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TenantUnavailable(f"The sign-in service failed with HTTP {status}.", REMEDY_WAIT, status=status)
        if not _is_json_object(response.text):
            raise TenantUnavailable(
                f"{self._actual.host} answered with HTTP {status} and something that no sign-in service says.",
                "Check AUTHORITY_URL; a proxy or a sign-in page may stand in between.",
                status=status,
            )
        return AuthorityResponse(
            status_code=status,
            text=response.text,
            headers={name.lower(): value for name, value in response.headers.items()},
        )

    def _note_clock(self, response: httpx.Response) -> None:
        with suppress(KeyError, ValueError, TypeError):
            self.clock_skew = (parsedate_to_datetime(response.headers["Date"]) - utc_now()).total_seconds()

    def _on_the_wire(self, url: str) -> httpx.URL:
        """Where a request really goes. Refused for any host but the authority's: the credential would go there."""
        asked = httpx.URL(url)
        if (asked.scheme, asked.host, _port(asked)) != ("https", self._actual.host, _port(self._actual)):
            raise SignInFailed(
                f"The authority {self._actual.host} sends the app's credential on to {asked.host}: not followed.",
                "Check AUTHORITY_URL and CLOUD.",
            )
        return asked.copy_with(scheme=self._actual.scheme)

    def _as_msal_sees_it(self, discovery: str) -> str:
        if self._actual.scheme == "https":
            return discovery
        document = _json_object(discovery)
        return json.dumps({name: self._address_as_msal_sees_it(value) for name, value in document.items()})

    def _address_as_msal_sees_it(self, value: object) -> object:
        if not isinstance(value, str) or not value.startswith("http://"):
            return value
        url = httpx.URL(value)
        same = (url.scheme, url.host, _port(url)) == (self._actual.scheme, self._actual.host, _port(self._actual))
        return str(url.copy_with(scheme="https", port=_port(url))) if same else value


def _port(url: httpx.URL) -> int:
    return url.port or {"https": 443, "http": 80}[url.scheme]


def _json_object(text: str) -> dict[str, object]:
    try:
        value = read_outside_json(text, most_bytes=LARGEST_ANSWER)
    except UnreadableJson:
        return {}
    return value if isinstance(value, dict) else {}


def _is_json_object(text: str) -> bool:
    return bool(_json_object(text))
