"""Signing an anchor with Ed25519: who can write to the file where heads are kept can't make one up.

A key is PEM, as `openssl genpkey -algorithm ed25519` makes it; the public one as `openssl pkey -pubout` takes it out.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from bot.domain.auditing.anchors import Anchor

_PRIVATE = "is no Ed25519 private key in PEM, without a password"
_PUBLIC = "is no Ed25519 public key in PEM"


def read_private_key(pem: bytes) -> Ed25519PrivateKey:
    """The key that signs. Raises ValueError with what is wrong, and nothing of the key."""
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError(_PRIVATE) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError(_PRIVATE)  # noqa: TRY004 - settings make a line of a ValueError only
    return key


def read_public_key(pem: bytes) -> Ed25519PublicKey:
    """The key that signatures are held against. Raises ValueError with what is wrong."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError(_PUBLIC) from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError(_PUBLIC)  # noqa: TRY004 - as above
    return key


def sign(anchor: Anchor, key: Ed25519PrivateKey) -> Anchor:
    """The anchor with its signature."""
    return replace(anchor, signature=base64.b64encode(key.sign(anchor.signed)).decode())


def is_signed(anchor: Anchor, key: Ed25519PublicKey) -> bool:
    """Whether the anchor was signed, as it stands, with the private part of this key."""
    try:
        key.verify(base64.b64decode(anchor.signature, validate=True), anchor.signed)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True
