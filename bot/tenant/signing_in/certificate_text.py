"""The ways in which an operator hands over a certificate: PEM text, base64 text, or the path of a file."""

from __future__ import annotations

import base64
from pathlib import Path

#: How a DER structure begins: PFX has no other mark.
_DER = b"\x30"
_BEGIN = b"-----BEGIN"

_UNREADABLE = "is neither PEM text, nor PEM or PFX as base64 text, nor the path of a readable file"


def is_pem(content: bytes) -> bool:
    """Whether it is PEM text and not PFX."""
    return _BEGIN in content


def is_pfx(content: bytes) -> bool:
    """Whether it can be PFX: it begins as one does."""
    return content.startswith(_DER)


def certificate_content(text: str) -> bytes:
    """The PEM or PFX that `text` holds or names. Raises ValueError, without a word of the text in it."""
    # A path first: base64 text never names a file that is there, but a path can look like base64 text.
    content = text.encode() if is_pem(text.encode()) else _from_path(text) or _from_base64(text)
    if content is None:
        raise ValueError(_UNREADABLE)
    # A PEM that went through a one-line environment file has its line ends written out.
    return content.replace(b"\\n", b"\n") if is_pem(content) else content


def text_of_file(content: bytes) -> str:
    """What the file of a secret holds, as the text of a setting: a PFX becomes base64. Raises UnicodeDecodeError."""
    # A PFX never is text: the length that follows its first byte isn't UTF-8.
    if is_pfx(content) and not content.isascii():
        return base64.b64encode(content).decode()
    return content.decode("utf-8")


def _from_path(text: str) -> bytes | None:
    try:
        content = Path(text.strip()).read_bytes()
    except (OSError, ValueError):
        return None
    if is_pem(content) or is_pfx(content):
        return content
    return _from_base64(content.decode("utf-8", "replace"))


def _from_base64(text: str) -> bytes | None:
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:
        return None
    return content if is_pem(content) or is_pfx(content) else None
