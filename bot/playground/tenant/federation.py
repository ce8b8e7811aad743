"""Federated credentials: tokens of another issuer, such as a Kubernetes cluster, that the app registration trusts.

The real service finds the issuer's keys at its address; here they are registered with it. Source: Microsoft Learn,
"Workload identity federation" and "Configure an app to trust an external identity provider".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .sign_in_refused import SignInRefused

AUDIENCE = "api://AzureADTokenExchange"
#: How far the clocks of the two sides may be apart, in seconds.
_LEEWAY = 300


@dataclass(frozen=True, kw_only=True)
class FederatedCredential:
    """What the app registration trusts: this issuer's word about this subject, meant for this audience."""

    issuer: str
    subject: str
    key: RSAPublicKey
    audience: str = AUDIENCE


class Federation:
    """Judges tokens of other issuers. Times are the machine's, by which those issuers sign."""

    def __init__(self) -> None:
        self._credentials: list[FederatedCredential] = []

    def trust(self, credential: FederatedCredential) -> None:
        self._credentials.append(credential)

    def check(self, assertion: str) -> None:
        """Raises SignInRefused when no credential of the app fits the token, or it isn't good."""
        claims = _unverified(assertion)
        fitting = self._fitting(claims)
        try:
            jwt.decode(
                assertion,
                fitting.key,
                algorithms=["RS256"],
                audience=fitting.audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "sub", "aud"]},
            )
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
            raise SignInRefused(
                700024,
                "invalid_client",
                "Client assertion is not within its valid time range. Review the expiry time.",
                status=401,
            ) from error
        except jwt.PyJWTError as error:
            raise SignInRefused(
                50013, "invalid_grant", f"Assertion failed signature validation. [Reason - {error}]"
            ) from error

    def _fitting(self, claims: dict[str, Any]) -> FederatedCredential:
        """The credential that the token is for; the error says which of the three is the first that none has."""
        fitting = self._credentials
        for code, name, fits in (
            (700211, "issuer", lambda credential: credential.issuer == claims.get("iss")),
            (700213, "subject", lambda credential: credential.subject == claims.get("sub")),
            (700212, "audience", lambda credential: credential.audience in _audiences(claims)),
        ):
            fitting = [credential for credential in fitting if fits(credential)]
            if not fitting:
                claim = claims.get({"issuer": "iss", "subject": "sub", "audience": "aud"}[name])
                raise SignInRefused(
                    code,
                    "invalid_client",
                    f"No matching federated identity record found for presented assertion {name} '{claim}'.",
                    status=401,
                )
        return fitting[0]


def _audiences(claims: dict[str, Any]) -> list[str]:
    audience = claims.get("aud")
    return [str(name) for name in audience] if isinstance(audience, list) else [str(audience)]


def _unverified(assertion: str) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise SignInRefused(50027, "invalid_request", f"JWT token is invalid or malformed: {error}") from error
    return claims
