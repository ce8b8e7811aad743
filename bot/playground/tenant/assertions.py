"""Client assertions: a JWT signed with the key of a certificate that the app has registered.

Source: Microsoft Learn, "Microsoft identity platform application authentication certificate credentials".
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .sign_in_refused import SignInRefused

#: How far the clocks of the two sides may be apart, in seconds.
LEEWAY = 300


class Assertions:
    """Judges assertions of one app against its registered certificates.

    Times are judged by the machine's clock, by which the client signs, not by the stand-in's, which can be advanced.
    """

    def __init__(self, *, client_id: str) -> None:
        self._client_id = client_id
        self._certificates: dict[str, x509.Certificate] = {}

    def register(self, pem: bytes) -> None:
        """Adds a certificate (PEM; a private key beside it is ignored). Raises ValueError when there is none."""
        certificate = x509.load_pem_x509_certificate(pem)
        for algorithm in (hashes.SHA1(), hashes.SHA256()):  # noqa: S303 - the service names certificates by SHA-1 too
            self._certificates[_thumbprint(certificate, algorithm)] = certificate

    def check(self, assertion: str, *, token_endpoint: str) -> None:
        """Raises SignInRefused when the assertion doesn't prove that the app sent it to this endpoint now."""
        try:
            header: dict[str, Any] = jwt.get_unverified_header(assertion)
        except jwt.PyJWTError as error:
            raise SignInRefused(50027, "invalid_request", f"JWT token is invalid or malformed: {error}") from error
        thumbprint = str(header.get("x5t#S256") or header.get("x5t") or header.get("kid") or "").rstrip("=")
        certificate = self._certificates.get(thumbprint)
        if certificate is None:
            raise _bad(
                "Client assertion contains an invalid signature. [Reason - The key was not found., Thumbprint of key "
                f"used by client: '{thumbprint}']"
            )
        key = certificate.public_key()
        if not isinstance(key, RSAPublicKey):
            raise _bad("Client assertion contains an invalid signature. [Reason - The key isn't an RSA key.]")
        if not certificate.not_valid_before_utc <= datetime.now(UTC) <= certificate.not_valid_after_utc:
            raise SignInRefused(
                1000502,
                "invalid_client",
                "The provided certificate is not within its specified validity period.",
                status=401,
            )
        self._check_claims(self._claims(assertion, key), token_endpoint=token_endpoint)

    def _claims(self, assertion: str, key: RSAPublicKey) -> dict[str, Any]:
        try:
            return jwt.decode(
                assertion,
                key,
                algorithms=["RS256", "PS256"],
                options={"verify_aud": False, "require": ["exp", "iss", "sub", "aud"]},
                leeway=LEEWAY,
            )
        except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as error:
            raise SignInRefused(
                700024,
                "invalid_client",
                "Client assertion is not within its valid time range. Review the expiry time.",
                status=401,
            ) from error
        except jwt.PyJWTError as error:
            raise _bad(f"Client assertion failed signature validation. [Reason - {error}]") from error

    def _check_claims(self, claims: dict[str, Any], *, token_endpoint: str) -> None:
        if not claims["iss"] == claims["sub"] == self._client_id:
            raise SignInRefused(
                700021,
                "invalid_client",
                "Client assertion application identifier doesn't match 'client_id' parameter.",
                status=401,
            )
        audience = claims["aud"] if isinstance(claims["aud"], str) else ""
        # The scheme is left out: behind something that ends TLS, the two sides don't see the same one.
        if urlsplit(audience)[1:3] != urlsplit(token_endpoint)[1:3]:
            raise SignInRefused(
                700023, "invalid_client", "Client assertion audience claim does not match Realm issuer.", status=401
            )


def _bad(text: str) -> SignInRefused:
    return SignInRefused(700027, "invalid_client", text, status=401)


def _thumbprint(certificate: x509.Certificate, algorithm: hashes.HashAlgorithm) -> str:
    return base64.urlsafe_b64encode(certificate.fingerprint(algorithm)).rstrip(b"=").decode()
