"""Spoof pairs: `<spoofed user>, <sending infrastructure>`.

Source: Microsoft's page on spoofed senders in the Tenant Allow/Block List. The user is an address, a domain or `*`; the
infrastructure is the domain of the sending host's PTR record, `<IPv4>/24`, a verified DKIM domain, or `*`; never both
`*`.
"""

from __future__ import annotations

from bot.domain.indicators.addresses import read_address
from bot.domain.indicators.domains import read_domain
from bot.domain.indicators.indicator import Indicator, Kind, Note, distinct
from bot.domain.indicators.ipv4 import looks_like_ipv4, read_ipv4
from bot.domain.indicators.ipv6 import looks_like_ipv6
from bot.domain.indicators.surroundings import unwrap
from bot.domain.indicators.typed_text import quoted, shown
from bot.errors import InvalidIndicator

_FORM = "Type a pair such as fabrikam.com, 203.0.113.0/24 or user@fabrikam.com, mail.evil.example."


def split_pair(text: str) -> list[str]:
    """The text's parts between commas, leaving alone commas in quotation marks. No comma: one part."""
    parts, start, inside = [], 0, False
    for position, character in enumerate(text):
        if character == '"':
            inside = not inside
        elif character == "," and not inside:
            parts.append(text[start:position])
            start = position + 1
    return [*parts, text[start:]]


def read_spoof_pair(text: str, *, typed: str, accepted_domains: frozenset[str] = frozenset()) -> Indicator:
    """Read `user, infrastructure`. Raises InvalidIndicator; `typed` is what its text repeats."""
    sides = split_pair(text)
    parts = [unwrap(side) for side in sides] if len(sides) == 2 else []
    if not parts or not all(parts):
        raise InvalidIndicator(f"{quoted(typed)} isn't a pair of a user and an infrastructure.", _FORM)
    user, infrastructure = parts
    if user == infrastructure == "*":
        raise InvalidIndicator(
            f"{quoted(typed)} would be every user and every infrastructure; one of the two has to be named.", _FORM
        )
    if _is_ip(user) and not _is_ip(infrastructure):
        raise InvalidIndicator(
            f"{quoted(user)} is an IP address; the spoofed user is an address, a domain or *.",
            f"The user goes first, the infrastructure second: spoof {shown(infrastructure)}, {shown(user)}",
        )
    user_value, user_notes = _read_user(user, accepted_domains=accepted_domains)
    infrastructure_value, infrastructure_notes = _read_infrastructure(infrastructure)
    return Indicator(
        kind=Kind.SPOOF_PAIR,
        value=f"{user_value}, {infrastructure_value}",
        notes=distinct(user_notes, infrastructure_notes),
    )


def _read_user(user: str, *, accepted_domains: frozenset[str]) -> tuple[str, tuple[Note, ...]]:
    if user == "*":
        return "*", ()
    if _is_ip(user):
        raise InvalidIndicator(
            f"{quoted(user)} is an IP address; the spoofed user is an address, a domain or *.", _FORM
        )
    if "@" in user:
        read = read_address(user, typed=user, accepted_domains=accepted_domains)
    else:
        _refuse_star(user)
        read = read_domain(user, typed=user, accepted_domains=accepted_domains)
    return read.value, read.notes


def _read_infrastructure(infrastructure: str) -> tuple[str, tuple[Note, ...]]:
    if infrastructure == "*":
        return "*", ()
    if looks_like_ipv4(infrastructure):
        read = read_ipv4(infrastructure, typed=infrastructure)
        if read.kind is Kind.IPV4:
            raise InvalidIndicator(
                f"{quoted(infrastructure)} is a single IP address; a pair takes the /24 network around it.",
                f"Type {read_ipv4(f'{read.value}/24', typed=infrastructure).value}.",
            )
        if not read.value.endswith("/24"):
            raise InvalidIndicator(
                f"{quoted(infrastructure)} isn't a /24 network, the only size that a pair takes.",
                "Type a network such as 203.0.113.0/24.",
            )
        return read.value, read.notes
    if looks_like_ipv6(infrastructure):
        raise InvalidIndicator(
            f"{quoted(infrastructure)} is IPv6; a pair takes an IPv4 /24 network or a domain.",
            "Type the domain in the sending host's PTR record.",
        )
    if "@" in infrastructure:
        raise InvalidIndicator(
            f"{quoted(infrastructure)} is an address; the infrastructure is a domain or an IPv4 /24 network.",
            "The user goes first, the infrastructure second.",
        )
    _refuse_star(infrastructure)
    read = read_domain(infrastructure, typed=infrastructure)
    return read.value, read.notes


def _is_ip(text: str) -> bool:
    return looks_like_ipv4(text) or looks_like_ipv6(text)


def _refuse_star(text: str) -> None:
    if "*" in text:
        raise InvalidIndicator(
            f"{quoted(text)} has a star in a name; in a pair * stands alone, for everything.",
            f"Type {text.strip('*.')[:80] or 'a domain'}, or * alone.",
        )
