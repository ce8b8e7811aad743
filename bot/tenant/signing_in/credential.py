"""The app's certificate: a PEM or PFX file that holds the private key and the certificate, read and checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from bot.errors import SignInFailed
from bot.tenant.signing_in.certificate_text import is_pem, is_pfx

_REMEDY = (
    "Give CLIENT_CERTIFICATE a PEM or PFX with an RSA private key and the certificate that is registered with the app "
    "in Microsoft Entra."
)
_REMEDY_PASSWORD = "Set CLIENT_CERTIFICATE_PASSWORD to the password that the file was made with."  # noqa: S105


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What signs the app in. `thumbprint` is the SHA-256 one, in hex, as Microsoft Entra shows it."""

    private_key: str = field(repr=False)  #: PEM
    certificate: str = field(repr=False)  #: PEM, the leaf only
    thumbprint: str
    valid_from: datetime
    valid_until: datetime


def read_certificate(content: bytes, *, password: str | None = None) -> Certificate:
    """Read key and certificate from PEM (in any order) or PFX; of several certificates, the one that fits the key.

    `password` opens an encrypted private key or PFX; where nothing is encrypted it isn't used. Raises SignInFailed,
    without a word of the content or the password in it.
    """
    secret = password.encode() if password else None
    key, certificates = _from_pem(content, secret) if is_pem(content) else _from_pfx(content, secret)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _unusable("its key is not RSA")
    if not certificates:
        raise _unusable("it holds a key only")
    leaf = next((each for each in certificates if each.public_key() == key.public_key()), None)
    if leaf is None:
        raise _unusable("certificate and key don't belong together")
    return Certificate(
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate=leaf.public_bytes(serialization.Encoding.PEM).decode(),
        thumbprint=leaf.fingerprint(hashes.SHA256()).hex().upper(),
        valid_from=leaf.not_valid_before_utc,
        valid_until=leaf.not_valid_after_utc,
    )


def _from_pem(pem: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, Sequence[x509.Certificate]]:
    try:
        key = _pem_key(pem, password)
    except UnsupportedAlgorithm:
        raise _unusable("its private key is of a kind or encrypted in a way that isn't supported") from None
    except ValueError:
        if password and b"ENCRYPTED" in pem:
            raise _unusable("the password doesn't open its private key", _REMEDY_PASSWORD) from None
        raise _unusable("it holds no private key") from None
    try:
        return key, x509.load_pem_x509_certificates(pem)
    except ValueError:
        return key, ()


def _pem_key(pem: bytes, password: bytes | None) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(pem, password=password)
    except TypeError:  # encrypted and no password, or a password and nothing encrypted
        if password is None:
            raise _unusable("its private key is encrypted", _REMEDY_PASSWORD) from None
        return serialization.load_pem_private_key(pem, password=None)


def _from_pfx(content: bytes, password: bytes | None) -> tuple[PrivateKeyTypes, Sequence[x509.Certificate]]:
    if not is_pfx(content):
        raise _unusable("it is neither PEM nor PFX and holds no private key")
    try:
        key, certificate, more = _opened(content, password)
    except UnsupportedAlgorithm:
        raise _unusable(
            "the PFX is encrypted in a way that is no longer supported", "Export it anew with AES256-SHA256."
        ) from None
    except (ValueError, TypeError):
        if password is None:
            raise _unusable("it is no PFX, or one with a password", _REMEDY_PASSWORD) from None
        raise _unusable("it is no PFX, or the password doesn't open it", _REMEDY_PASSWORD) from None
    if key is None:
        raise _unusable("it holds no private key")
    return key, (*([certificate] if certificate else []), *more)


def _opened(
    content: bytes, password: bytes | None
) -> tuple[PrivateKeyTypes | None, x509.Certificate | None, list[x509.Certificate]]:
    try:
        return pkcs12.load_key_and_certificates(content, password)
    except ValueError:
        # "Without a password" is written in two ways: with none at all, and with an empty one.
        if password is not None:
            raise
        return pkcs12.load_key_and_certificates(content, b"")


def _unusable(reason: str, remedy: str = _REMEDY) -> SignInFailed:
    return SignInFailed(f"The app's certificate can't be used: {reason}.", remedy)
