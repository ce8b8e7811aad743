"""IPv4 addresses, ranges and networks, as the connection filter takes them.

Source: Microsoft's page on the connection filter policy: one address, a range of at most 256 addresses, or a
network from /24 to /32. Odd spellings (`0x7f.1`, `192.0.2.010`) are refused and never guessed: programs disagree
about what they mean.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network

import can_ada

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode
from bot.domain.indicators.special_ranges import ipv4_notes
from bot.domain.indicators.typed_text import DASHES, quoted, shown
from bot.errors import InvalidIndicator

WIDEST_PREFIX = 24
MAX_RANGE = 256
EXAMPLE = "Type four numbers from 0 to 255 with dots between, such as 203.0.113.7."

_NUMBER = r"(?:0[xX][0-9a-fA-F]*|[0-9]+)"
_NUMBERS = rf"{_NUMBER}(?:\.{_NUMBER})*\.?"
_ADDRESS = re.compile(_NUMBERS)
_RANGE = re.compile(rf"({_NUMBERS})\s*[{re.escape(DASHES)}]{{1,2}}\s*({_NUMBERS})")
_NETWORK = re.compile(rf"({_NUMBERS})\s*/\s*({_NUMBERS})")
_PORT = re.compile(rf"({_NUMBERS}):([0-9]*)")
_STARS = re.compile(r"(?:[0-9]{1,3}\.){1,3}\*(?:\.\*)*")
#: An address, and behind its slash something that begins with a number.
_NUMBERED_PATH = re.compile(
    rf"(?P<host>{_NUMBER}\.{_NUMBERS}|\[?[0-9a-fA-F]{{0,4}}:[0-9a-fA-F:.]*:[0-9a-fA-F:.]*\]?)[/\\]+"
    r"(?P<first>(?P<number>[0-9]+(?:\.[0-9]+){0,3})[^/\\?#]*)",
    re.IGNORECASE,
)
#: What begins with a number and is no prefix length or netmask: `1.exe`, `2026` where `/32` is the longest.
_FILE_NAME = re.compile(r"[0-9]+\.[a-z][a-z0-9]{1,3}")
_LONG_NUMBER = re.compile(r"[1-9][0-9]{3,}|[1-9][0-9]{2}(?!\.[0-9])")
_THREE = re.compile(r"(?:0|[1-9][0-9]{0,2})(?:\.(?:0|[1-9][0-9]{0,2})){2}\.?")
_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")


def looks_like_ipv4(text: str) -> bool:
    """Whether the text can only be meant as IPv4: numbers and dots, with a dash, a prefix, a port or stars."""
    if not "0" <= text[:1] <= "9":
        return False
    shapes = (_ADDRESS, _RANGE, _NETWORK, _PORT, _STARS)
    return any(shape.fullmatch(text) for shape in shapes)


def refuse_numbered_path(text: str, *, typed: str) -> None:
    """Raises InvalidIndicator for an IP address whose path begins like a prefix length: `203.0.113.0/24#spray`.

    As a URL it would look like a network, and stop no mail from it. For texts without a scheme, which are no network.
    """
    match = _NUMBERED_PATH.match(text)
    if match is None or _FILE_NAME.fullmatch(match["first"]):
        return
    host, number = match["host"], match["number"]
    if ":" not in host and _LONG_NUMBER.match(match["first"]):
        return
    network = f"{host.strip('[]')}/{number}"
    url = text.replace("\\", "/")
    if ":" in host and not host.startswith("["):
        url = f"[{host}]{url[len(host) :]}"
    raise InvalidIndicator(
        f"{quoted(typed)} can be a network with something else behind it, or a URL.",
        f"Type {shown(network)} for the network, with a space before what follows it; "
        f"or http://{shown(url)} for the URL.",
    )


def read_ipv4(text: str, *, typed: str) -> Indicator:
    """Read an address, a range or a network. Raises InvalidIndicator; `typed` is what its text repeats."""
    if match := _RANGE.fullmatch(text):
        return _read_range(match[1], match[2], typed=typed)
    if match := _NETWORK.fullmatch(text):
        return _read_network(match[1], match[2], typed=typed)
    if match := _PORT.fullmatch(text):
        address = parse_quad(match[1], typed=typed)
        raise InvalidIndicator(
            f"{quoted(typed)} is an IP address with a port; the lists know no ports.", f"Type {address} alone."
        )
    if _STARS.fullmatch(text):
        raise _no_stars(text, typed=typed)
    if _THREE.fullmatch(text) and all(int(part) <= 255 for part in text.rstrip(".").split(".")):
        raise InvalidIndicator(
            f"{quoted(typed)} isn't a plain IPv4 address: it has 3 numbers instead of four.",
            f"For the network type {text.rstrip('.')}.0/24; for one address type all four numbers.",
        )
    address = parse_quad(text, typed=typed)
    if _is_netmask(address):
        raise InvalidIndicator(
            f"{quoted(typed)} is a netmask, and no address that mail comes from.",
            "Type a network with its prefix length, such as 203.0.113.0/24.",
        )
    return Indicator(kind=Kind.IPV4, value=str(address), notes=ipv4_notes(address, address))


def parse_quad(text: str, *, typed: str) -> IPv4Address:
    """The address of a plain dotted quad. Raises InvalidIndicator for every other spelling."""
    if _QUAD.fullmatch(text):
        try:
            return IPv4Address(text)
        except ValueError:
            pass  # a number above 255: odd_spelling says so
    raise odd_spelling(text, typed=typed)


def odd_spelling(text: str, *, typed: str) -> InvalidIndicator:
    """The refusal of an IPv4 address that isn't a plain dotted quad, naming what a browser would make of it."""
    parts = text.rstrip(".").split(".")
    meanings = []
    if browser := browser_reading(text):
        meanings.append(f"A browser reads it as {browser}")
    octal = any(len(part) > 1 and part[0] == "0" and part.isascii() and part.isdigit() for part in parts)
    if not text.isascii():
        reason = "it has digits that aren't the plain 0 to 9"
    elif any(part[:2] in {"0x", "0X"} for part in parts):
        reason = "it has hexadecimal numbers"
    elif len(parts) != 4:
        reason = f"it has {len(parts)} {'number' if len(parts) == 1 else 'numbers'} instead of four"
    elif octal:
        reason = "it has leading zeros, which some programs read as octal"
        if all(part.isdecimal() and len(part) <= 4 and int(part) <= 255 for part in parts):
            meanings.append(f"others read it as {'.'.join(str(int(part)) for part in parts)}")
    else:
        reason = "it has a number above 255"
    remedy = f"{', '.join(meanings)}; type that if you mean it." if meanings else EXAMPLE
    if len(meanings) > 1:
        remedy = f"{', '.join(meanings)}; type the one that you mean."
    return InvalidIndicator(f"{quoted(typed)} isn't a plain IPv4 address: {reason}.", remedy)


