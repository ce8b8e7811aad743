"""Links that Proofpoint's URL Defense has rewritten, in its three versions.

Source: Proofpoint's page "How do I decode a rewritten URL?" with its decoder. In version 3 the characters that could
not stand in the link are stars, one for one (`*`) or one for several (`**B`, the letter says how many); what they
stand for follows behind `__;` in Base64.
"""

from __future__ import annotations

import re
import string
from urllib.parse import unquote

from bot.domain.indicators.link_parts import LinkParts, from_base64

#: In version 2, `-` stands for `%` and `_` for `/`.
_VERSION_2 = str.maketrans("-_", "%/")
_STARS = re.compile(r"\*(?:\*(.))?")
#: How many characters a run of version 3 has, by its letter: the shortest is 2.
_RUNS = {
    letter: count
    for count, letter in enumerate(string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_", start=2)
}
_ONE_SLASH = re.compile(r"([a-z][a-z0-9+.-]*):/(?!/)", re.IGNORECASE)


def proofpoint_target(link: LinkParts) -> str:
    """Where the link leads; empty where that can't be told from it."""
    version = link.path[1:3].lower()
    if version == "v3":
        return _version_3(link.tail)
    if version == "v2":
        return unquote(link.raw("u").translate(_VERSION_2))
    return link.value("u") if version == "v1" else ""


def _version_3(tail: str) -> str:
    _, begin, rest = tail.partition("/__")
    encoded, end, behind = rest.rpartition("__;")
    if not begin or not end:
        return ""
    left_out = from_base64(behind.partition("!")[0])
    taken = 0

    def put_back(match: re.Match[str]) -> str:
        nonlocal taken
        start = taken
        taken += _RUNS.get(match[1], 0) if match[1] else 1
        return left_out[start:taken]

    target = _STARS.sub(put_back, encoded)
    # Fewer or more characters than stars: a part of the link is missing.
    return _ONE_SLASH.sub(r"\1://", target, count=1) if taken == len(left_out) else ""
