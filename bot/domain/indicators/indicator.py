"""What an indicator is: its kinds, its notes, and the stable codes of those notes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What an indicator is."""

    IPV4 = "ipv4"
    IPV4_RANGE = "ipv4_range"
    IPV4_NETWORK = "ipv4_network"
    IPV6 = "ipv6"
    IPV6_NETWORK = "ipv6_network"
    DOMAIN = "domain"
    ADDRESS = "address"
    URL = "url"
    FILE = "file"
    SPOOF_PAIR = "spoof_pair"
    FILTER_POLICY = "filter_policy"  #: a connection filter policy, for its safe-list switch: nobody types it


class NoteCode(StrEnum):
    """Why a note was made. Policy goes by these; they never change their spelling."""

    # what the value is
    HOST_BITS = "host_bits"  #: the network was typed with host bits set; the value has them cleared
    NETMASK = "netmask"  #: a dotted netmask was typed; the value has the prefix length
    PUNYCODE = "punycode"  #: the host has letters beyond ASCII
    MIXED_SCRIPTS = "mixed_scripts"  #: one label mixes scripts, as look-alike names do
    PUBLIC_SUFFIX = "public_suffix"  #: a name under which anybody can register names
    UNKNOWN_SUFFIX = "unknown_suffix"  #: the last label is no top-level domain that exists
    OWN_DOMAIN = "own_domain"  #: one of the tenant's accepted domains, or under one, or covering one
    AS_LISTED = "as_listed"  #: an entry that the lists hold, with its exact value
    WRAPPER_HOST = "wrapper_host"  #: a host at which a mail gateway's rewritten links are, or a domain above one

    # which special range an IP touches (the IANA special-purpose registries)
    PRIVATE = "private"
    LOOPBACK = "loopback"
    DOCUMENTATION = "documentation"
    MULTICAST = "multicast"
    LINK_LOCAL = "link_local"
    SHARED = "shared"  #: 100.64.0.0/10, behind carriers' NAT
    RESERVED = "reserved"
    UNSPECIFIED = "unspecified"

    # what was left out or changed on the way to the normal form
    SCHEME_STRIPPED = "scheme_stripped"
    PORT_STRIPPED = "port_stripped"
    USER_STRIPPED = "user_stripped"
    FRAGMENT_STRIPPED = "fragment_stripped"
    FRAGMENT_WIDENED = "fragment_widened"  #: without what followed the #, nothing is left but the host
    QUERY_STRIPPED = "query_stripped"  #: of a mailto: link
    DISPLAY_NAME_STRIPPED = "display_name_stripped"
    INVISIBLE_STRIPPED = "invisible_stripped"  #: zero-width and other characters that nobody sees
    CHARACTERS_FOLDED = "characters_folded"  #: full-width and similar letters were read as the plain ones
    LABEL_STRIPPED = "label_stripped"  #: `From:`, `ip4:` and the like stood before the value
    LINK_UNWRAPPED = "link_unwrapped"  #: a service had rewritten the link; the value is where it leads
    SHORT_LINK = "short_link"  #: it leads somewhere that isn't in it
    PERCENT_ENCODED = "percent_encoded"  #: characters were replaced by their percent-encoded form, or the other way


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something worth knowing about an indicator. `code` is stable; policy goes by it. `text` is for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """What somebody wants blocked, allowed or checked, in its normal form."""

    kind: Kind
    value: str
    notes: tuple[Note, ...] = ()

    def has_note(self, code: str) -> bool:
        return any(note.code == code for note in self.notes)


def distinct(*groups: tuple[Note, ...]) -> tuple[Note, ...]:
    """The notes of all groups in order, each code once (the first text of a code stays)."""
    notes = [note for group in groups for note in group]
    if len(notes) < 2:
        return tuple(notes)
    by_code: dict[str, Note] = {}
    for note in notes:
        by_code.setdefault(note.code, note)
    return tuple(by_code.values())
