"""Which values the service takes, judged independently of the bot.

Each `check_…` returns None for a good value and the reason for a bad one. Rules: Microsoft's pages on the connection
filter, on the Tenant Allow/Block List ("URL syntax", "Domain pair syntax") and on the cmdlets' parameters.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import unquote

from .state import Action, ListSubType, ListType

_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])")
_LOCAL = re.compile(
    r"(?:[A-Za-z0-9!#$&'/=?^_`{|}~-]|%[0-9A-Fa-f]{2})+(?:\.(?:[A-Za-z0-9!#$&'/=?^_`{|}~-]|%[0-9A-Fa-f]{2})+)*"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_SHA256 = re.compile(r"[0-9A-Fa-f]{64}")
_TOP_LEVEL = re.compile(r"(?:[A-Za-z]{2,63}|xn--[A-Za-z0-9-]{1,59})")

LONGEST_URL = 250
LARGEST_RANGE = 256


def is_domain(text: str) -> bool:
    """A plain domain name in ASCII, with a dot, no longer than DNS allows."""
    return len(text) <= 253 and _DOMAIN.fullmatch(text) is not None and not _is_ipv4(text)


def is_address(text: str) -> bool:
    """An address whose odd characters (plus, quotes, spaces) are percent-encoded."""
    local, at, domain = text.rpartition("@")
    return at == "@" and len(local) <= 192 and _LOCAL.fullmatch(local) is not None and is_domain(domain)


def check_sender(value: str) -> str | None:
    """A domain, `*.` and a domain or a top-level domain, or an address."""
    if "@" in value:
        return None if is_address(value) else "the address isn't valid; encode special characters as %XX"
    if value.startswith("*.") and _TOP_LEVEL.fullmatch(value[2:]):
        return None
    return None if is_domain(value.removeprefix("*.")) else "not a valid domain or address"


def check_file(value: str) -> str | None:
    """A SHA-256 in hexadecimal."""
    return None if _SHA256.fullmatch(value) else "not a SHA256 hash"


def check_ipv6(value: str) -> str | None:
    """One IPv6 address, or a CIDR network of /1 to /128."""
    if "%" in value:
        return "an address with a zone isn't allowed"
    address, slash, length = value.partition("/")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return "only IPv6 addresses are allowed"
    if slash and not (_is_number(length) and 1 <= int(length) <= 128):
        return "the prefix length must be 1 to 128"
    return None


def check_url(value: str, *, action: Action, sub_type: ListSubType) -> str | None:
    """A URL pattern: no scheme, port, user or quotes, and wildcards only where they are documented.

    IPv6 hosts are allowed, in a notation that is documented nowhere: with brackets and without, here. What stands
    behind a `#` is taken as it is.
    """
    host, _, path = value.partition("/")
    has_path = "/" in value
    return _check_url_characters(value, host) or (
        _check_top_level_pattern(host, path, action)
        if host.startswith("*.") and "." not in host[2:]
        else _check_url_host(host, has_path=has_path, action=action, sub_type=sub_type) or _check_url_path(path)
    )


def _check_url_characters(value: str, host: str) -> str | None:
    found = {
        f"longer than {LONGEST_URL} characters": len(value) > LONGEST_URL,
        "only printable ASCII characters are allowed; use Punycode": not value.isascii()
        or not value.isprintable()
        or " " in value,
        "a scheme isn't allowed": _SCHEME.match(value) is not None,
        "quotes aren't allowed": '"' in value or "'" in value,
        "a user name isn't allowed": "@" in host,
        "a port isn't allowed": ":" in host and not _is_ipv6_host(host.removeprefix("*.").strip("~")),
    }
    return next((reason for reason, broken in found.items() if broken), None)


def _check_top_level_pattern(host: str, path: str, action: Action) -> str | None:
    if not _TOP_LEVEL.fullmatch(host[2:]) or path != "*":
        return "a top-level domain is blocked as *.<TLD>/*"
    return None if action == "Block" else "a top-level domain can only be blocked"


def _check_url_host(host: str, *, has_path: bool, action: Action, sub_type: ListSubType) -> str | None:
    bare = host
    left = "*." if host.startswith("*.") else "~" if host.startswith("~") else ""
    bare = bare.removeprefix(left)
    if left == "~" and bare.endswith("~") and not has_path:
        bare = bare[:-1]
    if "*" in bare or "~" in bare:
        return "a wildcard isn't allowed there"
    if _is_ipv4(bare) or _is_ipv6_host(bare):
        return "a wildcard isn't allowed with an IP address" if left else None
    if not is_domain(bare):
        return "the host needs a dot, with at least one character before it and two after it"
    if left and action == "Allow" and sub_type != "AdvancedDelivery":
        return "a leading wildcard is allowed for block entries only"
    return None


def _check_url_path(path: str) -> str | None:
    star = path.find("*")
    if star >= 0 and not (star == len(path) - 1 and (star == 0 or path[star - 1] == "/")):
        return "a wildcard on the right must follow a slash and end the value"
    return "a tilde isn't allowed there" if path.endswith("~") else None


def check_item(value: str, *, list_type: ListType, action: Action, sub_type: ListSubType) -> str | None:
    """The check for a list type."""
    match list_type:
        case "Sender":
            return check_sender(value)
        case "Url":
            return check_url(value, action=action, sub_type=sub_type)
        case "FileHash":
            return check_file(value)
        case "IP":
            return check_ipv6(value)


def item_key(value: str, *, list_type: ListType) -> str:
    """What makes two values the same entry: spelling in upper or lower case doesn't, nor how an IPv6 is written."""
    if list_type != "IP":
        return value.lower()
    address, slash, length = value.partition("/")
    try:
        return f"{ipaddress.IPv6Address(address).compressed}/{int(length) if slash else 128}"
    except ValueError:
        return value.lower()


