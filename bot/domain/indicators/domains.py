"""Domains as senders: `evil.example`, and `*.evil.example` for its subdomains.

Source: Microsoft's page on allowing or blocking senders: a domain doesn't cover its subdomains, `*.` before it does.
`*.TLD` is a valid entry too.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address

from bot.domain.indicators.hosts import own_domain_note, read_host
from bot.domain.indicators.indicator import Indicator, Kind, distinct
from bot.domain.indicators.rewritten_links import wrapper_note
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

#: A scheme, defanged so that nothing of `://` is left: `hxxp___evil.example`.
_SCHEME = re.compile(r"(?:hxxps?_+|https?_{2,})(?=[\w-]+\.)", re.IGNORECASE)
#: The names under which DNS keeps whose an address is: nobody sends mail from one.
_REVERSE = re.compile(r"((?:[0-9]{1,3}\.){1,4})in-addr\.arpa|((?:[0-9a-f]\.){1,32})ip6\.arpa")
_IPV4_PARTS = 4
_IPV6_PARTS = 32


def read_domain(text: str, *, typed: str, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read a domain. Raises InvalidIndicator; `typed` is what its text repeats.

    A top-level domain alone is refused, since it names no sender; `*.top` and `*.co.uk`, which the list of senders
    takes, are read with a note.
    """
    subdomains = text.startswith("*.")
    bare = text[2:] if subdomains else text
    if "*" in bare:
        raise InvalidIndicator(
            f"{quoted(typed)} has a star where none can be.",
            "A star stands only in front: *.evil.example for every subdomain of evil.example.",
        )
    if scheme := _SCHEME.match(bare):
        raise InvalidIndicator(
            f"{quoted(typed)} begins with {quoted(scheme[0])}, which is what is left of a link rather than a name.",
            f"Type {shown(bare[scheme.end() :])} for its mail, or https:// in front of it for links to it.",
        )
    host = read_host(bare, typed=typed, top_level=subdomains)
    _refuse_reverse(host.name, typed=typed)
    own = own_domain_note(host.name, accepted_domains, covers_subdomains=subdomains)
    wrapper = wrapper_note(host.name, with_subdomains=subdomains)
    return Indicator(
        kind=Kind.DOMAIN,
        value=f"*.{host.name}" if subdomains else host.name,
        notes=distinct(host.notes, own, wrapper),
    )


def _refuse_reverse(name: str, *, typed: str) -> None:
    """Raises InvalidIndicator for `7.113.0.203.in-addr.arpa`, as DNS tools print it: the address is what is meant."""
    match = _REVERSE.fullmatch(name)
    if match is None:
        return
    parts = (match[1] or match[2]).rstrip(".").split(".")[::-1]
    address = "Type the address or the network that is meant."
    if match[1] and len(parts) == _IPV4_PARTS and all(int(part) < 256 for part in parts):
        address = f"Type {IPv4Address('.'.join(str(int(part)) for part in parts))} if the address is meant."
    elif match[2] and len(parts) == _IPV6_PARTS:
        address = f"Type {IPv6Address(int(''.join(parts), 16))} if the address is meant."
    raise InvalidIndicator(
        f"{quoted(typed)} is the name under which DNS says whose an address is, and no sender's domain.", address
    )
