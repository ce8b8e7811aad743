"""Which IP addresses aren't ordinary ones of the internet, and the notes that say so.

Source: the IANA special-purpose address registries for IPv4 and IPv6, and the IPv6 address space registry.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from bot.domain.indicators.indicator import Note, NoteCode

_TEXTS: dict[NoteCode, str] = {
    NoteCode.PRIVATE: "is for private networks: mail from the internet never comes from there",
    NoteCode.LOOPBACK: "is a machine's own loopback: no mail from outside ever comes from there",
    NoteCode.DOCUMENTATION: "is for examples in documentation: no mail should come from there",
    NoteCode.MULTICAST: "is for multicast: no mail should come from there",
    NoteCode.LINK_LOCAL: "is for one network segment: mail from the internet never comes from there",
    NoteCode.SHARED: "is shared behind a carrier's NAT: it names no single sender",
    NoteCode.RESERVED: "is reserved: no ordinary mail server has such an address",
    NoteCode.UNSPECIFIED: "means ‘no address’: no mail should come from there",
}

#: The codes of such notes: they say what an address is, and nothing of how it was read.
SPECIAL = frozenset(_TEXTS)

_IPV4: tuple[tuple[NoteCode, str], ...] = (
    (NoteCode.UNSPECIFIED, "0.0.0.0/8"),
    (NoteCode.PRIVATE, "10.0.0.0/8"),
    (NoteCode.SHARED, "100.64.0.0/10"),
    (NoteCode.LOOPBACK, "127.0.0.0/8"),
    (NoteCode.LINK_LOCAL, "169.254.0.0/16"),
    (NoteCode.PRIVATE, "172.16.0.0/12"),
    (NoteCode.RESERVED, "192.0.0.0/24"),
    (NoteCode.DOCUMENTATION, "192.0.2.0/24"),
    (NoteCode.RESERVED, "192.88.99.0/24"),
    (NoteCode.PRIVATE, "192.168.0.0/16"),
    (NoteCode.RESERVED, "198.18.0.0/15"),
    (NoteCode.DOCUMENTATION, "198.51.100.0/24"),
    (NoteCode.DOCUMENTATION, "203.0.113.0/24"),
    (NoteCode.MULTICAST, "224.0.0.0/4"),
    (NoteCode.RESERVED, "240.0.0.0/4"),
)

# Outside 2000::/3 nothing is handed out to networks of the internet; what isn't named there is reserved.
_IPV6: tuple[tuple[NoteCode, str], ...] = (
    (NoteCode.UNSPECIFIED, "::/128"),
    (NoteCode.LOOPBACK, "::1/128"),
    (NoteCode.RESERVED, "64:ff9b::/96"),
    (NoteCode.RESERVED, "64:ff9b:1::/48"),
    (NoteCode.RESERVED, "100::/64"),
    (NoteCode.RESERVED, "2001::/23"),
    (NoteCode.DOCUMENTATION, "2001:db8::/32"),
    (NoteCode.RESERVED, "2002::/16"),
    (NoteCode.DOCUMENTATION, "3fff::/20"),
    (NoteCode.PRIVATE, "fc00::/7"),
    (NoteCode.LINK_LOCAL, "fe80::/10"),
    (NoteCode.MULTICAST, "ff00::/8"),
)
_IPV6_ORDINARY = (int(IPv6Address("2000::")), int(IPv6Network("2000::/3").broadcast_address))


def _bounds(network: IPv4Network | IPv6Network) -> tuple[int, int]:
    return int(network.network_address), int(network.broadcast_address)


_IPV4_BOUNDS = tuple((code, text, _bounds(IPv4Network(text))) for code, text in _IPV4)
_IPV6_BOUNDS = tuple((code, text, _bounds(IPv6Network(text))) for code, text in _IPV6)


def ipv4_notes(first: IPv4Address, last: IPv4Address) -> tuple[Note, ...]:
    """A note for each kind of special range that has at least one address from `first` to `last`."""
    return _notes(int(first), int(last), _IPV4_BOUNDS)


def ipv6_notes(first: IPv6Address, last: IPv6Address) -> tuple[Note, ...]:
    """A note for each kind of special range that has at least one address from `first` to `last`."""
    notes = _notes(int(first), int(last), _IPV6_BOUNDS)
    start, end = _IPV6_ORDINARY
    outside = int(last) < start or int(first) > end
    if outside and not notes:
        return (_note(NoteCode.RESERVED, "Everything outside 2000::/3"),)
    return notes


def _notes(first: int, last: int, table: tuple[tuple[NoteCode, str, tuple[int, int]], ...]) -> tuple[Note, ...]:
    found: dict[NoteCode, Note] = {}
    for code, text, (start, end) in table:
        if first <= end and start <= last:
            found.setdefault(code, _note(code, text))
    return tuple(found.values())


def _note(code: NoteCode, where: str) -> Note:
    return Note(code=code, text=f"{where} {_TEXTS[code]}.")
