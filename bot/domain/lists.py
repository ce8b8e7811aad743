"""The tenant's lists: what fits where, how much they hold, how long entries last.

Source for every figure: Microsoft's pages on the connection filter and on the Tenant Allow/Block List.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.indicators import Kind


class ListName(StrEnum):
    """One of the tenant's lists."""

    CONNECTION_FILTER = "connection_filter"  #: IPv4, in every connection filter policy: IP Allow List, IP Block List
    SENDER = "sender"  #: domains and addresses
    URL = "url"
    FILE = "file"  #: SHA-256 hashes
    IP = "ip"  #: IPv6 only
    SPOOF = "spoof"  #: pairs of spoofed user and sending infrastructure


class Action(StrEnum):
    """What a list does with the mail that an entry covers."""

    ALLOW = "allow"
    BLOCK = "block"


class Plan(StrEnum):
    """The tenant's Defender for Office 365 plan, which sets the capacity of its lists."""

    NONE = "none"
    PLAN1 = "plan1"
    PLAN2 = "plan2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as the tenant returned it. `value` is untrusted text: an IP list can hold junk that is no IP."""

    list: ListName
    action: Action
    value: str
    expires: datetime | None = None
    bounded_by_use: bool = False  #: removed 45 days after its last use (`RemoveAfter 45`)
    last_used: datetime | None = None
    created: datetime | None = None
    notes: str = ""
    modified_by: str = ""
    identity: str = ""  #: the service's opaque id; empty in the connection filter
    policy: str = ""  #: the connection filter policy that holds it; empty elsewhere
    subtype: str = ""  #: Tenant, AdvancedDelivery, Submission
    spoof_type: str = ""  #: Internal or External, for spoof pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterPolicy:
    """One connection filter policy. Usually a tenant has one, named Default."""

    identity: str
    is_default: bool = False
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    safe_list: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantLists:
    """Everything that could be read of the tenant's lists at one time.

    `entries` has the entries of all lists, those of the connection filter policies among them. A list in
    `unreadable` (with the reason) says nothing: it is not an empty list.
    """

    as_of: datetime
    policies: tuple[FilterPolicy, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreadable: Mapping[ListName, str] = field(default_factory=dict)
    accepted_domains: frozenset[str] = frozenset()


#: Which list takes which kind of indicator.
LIST_OF_KIND: Mapping[Kind, ListName] = {
    Kind.IPV4: ListName.CONNECTION_FILTER,
    Kind.IPV4_RANGE: ListName.CONNECTION_FILTER,
    Kind.IPV4_NETWORK: ListName.CONNECTION_FILTER,
    Kind.IPV6: ListName.IP,
    Kind.IPV6_NETWORK: ListName.IP,
    Kind.DOMAIN: ListName.SENDER,
    Kind.ADDRESS: ListName.SENDER,
    Kind.URL: ListName.URL,
    Kind.FILE: ListName.FILE,
    Kind.SPOOF_PAIR: ListName.SPOOF,
}


def list_for(kind: Kind) -> ListName:
    """The list that an indicator of this kind goes to."""
    return LIST_OF_KIND[kind]
