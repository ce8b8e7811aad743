"""What an entry for a sender covers: an address, a domain, or with `*.` the subdomains of one.

Source: Microsoft, "Allow or block email using the Tenant Allow/Block List". A domain's entry doesn't cover its
subdomains. Odd characters in an address stand percent-encoded there; both spellings mean the same address.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

import idna


@dataclass(frozen=True, slots=True)
class SenderPattern:
    """One address (`local` is set), one domain, or the subdomains of one (`below`)."""

    domain: str
    local: str = ""
    below: bool = False

    def includes(self, other: SenderPattern) -> bool:
        """Whether every sender of the other is one of this."""
        if self.local:
            return self == other
        if self.below:
            return (other.below and other.domain == self.domain) or other.domain.endswith(f".{self.domain}")
        return not other.below and other.domain == self.domain


_IN_NO_DOMAIN = frozenset(" */\\%,@:")


@lru_cache(maxsize=65536)
def read_sender(text: str) -> SenderPattern | None:
    """The pattern that a text names, or None for a text that can't be a sender's. Never raises."""
    text = text.strip()
    local, at, domain = text.rpartition("@")
    if at and not local:
        return None
    below = not at and domain.startswith("*.")
    domain = same_host(domain[2:] if below else domain)
    if not domain or not _IN_NO_DOMAIN.isdisjoint(domain):
        return None
    return SenderPattern(domain=domain, local=unquote(local).casefold(), below=below)


def same_host(host: str) -> str:
    """One spelling for all spellings of a host: lower case, Punycode, no dot at the end."""
    host = host.strip().rstrip(".").lower()
    if host.isascii():
        return host
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return host
