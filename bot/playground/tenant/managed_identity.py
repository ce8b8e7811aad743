"""Azure's side of managed identities: the metadata service of a machine (IMDS) and the endpoint of App Service.

Like the real ones, both keep a token for as long as it lasts and give it again. Sources: Microsoft Learn, "How to use
managed identities for Azure resources on an Azure VM to acquire an access token" and "REST endpoint reference" in "How
to use managed identities for App Service and Azure Functions"; Container Apps has the same endpoint.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from .grants import Grants, known_resource

_IMDS_VERSIONS = frozenset({"2018-02-01", "2019-08-01", "2021-02-01"})
_APP_SERVICE_VERSION = "2019-08-01"


class ManagedIdentities:
    """The identities of the machine that the bot runs on: none at first. `now` is the stand-in's clock."""

    def __init__(self, *, grants: Grants, now: Callable[[], datetime]) -> None:
        self._grants = grants
        self._now = now
        self._identities: dict[str | None, str] = {}
        self._kept: dict[tuple[str, str], str] = {}
        self.header = secrets.token_hex(16)
        #: What was asked of either endpoint, newest last: its query, and nothing of its headers.
        self.asked: list[dict[str, str]] = []

    def assign(self, client_id: str | None, *, object_client_id: str) -> None:
        """Gives the machine an identity: the user-assigned one of that client id, or the system-assigned one (None).

        `object_client_id` is what its tokens are issued to.
        """
        self._identities[client_id.lower() if client_id else None] = object_client_id

    def forget_tokens(self) -> None:
        """Gives out new tokens from now on."""
        self._kept.clear()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/metadata/identity/oauth2/token", self._imds, methods=["GET"]),
            Route("/msi/token", self._app_service, methods=["GET"]),
        ]

    async def _imds(self, request: Request) -> JSONResponse:
        asked = self._note(request)
        # What a server-side request forgery can't do: set a header, or come without a proxy's.
        if request.headers.get("metadata", "").lower() != "true" or "x-forwarded-for" in request.headers:
            return _imds_error("invalid_request", "Required metadata header not specified")
        if asked.get("api-version") not in _IMDS_VERSIONS:
            return _imds_error("invalid_request", "Required query variable 'api-version' is missing or not supported")
        if not asked.get("resource"):
            return _imds_error("invalid_request", "Required query variable 'resource' is missing")
        if not known_resource(asked["resource"]):
            return _imds_error(
                "invalid_resource",
                f"AADSTS500011: The resource principal named {asked['resource']} was not found in the tenant.",
            )
        identity = self._identities.get(_named(asked))
        if identity is None:
            return _imds_error("invalid_request", "Identity not found")
        token, seconds, ends = self._token(asked["resource"], identity)
        return JSONResponse(
            {
                "access_token": token,
                "client_id": identity,
                "expires_in": str(seconds),
                "expires_on": str(ends),
                "ext_expires_in": str(seconds),
                "not_before": str(ends - int(self._grants.lifetime.total_seconds())),
                "resource": asked["resource"],
                "token_type": "Bearer",
            }
        )

    async def _app_service(self, request: Request) -> JSONResponse:
        asked = self._note(request)
        header = request.headers.get("x-identity-header", "")
        if not hmac.compare_digest(header.encode(), self.header.encode()):
            return _app_service_error(401, "The request's X-IDENTITY-HEADER isn't the one of this app.")
        if asked.get("api-version") != _APP_SERVICE_VERSION:
            return _app_service_error(400, "The api-version isn't supported.")
        if not known_resource(asked.get("resource", "")):
            return _app_service_error(500, "An unexpected error occurred.")
        identity = self._identities.get(_named(asked))
        if identity is None:
            return _app_service_error(400, "Unable to load requested managed identity.")
        token, _, ends = self._token(asked["resource"], identity)
        return JSONResponse(
            {
                "access_token": token,
                "client_id": identity,
                "expires_on": str(ends),
                "resource": asked["resource"],
                "token_type": "Bearer",
            }
        )

    def _note(self, request: Request) -> dict[str, str]:
        self.asked.append(dict(request.query_params))
        return self.asked[-1]

    def _token(self, resource: str, identity: str) -> tuple[str, int, int]:
        """The token, the seconds that it still lasts, and its end."""
        key = (resource.rstrip("/"), identity)
        token = self._kept.get(key)
        grant = self._grants.of(token) if token else None
        if token is None or grant is None:
            token = self._kept[key] = self._grants.issue(key[0], client_id=identity)
            grant = self._grants.of(token)
        ends = grant.expires if grant else self._now()
        return token, int((ends - self._now()).total_seconds()), int(ends.timestamp())


def _named(asked: dict[str, str]) -> str | None:
    return asked["client_id"].lower() if asked.get("client_id") else None


def _imds_error(error: str, text: str) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": text}, status_code=400)


def _app_service_error(status: int, text: str) -> JSONResponse:
    return JSONResponse(
        {"statusCode": status, "message": text, "correlationId": secrets.token_hex(16)}, status_code=status
    )
