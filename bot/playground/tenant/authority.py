"""Entra's side: OpenID discovery and the token endpoint for client credentials, with its AADSTS errors.

Tokens are opaque and random, and are known to this object only: a client that looks inside one learns nothing, as
Microsoft asks of clients. Sources: Microsoft Learn, "OAuth 2.0 client credentials flow" and "AADSTS error codes".
"""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from .assertions import Assertions
from .sign_in_refused import SignInRefused

TOKEN_LIFETIME = timedelta(seconds=3599)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

EXCHANGE_RESOURCES = frozenset(
    {"https://outlook.office365.com", "https://outlook.office365.us", "https://outlook-dod.office365.us"}
)
GRAPH_RESOURCES = frozenset(
    {"https://graph.microsoft.com", "https://graph.microsoft.us", "https://dod-graph.microsoft.us"}
)


@dataclass(frozen=True)
class Grant:
    """What a token is good for, and until when."""

    resource: str
    expires: datetime


class Authority:
    """The tenant's sign-in. `now` is the stand-in's clock."""

    def __init__(
        self,
        *,
        tenant_id: str,
        client_id: str,
        client_secret: str,
        now: Callable[[], datetime],
        token_lifetime: timedelta,
    ) -> None:
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._client_secret = client_secret
        self._now = now
        self._token_lifetime = token_lifetime
        self._grants: dict[str, Grant] = {}
        self.assertions = Assertions(client_id=client_id)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/authority/{tenant}/v2.0/.well-known/openid-configuration", self._discover, methods=["GET"]),
            Route("/authority/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
        ]

    def grant_of(self, token: str) -> Grant | None:
        """What the token is good for now; None when it is unknown or has expired."""
        grant = self._grants.get(token)
        return grant if grant is not None and grant.expires > self._now() else None

    def revoke_all(self) -> None:
        """Every token issued so far stops working."""
        self._grants.clear()

    async def _discover(self, request: Request) -> JSONResponse:
        try:
            self._check_tenant(request)
        except SignInRefused as refusal:
            return self._refuse(refusal)
        base = str(request.url.replace(query="")).removesuffix("/v2.0/.well-known/openid-configuration")
        return JSONResponse(
            {
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "response_types_supported": ["code", "id_token", "token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "tenant_region_scope": None,
            }
        )

    async def _token(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode("utf-8", "replace"), keep_blank_values=True))
        try:
            self._check_tenant(request)
            self._check_client(form, token_endpoint=str(request.url.replace(query="")))
            resource = _resource(form.get("scope", ""))
        except SignInRefused as refusal:
            return self._refuse(refusal)
        token = secrets.token_urlsafe(96)
        self._grants[token] = Grant(resource=resource, expires=self._now() + self._token_lifetime)
        seconds = int(self._token_lifetime.total_seconds())
        return JSONResponse(
            {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token},
            headers={"Cache-Control": "no-store", "Pragma": "no-cache"},
        )

    def _check_tenant(self, request: Request) -> None:
        tenant = str(request.path_params["tenant"])
        if tenant.lower() != self._tenant_id.lower():
            raise SignInRefused(
                90002,
                "invalid_request",
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud.",
            )

    def _check_client(self, form: dict[str, str], *, token_endpoint: str) -> None:
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise SignInRefused(
                    900144, "invalid_request", f"The request body must contain the following parameter: '{name}'."
                )
        if form["grant_type"] != "client_credentials":
            raise SignInRefused(
                70003, "unsupported_grant_type", f"The app requested an unsupported grant type '{form['grant_type']}'."
            )
        if form["client_id"].lower() != self._client_id.lower():
            raise SignInRefused(
                700016,
                "unauthorized_client",
                f"Application with identifier '{form['client_id']}' was not found in the directory "
                f"'{self._tenant_id}'. This can happen if the application has not been installed by the administrator "
                "of the tenant.",
            )
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise SignInRefused(
                    900144,
                    "invalid_request",
                    "The request body must contain the following parameter: 'client_assertion_type'.",
                )
            self.assertions.check(form["client_assertion"], token_endpoint=token_endpoint)
        elif "client_secret" in form:
            if not hmac.compare_digest(form["client_secret"].encode(), self._client_secret.encode()):
                raise SignInRefused(
                    7000215,
                    "invalid_client",
                    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                    f"value, not the client secret ID, for a secret added to app '{self._client_id}'.",
                    status=401,
                )
        else:
            raise SignInRefused(
                7000218,
                "invalid_client",
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
                status=401,
            )

    def _refuse(self, refusal: SignInRefused) -> JSONResponse:
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        at = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%SZ}"
        return JSONResponse(
            {
                "error": refusal.error,
                "error_description": f"AADSTS{refusal.code}: {refusal.text} Trace ID: {trace} "
                f"Correlation ID: {correlation} Timestamp: {at}",
                "error_codes": [refusal.code],
                "timestamp": at,
                "trace_id": trace,
                "correlation_id": correlation,
            },
            status_code=refusal.status,
            headers={"Cache-Control": "no-store"},
        )


def _resource(scope: str) -> str:
    """The one resource that `<resource>/.default` names."""
    resource, dot, rest = scope.partition("/.default")
    if not dot or rest or " " in scope or not resource.startswith("https://"):
        raise SignInRefused(
            70011,
            "invalid_scope",
            "The provided request must include a 'scope' input parameter. The provided value for the input parameter "
            f"'scope' is not valid. The scope {scope} is not valid.",
        )
    if resource.rstrip("/") not in EXCHANGE_RESOURCES | GRAPH_RESOURCES:
        raise SignInRefused(
            500011,
            "invalid_resource",
            f"The resource principal named {resource} was not found in the tenant.",
        )
    return resource.rstrip("/")