def browser_reading(host: str) -> str | None:
    """The IPv4 address that a browser goes to for this host (WHATWG URL), or None when it isn't one."""
    try:
        read = str(can_ada.parse(f"http://{host}/").hostname)
    except (ValueError, TypeError):  # not a host; TypeError for text that can't be encoded
        return None
    return read if _QUAD.fullmatch(read) else None


def _read_range(start_text: str, end_text: str, *, typed: str) -> Indicator:
    start = parse_quad(start_text, typed=typed)
    if re.fullmatch(r"[0-9]{1,3}", end_text):
        full = f"{str(start).rpartition('.')[0]}.{int(end_text)}"
        if int(end_text) <= 255:
            raise InvalidIndicator(
                f"{quoted(typed)} has only a part of the range's last address.",
                f"Type the range in full: {start}-{full}.",
            )
    end = parse_quad(end_text, typed=typed)
    count = int(end) - int(start) + 1
    if count < 1:
        raise InvalidIndicator(f"The range {quoted(typed)} ends before it starts.", f"Did you mean {end}-{start}?")
    if count > MAX_RANGE:
        raise InvalidIndicator(
            f"The range {quoted(typed)} has {count:,} addresses; the connection filter takes at most {MAX_RANGE}.",
            "List it in smaller ranges, or as /24 networks.",
        )
    if count == 1:
        return Indicator(kind=Kind.IPV4, value=str(start), notes=ipv4_notes(start, start))
    return Indicator(kind=Kind.IPV4_RANGE, value=f"{start}-{end}", notes=ipv4_notes(start, end))


