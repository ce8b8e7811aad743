"""Domains as senders: `evil.example`, and `*.evil.example` for its subdomains.

Source: Microsoft's page on allowing or blocking senders: a domain doesn't cover its subdomains, `*.` before it does.
`*.TLD` is a valid entry too.
"""

from __future__ import annotations

from bot.domain.indicators.hosts import own_domain_note, read_host
from bot.domain.indicators.indicator import Indicator, Kind, distinct
from bot.domain.indicators.rewritten_links import wrapper_note
from bot.domain.indicators.typed_text import quoted
from bot.errors import InvalidIndicator


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
    host = read_host(bare, typed=typed, top_level=subdomains)
    own = own_domain_note(host.name, accepted_domains, covers_subdomains=subdomains)
    wrapper = wrapper_note(host.name, with_subdomains=subdomains)
    return Indicator(
        kind=Kind.DOMAIN,
        value=f"*.{host.name}" if subdomains else host.name,
        notes=distinct(host.notes, own, wrapper),
    )
