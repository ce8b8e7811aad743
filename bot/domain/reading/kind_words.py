"""The word for its kind in front of a value, without a colon: `domain evil.example`, `the IP address 203.0.113.7`.

It says nothing that the value doesn't, if that is of this kind; if it isn't, somebody has to be asked which of the two
is meant. With a colon it is a label, see `bot.domain.indicators.labels`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bot.domain.indicators.indicator import Kind

_IPS = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK})
_BY_WORD: Mapping[str, frozenset[Kind]] = {
    "domain": frozenset({Kind.DOMAIN}),
    "domäne": frozenset({Kind.DOMAIN}),
    "host": frozenset({Kind.DOMAIN, Kind.IPV4, Kind.IPV6}),
    "sender": frozenset({Kind.DOMAIN, Kind.ADDRESS}),
    "absender": frozenset({Kind.DOMAIN, Kind.ADDRESS}),
    "address": frozenset({Kind.ADDRESS, *_IPS}),
    "adresse": frozenset({Kind.ADDRESS, *_IPS}),
    "email": frozenset({Kind.ADDRESS}),
    "mail": frozenset({Kind.ADDRESS}),
    "mailaddress": frozenset({Kind.ADDRESS}),
    "mailadresse": frozenset({Kind.ADDRESS}),
    "emailaddress": frozenset({Kind.ADDRESS}),
    "senderaddress": frozenset({Kind.ADDRESS}),
    "senderdomain": frozenset({Kind.DOMAIN}),
    "ip": _IPS,
    "ipaddress": _IPS,
    "ipadresse": _IPS,
    "iprange": _IPS,
    "ipv4": frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK}),
    "ipv6": frozenset({Kind.IPV6, Kind.IPV6_NETWORK}),
    "network": frozenset({Kind.IPV4_NETWORK, Kind.IPV6_NETWORK}),
    "netz": frozenset({Kind.IPV4_NETWORK, Kind.IPV6_NETWORK}),
    "subnet": frozenset({Kind.IPV4_NETWORK, Kind.IPV6_NETWORK}),
    "range": _IPS,
    "url": frozenset({Kind.URL}),
    "link": frozenset({Kind.URL}),
    "file": frozenset({Kind.FILE}),
    "datei": frozenset({Kind.FILE}),
    "filehash": frozenset({Kind.FILE}),
    "hash": frozenset({Kind.FILE}),
    "sha256": frozenset({Kind.FILE}),
}
#: One word, or two such as `IP address`, with or without an article.
_WORDS = re.compile(r"(?:the |die |der )?([^\W\d_][\w-]{1,15})(?:[ -]([^\W\d_]\w{3,8}))?[ \t]+", re.IGNORECASE)
_PLURAL = re.compile(r"(?<=s)es\Z|(?<=sh)es\Z|(?<!s)s\Z|(?<=n)en\Z|(?<=e)n\Z")


def kinds_named(line: str, start: int) -> tuple[int, frozenset[Kind]] | None:
    """Where the value begins in front of which a word for its kind stands, and which kinds it can be of by that.

    None where no such word begins at `start`.
    """
    match = _WORDS.match(line, start)
    if match is None:
        return None
    if match[2] is not None:
        both = _kinds(match[1].replace("-", "") + match[2])
        return None if both is None else (match.end(), both)
    kinds = _kinds(match[1].replace("-", ""))
    return None if kinds is None else (match.end(), kinds)


def _kinds(word: str) -> frozenset[Kind] | None:
    word = word.lower()
    return _BY_WORD.get(word) or _BY_WORD.get(_PLURAL.sub("", word))
