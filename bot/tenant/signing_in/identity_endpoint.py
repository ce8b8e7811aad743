"""The HTTP client that msal asks a managed identity's tokens with: an endpoint that Azure puts next to the machine.

Two endpoints: the instance metadata service (IMDS) of virtual machines and container instances, always at
http://169.254.169.254, and the one that App Service, Functions and Container Apps name in `IDENTITY_ENDPOINT`. Both
speak plain http, so what this client calls has to be near: it goes through no proxy, follows no redirect, and sends
plain http only to this machine, to IMDS's own address, and to an `IDENTITY_ENDPOINT` that is a link-local or private
address (App Service for Linux gives such ones).

Sources: Microsoft's pages "How managed identities for Azure resources work with Azure virtual machines", "How to use
managed identities to acquire an access token" (its table of errors says which to try again) and "REST endpoint
reference" of App Service and Container Apps.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from http import HTTPStatus

import httpx

from bot.clock import utc_now
from bot.errors import SignInFailed, TenantUnavailable, Throttled, UnreadableJson
from bot.outside_json import read_outside_json
from bot.tenant.access import USER_AGENT, TenantAccess, is_loopback
from bot.tenant.calling.answers import REMEDY_WAIT, retry_after
from bot.tenant.signing_in.authority import LARGEST_ANSWER, AuthorityResponse

IMDS = "169.254.169.254"
_NEAR = tuple(
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7", "fe80::/10")
)
_REMEDY_REACH = (
    "SIGN_IN=managed-identity works only on Azure: on a virtual machine, in App Service, Container Apps or the like, "
    "with an identity assigned. Elsewhere take a certificate."
)
#: IMDS answers these while it is being updated. Source: see above.
_PASSING = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.REQUEST_TIMEOUT})


class IdentityClient:
    """What msal takes as `http_client` for a managed identity. It only ever asks by GET."""

    def __init__(self, settings: TenantAccess) -> None:
        self._client = httpx.Client(
            verify=settings.trust(),
            timeout=httpx.Timeout(settings.patience.read, connect=settings.patience.connect),
            headers={"User-Agent": USER_AGENT},
            follow_redirects=False,
            trust_env=False,
        )

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> AuthorityResponse:
        """Ask for a token. Raises SignInFailed for an address that isn't near, else TenantUnavailable or Throttled."""
        endpoint = _near(url)
        try:
            response = self._client.get(endpoint, params=dict(params or {}), headers=dict(headers or {}))
        except httpx.HTTPError as error:
            # Not the error's text: it can quote a header, and one of them is the endpoint's secret.
            raise TenantUnavailable(
                f"The identity endpoint {endpoint.host} can't be reached ({type(error).__name__}).", _REMEDY_REACH
            ) from None
        status = response.status_code
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = retry_after(response.headers.get("Retry-After"), now=utc_now())
            raise Throttled("The identity endpoint has too many calls at once.", REMEDY_WAIT, retry_after=wait)
        if status in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TenantUnavailable(f"The identity endpoint failed with HTTP {status}.", REMEDY_WAIT, status=status)
        if not _is_object(response.text):
            raise TenantUnavailable(
                f"{endpoint.host} answered with HTTP {status} and something that no identity endpoint says.",
                _REMEDY_REACH,
                status=status,
            )
        return AuthorityResponse(
            status_code=status,
            text=response.text,
            headers={name.lower(): value for name, value in response.headers.items()},
        )

    def post(self, url: str, **_: object) -> AuthorityResponse:
        """Never: msal's http clients have it, and no identity endpoint is asked so."""
        raise SignInFailed(f"The identity endpoint {httpx.URL(url).host} is only ever read from.", _REMEDY_REACH)

    def close(self) -> None:
        self._client.close()


def _near(url: str) -> httpx.URL:
    try:
        asked = httpx.URL(url)
    except httpx.InvalidURL:
        raise SignInFailed("The identity endpoint's address can't be read.", _REMEDY_REACH) from None
    if asked.scheme == "https" and asked.host:
        return asked
    if asked.scheme == "http" and (is_loopback(asked) or asked.host == IMDS or _is_platforms(asked)):
        return asked
    raise SignInFailed(
        f"The identity endpoint {asked.host or 'without a host'} is neither this machine nor Azure's own: it isn't "
        "asked over plain http.",
        "Look at IDENTITY_ENDPOINT and AZURE_POD_IDENTITY_AUTHORITY_HOST: the platform sets them, and nobody else "
        "should.",
    )


def _is_platforms(url: httpx.URL) -> bool:
    """Whether it is the `IDENTITY_ENDPOINT` and an address of the machine's own surroundings."""
    try:
        address = ipaddress.ip_address(url.host)
        named = httpx.URL(os.environ.get("IDENTITY_ENDPOINT", ""))
    except (ValueError, httpx.InvalidURL):
        return False
    return (url.host, url.port) == (named.host, named.port) and any(address in network for network in _NEAR)


def _is_object(text: str) -> bool:
    try:
        return isinstance(read_outside_json(text, most_bytes=LARGEST_ANSWER), dict)
    except UnreadableJson:
        return False
