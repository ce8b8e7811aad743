"""Entra's side: OpenID discovery and the token endpoint for client credentials, with its AADSTS errors.

A client proves who it is with a secret, with an assertion that it signed itself, or with the token of an issuer that
the app trusts. Sources: Microsoft Learn, "OAuth 2.0 client credentials flow" and "AADSTS error codes".
"""

from __future__ import annotations

import hmac
import uuid
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from .assertions import Assertions
from .federation import Federation
from .grants import Grants, known_resource
from .sign_in_refused import SignInRefused

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Authority:
    """The tenant's sign-in. Tokens are issued by `grants`."""

    def __init__(self, *, tenant_id: str, client_id: str, client_secret: str, grants: Grants) -> None:
        self._tenant_id = tenant_id
        self._client_id = client_id
        self._client_secret = client_secret
        self._grants = grants
        self.assertions = Assertions(client_id=client_id)
        self.federation = Federation()

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/authority/{tenant}/v2.0/.well-known/openid-configuration", self._discover, methods=["GET"]),
            Route("/authority/{tenant}/oauth2/v2.0/token", self._token, methods=["POST"]),
        ]

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
        token = self._grants.issue(resource, client_id=self._client_id)
        seconds = int(self._grants.lifetime.total_seconds())
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
            self._check_assertion(form["client_assertion"], token_endpoint=token_endpoint)
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

    def _check_assertion(self, assertion: str, *, token_endpoint: str) -> None:
        """One that names a certificate is the app's own; any other is another issuer's."""
        try:
            header = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise SignInRefused(50027, "invalid_request", f"JWT token is invalid or malformed: {error}") from error
        if {"x5t", "x5t#S256"} & set(header):
            self.assertions.check(assertion, token_endpoint=token_endpoint)
        else:
            self.federation.check(assertion)

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
    if not known_resource(resource):
        raise SignInRefused(
            500011,
            "invalid_resource",
            f"The resource principal named {resource} was not found in the tenant.",
        )
    return resource.rstrip("/")
