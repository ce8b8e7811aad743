"""What a text could be by its shape alone: cheap tests, before anything is read that takes its time.

A shape says that a text is worth reading, not that it reads. What has none may still be an indicator in an odd
spelling; `says_nothing` is the test for what can't be one.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.domain.indicators.hosts import is_known_suffix
from bot.domain.indicators.typed_text import MAX_TYPED


class Shape(StrEnum):
    """What a text looks like."""

    IP = "ip"
    DOMAIN = "domain"
    ADDRESS = "address"
    URL = "url"
    FILE = "file"
    OTHER_HASH = "other_hash"  #: a hash that no list takes


_HEX = re.compile(r"[0-9a-fA-F]{32,128}")
_HASHES = {64: Shape.FILE, **dict.fromkeys((32, 40, 56, 96, 128), Shape.OTHER_HASH)}
_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:[/:-][0-9./]{1,15})?")
_IPV6 = re.compile(r"\[?[0-9a-fA-F:]{0,39}(?:\.[0-9]{1,3}){0,3}\]?(?:/[0-9]{1,3})?")
_DOMAIN = re.compile(r"[*~]?\.?[\w-]{1,63}(?:\.[\w-]{1,63}){0,30}\.([^\W\d_][\w-]{1,62})~?\.?")
_WORDS_ONLY = re.compile(r"[A-Za-z0-9 ,;|_'\"!?&+=#$\n-]*")
_LONG_HEX = re.compile(r"[0-9a-fA-F]{32}")
_SPLIT = re.compile(r"[\s,;]+")
_AROUND = " \t\r\n\"'`<>,;"

#: More values than people put in one cell of which the shape is asked.
_MOST_PARTS = 64


def shape_of(text: str) -> Shape | None:
    """What a cell with one or several indicators looks like (the first one decides), or None if it looks like none.

    `evil[.]example`, `hxxps://evil.example/a`, `203.0.113.7; 198.51.100.0/24`.
    """
    if "<" in text and len(text) <= MAX_TYPED:
        text = text.rpartition("<")[2]  # a display name before an address
    text = text.strip(_AROUND)
    if len(text) < 3 or len(text) > MAX_TYPED:
        return None
    first = _shape(text)
    if first is not None:
        return first
    parts = _SPLIT.split(text, maxsplit=_MOST_PARTS)
    if len(parts) < 2 or len(parts) > _MOST_PARTS:
        return None
    shapes = (_shape(part.strip(_AROUND)) for part in parts)
    first = next(shapes)
    return first if first is not None and all(shapes) else None


def says_nothing(text: str) -> bool:
    """Whether a text can't be an indicator in any spelling: it has no dot, colon, slash or long hexadecimal."""
    return _WORDS_ONLY.fullmatch(text) is not None and not _LONG_HEX.search(text) and " dot " not in text.lower()


def _shape(text: str) -> Shape | None:  # noqa: PLR0911 - a shape for each kind, the cheapest first
    if _HEX.fullmatch(text):
        return _HASHES.get(len(text))
    if "[" in text or "(" in text or "{" in text or "\\" in text:
        text = _refanged(text)
    if " " in text or "." not in text:
        return Shape.IP if text.count(":") > 1 and _IPV6.fullmatch(text) else None
    if "://" in text[:12]:
        return Shape.URL
    if _IPV4.fullmatch(text):
        return Shape.IP
    before, at, domain = text.rpartition("@")
    if at and "/" not in before:
        return Shape.ADDRESS if before and _is_domain(domain) else Shape.DOMAIN if _is_domain(domain) else None
    host, slash, _ = text.partition("/")
    if not slash:
        host = text.partition("?")[0]
    if not _is_domain(host) and not (slash and _IPV4.fullmatch(host)):
        return Shape.IP if text.count(":") > 1 and _IPV6.fullmatch(text) else None
    return Shape.DOMAIN if host == text else Shape.URL


def _is_domain(text: str) -> bool:
    match = _DOMAIN.fullmatch(text)
    return match is not None and is_known_suffix(match[1].lower().rstrip("~"))


def _refanged(text: str) -> str:
    for mark in ("[.]", "(.)", "{.}", "[dot]", "(dot)", "[.", ".]", "\\."):
        text = text.replace(mark, ".")
    for mark in ("[@]", "(@)", "[at]", "(at)"):
        text = text.replace(mark, "@")
    return text.replace("[:]", ":").replace("[://]", "://")
