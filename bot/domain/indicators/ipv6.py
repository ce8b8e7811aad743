"""IPv6 addresses and networks, as the Tenant Allow/Block List takes them.

Source: Microsoft's page on allowing or blocking IPv6 addresses: one address, or a network from /1 to /128.
"""

from __future__ import annotations

import re
from ipaddress import IPv6Address, IPv6Network

from bot.domain.indicators.indicator import Indicator, Kind, Note, NoteCode
from bot.domain.indicators.special_ranges import ipv6_notes
from bot.domain.indicators.typed_text import DASHES, quoted
from bot.errors import InvalidIndicator

_SHAPE = re.compile(r"\[?[0-9a-fA-F:.]+(?:%[^\s/\]]*)?\]?(?:/[0-9.]*|:[0-9]*)?")
_RANGE = re.compile(rf"([0-9a-fA-F:.]+)\s*[{re.escape(DASHES)}]{{1,2}}\s*([0-9a-fA-F:.]+)")
_BRACKETED = re.compile(r"\[([^\[\]]*)\](.*)", re.DOTALL)
_MAPPED = IPv6Network("::ffff:0:0/96")


def looks_like_ipv6(text: str) -> bool:
    """Whether the text can only be meant as IPv6: hexadecimal digits with at least two colons."""
    if text.count(":") < 2:
        return False
    return bool(_SHAPE.fullmatch(text) or _RANGE.fullmatch(text))


def read_ipv6(text: str, *, typed: str) -> Indicator:
    """Read an address or a network. Raises InvalidIndicator; `typed` is what its text repeats."""
    if _RANGE.fullmatch(text):
        raise InvalidIndicator(
            f"{quoted(typed)} is a range of IPv6 addresses; the tenant's list takes none.",
            "Type a network such as 2001:db8::/64, or single addresses.",
        )
    if match := _BRACKETED.fullmatch(text):
        inner, tail = match[1], match[2]
        if tail.startswith(":"):
            raise InvalidIndicator(
                f"{quoted(typed)} is an IP address with a port; the lists know no ports.",
                f"Type {parse_ipv6(inner, typed=typed).compressed} alone.",
            )
        text = inner + tail
    address_text, slash, prefix_text = text.partition("/")
    address = parse_ipv6(address_text, typed=typed)
    if not slash:
        _refuse_mapped(address, 128, typed=typed)
        return Indicator(kind=Kind.IPV6, value=address.compressed, notes=ipv6_notes(address, address))
    return _network(address, prefix_text, typed=typed)


def parse_ipv6(text: str, *, typed: str) -> IPv6Address:
    """The address. Raises InvalidIndicator when it is none or has a zone."""
    bare, percent, zone = text.partition("%")
    try:
        address = IPv6Address(bare)
    except ValueError:
        raise InvalidIndicator(
            f"{quoted(typed)} isn't an IPv6 address.", "Type one such as 2001:db8::7, or a network: 2001:db8::/64."
        ) from None
    if percent:
        raise InvalidIndicator(
            f"{quoted(typed)} has a zone ({quoted(percent + zone)}), which means something on one machine only.",
            f"Type {address.compressed} without it.",
        )
    return address


def _network(address: IPv6Address, prefix_text: str, *, typed: str) -> Indicator:
    if not re.fullmatch(r"[1-9][0-9]{0,2}", prefix_text) or int(prefix_text) > 128:
        raise InvalidIndicator(
            f"{quoted(typed)} has no usable prefix length: the tenant's list takes /1 to /128.",
            f"Type for instance {address.compressed} or {IPv6Network((address, 64), strict=False).compressed}.",
        )
    prefix = int(prefix_text)
    _refuse_mapped(address, prefix, typed=typed)
    network = IPv6Network((address, prefix), strict=False)
    notes = []
    if network.network_address != address:
        notes.append(
            Note(
                code=NoteCode.HOST_BITS,
                text=f"{address.compressed}/{prefix} was typed; the whole network is {network.compressed}.",
            )
        )
    notes.extend(ipv6_notes(network.network_address, network.broadcast_address))
    return Indicator(kind=Kind.IPV6_NETWORK, value=network.compressed, notes=tuple(notes))


def _refuse_mapped(address: IPv6Address, prefix: int, *, typed: str) -> None:
    mapped = address.ipv4_mapped
    if mapped is None or prefix < _MAPPED.prefixlen:
        return
    ipv4 = str(mapped) if prefix == 128 else f"{mapped}/{prefix - _MAPPED.prefixlen}"
    raise InvalidIndicator(
        f"{quoted(typed)} is an IPv4 address in IPv6 clothes; mail from it arrives over IPv4.", f"Type {ipv4}."
    )
