"""Hashes of files. The Tenant Allow/Block List takes SHA-256 only (Microsoft's page on allowing or blocking files)."""

from __future__ import annotations

import re

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.typed_text import quoted
from bot.errors import InvalidIndicator

SHA256_LENGTH = 64

_PREFIX = re.compile(r"(md5|sha-?1|sha-?224|sha-?256|sha-?384|sha-?512)\s?[:=]\s?", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-fA-F]+")
_SHORTEST = 32
_ALGORITHMS = {32: "an MD5", 40: "a SHA-1", 56: "a SHA-224", 96: "a SHA-384", 128: "a SHA-512"}


def looks_like_hash(text: str) -> bool:
    """Whether the text can only be meant as a file's hash: a named algorithm, or 32 and more hexadecimal digits."""
    if _PREFIX.match(text):
        return True
    return len(text) >= _SHORTEST and _HEX.fullmatch(text) is not None


def read_hash(text: str, *, typed: str) -> Indicator:
    """Read a SHA-256, with or without `sha256:` before it. Raises InvalidIndicator for every other hash."""
    prefix = _PREFIX.match(text)
    digits = text[prefix.end() :] if prefix else text
    named = prefix[1].lower().replace("-", "") if prefix else ""
    remedy = "Type the file's SHA-256: 64 hexadecimal digits, as the message's details or Get-FileHash show it."
    if not _HEX.fullmatch(digits):
        raise InvalidIndicator(f"{quoted(typed)} has characters that aren't hexadecimal digits.", remedy)
    if len(digits) == SHA256_LENGTH and named in {"", "sha256"}:
        return Indicator(kind=Kind.FILE, value=digits.lower())
    if algorithm := _ALGORITHMS.get(len(digits)):
        raise InvalidIndicator(
            f"{quoted(typed)} is {algorithm} hash ({len(digits)} digits); the tenant's list of files takes "
            "SHA-256 only, and one can't be worked out from the other.",
            remedy,
        )
    raise InvalidIndicator(
        f"{quoted(typed)} has {len(digits)} hexadecimal digits{f' and is named {named}' if named else ''}; "
        f"a SHA-256 has {SHA256_LENGTH}.",
        remedy,
    )