def _read_network(address_text: str, prefix_text: str, *, typed: str) -> Indicator:
    parts = address_text.rstrip(".").split(".")
    if len(parts) < 4 and all(re.fullmatch(r"0|[1-9][0-9]{0,2}", part) for part in parts):
        full = ".".join([*parts, *["0"] * (4 - len(parts))])
        raise InvalidIndicator(
            f"{quoted(typed)} is a shortened network: it has {len(parts)} of its four numbers.",
            f"Type it in full: {full}/{prefix_text}.",
        )
    address = parse_quad(address_text, typed=typed)
    notes: list[Note] = []
    if "." in prefix_text:
        prefix = _prefix_of_netmask(prefix_text, typed=typed)
        notes.append(Note(code=NoteCode.NETMASK, text=f"The netmask {prefix_text} is written /{prefix}."))
    else:
        prefix = _prefix(prefix_text, address, typed=typed)
    others = (1 << (32 - prefix)) - 1
    if prefix < WIDEST_PREFIX:
        pieces = 2 ** (WIDEST_PREFIX - prefix)
        raise InvalidIndicator(
            f"{quoted(typed)} has {others + 1:,} addresses; the widest network that the connection filter "
            f"takes is /{WIDEST_PREFIX} (256 addresses).",
            f"List the /{WIDEST_PREFIX} networks in it that you need; all of it would be {pieces:,} of them.",
        )
    first, last = IPv4Address(int(address) & ~others), IPv4Address(int(address) | others)
    if first != address:
        notes.append(
            Note(
                code=NoteCode.HOST_BITS,
                text=f"{address}/{prefix} was typed; the whole network is {first}/{prefix}, from {first} to {last}.",
            )
        )
    notes.extend(ipv4_notes(first, last))
    return Indicator(kind=Kind.IPV4_NETWORK, value=f"{first}/{prefix}", notes=tuple(notes))


def _prefix(text: str, address: IPv4Address, *, typed: str) -> int:
    if re.fullmatch(r"0|[1-9][0-9]?", text) and int(text) <= 32:
        return int(text)
    raise InvalidIndicator(
        f"{quoted(typed)} has no usable prefix length: ‘/{text[:20]}’ isn't a number from {WIDEST_PREFIX} to 32.",
        f"Type for instance {address} or {IPv4Network((address, 24), strict=False)}; "
        f"a link with that path is typed with http:// in front.",
    )


def _prefix_of_netmask(text: str, *, typed: str) -> int:
    mask = int(parse_quad(text, typed=typed))
    inverted = mask ^ 0xFFFFFFFF
    if inverted & (inverted + 1):
        raise InvalidIndicator(
            f"{quoted(typed)} has no usable netmask: the bits of {text} aren't all ones and then all zeros.",
            "Type the network with a prefix length, such as 203.0.113.0/24.",
        )
    return 32 - inverted.bit_length()


def _is_netmask(address: IPv4Address) -> bool:
    """Whether an address is a netmask, but for that of a single address, which is the broadcast address too."""
    inverted = int(address) ^ 0xFFFFFFFF
    return 0 < inverted < 1 << 24 and not inverted & (inverted + 1)


def _no_stars(text: str, *, typed: str) -> InvalidIndicator:
    numbers = [part for part in text.split(".") if part != "*"]
    what = f"{quoted(typed)} has a star in an IP address; the connection filter takes none."
    if len(numbers) == 3 and all(int(part) <= 255 for part in numbers):
        return InvalidIndicator(what, f"Type the network: {'.'.join(str(int(part)) for part in numbers)}.0/24.")
    return InvalidIndicator(what, "Type a network such as 203.0.113.0/24; /24 is the widest that it takes.")
