"""IP addresses, ranges and networks as what they have in common: a span from a first to a last address."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address

#: No spelling of a range of two IPv6 addresses is longer. A list can hold any text, and a long one is none of ours.
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class IpSpan:
    """All addresses from `first` to `last`, both included, of IP version 4 or 6."""

    version: int
    first: int
    last: int

    @property
    def size(self) -> int:
        """How many addresses."""
        return self.last - self.first + 1

    def holds(self, other: IpSpan) -> bool:
        """Whether every address of the other is in this one."""
        return self.version == other.version and self.first <= other.first and other.last <= self.last

    def meets(self, other: IpSpan) -> bool:
        """Whether they have an address in common."""
        return self.version == other.version and self.first <= other.last and other.first <= self.last


@lru_cache(maxsize=65536)
def read_span(text: str) -> IpSpan | None:
    """The span that a text names, or None for anything that isn't an address, a range `a-b` or a network `a/n`.

    Host bits may be set (`192.168.0.1/25` is documented as valid). Never raises: lists can hold junk.
    """
    text = text.strip()
    if len(text) > _LONGEST or "%" in text:
        return None
    try:
        if "/" in text:
            return _read_network(text)
        if "-" in text:
            first, last = (_read_address(part.strip()) for part in text.split("-"))
            if first.version != last.version or int(first) > int(last):
                return None
            return IpSpan(first.version, int(first), int(last))
        address = _read_address(text)
    except ValueError:
        return None
    return IpSpan(address.version, int(address), int(address))


def _read_address(text: str) -> IPv4Address | IPv6Address:
    # As ip_address, which tries each version in turn: of a long list that took more than all the rest of reading it.
    return IPv6Address(text) if ":" in text else IPv4Address(text)


def _read_network(text: str) -> IpSpan | None:
    before, _, prefix = text.partition("/")
    if not (prefix.isascii() and prefix.isdigit()):  # ip_network would take a netmask, which the service doesn't
        return None
    address, length = _read_address(before), int(prefix)
    if length > address.max_prefixlen:
        return None
    host_bits = (1 << (address.max_prefixlen - length)) - 1
    last = int(address) | host_bits
    return IpSpan(address.version, last - host_bits, last)


def together_hold(spans: Iterable[IpSpan], whole: IpSpan) -> bool:
    """Whether the spans leave no address of the whole uncovered."""
    wanted = whole.first
    for span in sorted((span for span in spans if span.meets(whole)), key=lambda span: span.first):
        if span.first > wanted:
            return False
        wanted = max(wanted, span.last + 1)
        if wanted > whole.last:
            return True
    return False
