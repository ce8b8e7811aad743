"""Files that prove a log: the heads that were kept, the key that signed them, the authority that stamped them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.x509 import Certificate, load_pem_x509_certificates

from bot.anchoring.keys import is_signed, read_public_key
from bot.domain.auditing.anchors import Anchor, AnchorFinding, read_anchors
from bot.errors import AnchorFailed, InvalidInput

#: More than any file of heads has: one a day for a thousand years.
_LARGEST_FILE = 256 * 1024 * 1024


def read_anchor_file(name: str) -> tuple[Anchor, ...]:
    """The heads that were kept. Raises InvalidInput."""
    try:
        return read_anchors(_content(name).decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{name} can't be read: it is no text.", "Check the name of the file.") from error


def doubts_of(anchors: Sequence[Anchor], *, key: str, authority: str) -> list[tuple[Anchor, AnchorFinding]]:
    """What is wrong with the heads themselves, by the files with a public key and with an authority's roots.

    Empty names leave that out. Raises InvalidInput for a file that is neither, and for either without any head.
    """
    if not anchors and (key or authority):
        raise InvalidInput("There is no head to look at.", "Name the file of heads with --against, or --archives.")
    public_key = _key(key) if key else None
    roots = _roots(authority) if authority else []
    return [
        (anchor, AnchorFinding(seq=anchor.seq, details=doubt))
        for anchor in anchors
        for doubt in _doubts(anchor, public_key, roots)
    ]


def _doubts(anchor: Anchor, key: Ed25519PublicKey | None, roots: Sequence[Certificate]) -> Iterator[str]:
    if key is not None and not anchor.signature:
        yield "The head that was kept elsewhere isn't signed."
    elif key is not None and not is_signed(anchor, key):
        yield "The head that was kept elsewhere wasn't signed, as it stands, with that key."
    if roots:
        from bot.anchoring.time_stamps import stamped_at  # noqa: PLC0415 - loaded where there are stamps to look at

        try:
            at = stamped_at(anchor, roots)
        except AnchorFailed as error:
            yield f"The head that was kept elsewhere proves no time. {error.what}"
        else:
            if anchor.at is not None and abs((at - anchor.at).total_seconds()) > _MOST_APART:
                yield f"The head that was kept elsewhere says {anchor.at:%Y-%m-%d %H:%M} UTC, and its stamp {at}."


#: A stamp is asked for at once: clocks differ by less than these seconds.
_MOST_APART = 3600


def _key(name: str) -> Ed25519PublicKey:
    try:
        return read_public_key(_content(name))
    except ValueError as error:
        raise InvalidInput(f"{name} {error}.", "Take it out of the private one: openssl pkey -pubout.") from error


def _roots(name: str) -> list[Certificate]:
    try:
        return load_pem_x509_certificates(_content(name))
    except ValueError as error:
        raise InvalidInput(f"{name} holds no certificate in PEM.", "Take the authority's root certificate.") from error


def _content(name: str) -> bytes:
    path = Path(name)
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InvalidInput(f"{name} is too large to be such a file.", "Check the name of the file.")
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{name} can't be read: {error.strerror}.", "Check the name of the file.") from error
