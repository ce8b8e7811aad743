"""Reading what people type or paste: defanged or not, in Slack's forms or not, into one normal form for each kind."""

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
