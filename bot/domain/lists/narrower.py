"""The values that lie within an indicator: a domain's subdomains, addresses and URLs, a network's addresses.

For looking up, not for judging: what an entry covers, `bot.domain.lists.coverage` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeAlias

from bot.domain.indicators.indicator import Indicator, Kind

_Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Narrower:
    """Finds the values within an indicator: by `patterns` of SQL's LIKE, and of what they find by `covers`."""

    patterns: tuple[str, ...]  #: with a backslash as the sign that what follows stands for itself
    domain: str = ""
    network: _Network | None = None

    def covers(self, value: str) -> bool:
        """Whether a value lies within, and is another than the indicator itself."""
        if self.network is not None:
            return _lies_within(value, self.network)
        host = value.partition("/")[0].rpartition("@")[2].removeprefix("*.")
        is_itself = value == self.domain
        return not is_itself and (host == self.domain or host.endswith(f".{self.domain}"))


def narrower_than(indicator: Indicator) -> Narrower | None:
    """What finds the values within an indicator; None for one that nothing lies within."""
    match indicator.kind:
        case Kind.DOMAIN:
            domain = indicator.value.removeprefix("*.")
            name = _literally(domain)
            ends = (f"%.{name}", f"%@{name}", f"{name}/%", f"%.{name}/%")
            return Narrower(patterns=(name, *ends), domain=domain)
        case Kind.IPV4_NETWORK | Kind.IPV6_NETWORK:
            try:
                network = ip_network(indicator.value)
            except ValueError:
                return None  # a range
            return Narrower(patterns=(_beginning(network),), network=network)
        case _:
            return None


def _beginning(network: _Network) -> str:
    """The pattern of what all addresses of a network begin with."""
    if network.version == 4:
        whole = network.prefixlen // 8
        parts = str(network.network_address).split(".")[:whole]
        return "".join(f"{part}." for part in parts) + "%" if parts else "%.%"
    first = f"{int(network.network_address) >> 112:x}"
    return f"{first}:%" if network.prefixlen >= 16 else "%:%"


def _lies_within(value: str, network: _Network) -> bool:
    try:
        found = ip_network(value)
    except ValueError:
        return False
    if found == network:
        return False
    match found, network:
        case (IPv4Network(), IPv4Network()):
            return found.subnet_of(network)
        case (IPv6Network(), IPv6Network()):
            return found.subnet_of(network)
        case _:
            return False


def _literally(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