def keys_asked_for(entry: str, *, list_type: ListType) -> frozenset[str]:
    """What `-Entry` of a reading cmdlet finds: the value as it is, or percent-encoded.

    It travels as a part of an address, where a `#` cuts off the rest: so a value with one has to be encoded.
    """
    sent = entry.partition("#")[0]
    return frozenset(item_key(text, list_type=list_type) for text in (sent, unquote(sent)))


def check_connection_filter_value(value: str) -> str | None:
    """One IPv4 address, a range of at most 256 addresses, or a CIDR network of /24 to /32 (host bits may be set)."""
    if "-" in value:
        first, _, last = value.partition("-")
        if not (_is_ipv4(first) and _is_ipv4(last)):
            return "the range needs an IPv4 address at both ends"
        size = int(ipaddress.IPv4Address(last)) - int(ipaddress.IPv4Address(first)) + 1
        if size < 1:
            return "the range ends before it starts"
        return None if size <= LARGEST_RANGE else f"the range has more than {LARGEST_RANGE} addresses"
    address, slash, length = value.partition("/")
    if not _is_ipv4(address):
        return "only an IPv4 address, range or CIDR network is allowed"
    if slash and not (_is_number(length) and 24 <= int(length) <= 32):
        return "the prefix length must be 24 to 32"
    return None


def check_spoof_pair(*, spoofed_user: str, sending_infrastructure: str) -> str | None:
    """User: address, domain or `*`. Infrastructure: a domain, `<IP>/24` or `*`. Never both `*`."""
    if spoofed_user == "*" and sending_infrastructure == "*":
        return "the spoofed user and the sending infrastructure can't both be *"
    if spoofed_user != "*" and not is_domain(spoofed_user) and not is_address(spoofed_user):
        return f"'{spoofed_user}' isn't a valid spoofed user"
    address, _, length = sending_infrastructure.partition("/")
    if sending_infrastructure == "*" or is_domain(sending_infrastructure) or (_is_ipv4(address) and length == "24"):
        return None
    return f"'{sending_infrastructure}' isn't a valid sending infrastructure"


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _is_ipv6_host(text: str) -> bool:
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        ipaddress.IPv6Address(bare)
    except ValueError:
        return False
    return "%" not in bare


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3
