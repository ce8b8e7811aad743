"""The values that an entry may have which covers an indicator, as far as they can be counted: to look for in an index.

What an entry covers, `bot.domain.lists.coverage` says; here are its spellings, in the normal form. Ranges of addresses
and patterns of URLs are too many to name, and left out.
"""

from __future__ import annotations

from ipaddress import ip_network

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.lists.sender_index import upwards

#: Networks are named down from these lengths; nobody lists wider ones.
_WIDEST_IPV4, _WIDEST_IPV6 = 8, 16


def wider_values(indicator: Indicator) -> tuple[str, ...]:
    """What covers an indicator beside its own value, the narrowest first: a network's parents, a sender's domains."""
    match indicator.kind:
        case Kind.IPV4 | Kind.IPV4_NETWORK | Kind.IPV6 | Kind.IPV6_NETWORK:
            return _networks(indicator.value)
        case Kind.DOMAIN:
            return _above(indicator.value.removeprefix("*."))
        case Kind.ADDRESS:
            domain = indicator.value.rpartition("@")[2]
            return (domain, *_above(domain))
        case Kind.URL:
            host = indicator.value.partition("/")[0]
            return (host, *_above(host)) if host != indicator.value else _above(host)
        case _:
            return ()


def _above(domain: str) -> tuple[str, ...]:
    """The names with `*.` that take a domain in, which its own doesn't."""
    return tuple(f"*.{top}" for top in upwards(domain) if top != domain)


def _networks(value: str) -> tuple[str, ...]:
    try:
        network = ip_network(value)
    except ValueError:
        return ()  # a range
    widest = _WIDEST_IPV4 if network.version == 4 else _WIDEST_IPV6
    return tuple(str(network.supernet(new_prefix=length)) for length in range(network.prefixlen - 1, widest - 1, -1))
