"""The app's certificate: a PEM file that holds the private key and the certificate, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.errors import SignInFailed

_REMEDY = (
    "Give CLIENT_CERTIFICATE a PEM with an unencrypted RSA private key and the certificate that is registered with the "
    "app in Microsoft Entra."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What signs the app in. `thumbprint` is the SHA-256 one, in hex, as Microsoft Entra shows it."""

    private_key: str = field(repr=False)  #: PEM
    certificate: str = field(repr=False)  #: PEM, the leaf only
    thumbprint: str
    valid_from: datetime
    valid_until: datetime


def read_certificate(pem: bytes) -> Certificate:
    """Read a PEM with key and certificate, in any order; of several certificates, the one that belongs to the key.

    Raises SignInFailed, without a word of the PEM in it.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except TypeError:
        raise SignInFailed("The app's certificate can't be used: its private key is encrypted.", _REMEDY) from None
    except ValueError:
        raise SignInFailed("The app's certificate can't be used: it holds no private key.", _REMEDY) from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise SignInFailed("The app's certificate can't be used: its key is not RSA.", _REMEDY)
    try:
        certificates = x509.load_pem_x509_certificates(pem)
    except ValueError:
        raise SignInFailed("The app's certificate can't be used: it holds a key only.", _REMEDY) from None
    leaf = next((each for each in certificates if each.public_key() == key.public_key()), None)
    if leaf is None:
        raise SignInFailed("The app's certificate can't be used: certificate and key don't belong together.", _REMEDY)
    return Certificate(
        private_key=key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode(),
        certificate=leaf.public_bytes(serialization.Encoding.PEM).decode(),
        thumbprint=leaf.fingerprint(hashes.SHA256()).hex().upper(),
        valid_from=leaf.not_valid_before_utc,
        valid_until=leaf.not_valid_after_utc,
    )
