"""What the tenant's lists hold: entries, connection filter policies, and everything that was read at one time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.lists.traits import Action, ListName
from bot.domain.overrides.override import PlaceReading


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
    modified: datetime | None = None  #: when somebody, or the service, last changed it
    notes: str = ""
    modified_by: str = ""
    identity: str = ""  #: the service's opaque id; empty in the connection filter
    policy: str = ""  #: the connection filter policy that holds it; empty elsewhere
    subtype: str = ""  #: Tenant, AdvancedDelivery, Submission
    submission_id: str = ""  #: of the submission that the entry came of
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
class Snapshot:
    """Everything that could be read of the tenant's lists at one time.

    `entries` has the entries of all lists, those of the connection filter policies among them. A list in
    `unreadable` (with the reason) says nothing: it is not an empty list.
    """

    as_of: datetime
    policies: tuple[FilterPolicy, ...] = ()
    entries: tuple[Entry, ...] = ()
    unreadable: Mapping[ListName, str] = field(default_factory=dict)
    accepted_domains: frozenset[str] = frozenset()
    places: tuple[PlaceReading, ...] = ()  #: what else lets mail through or stops it; one that is missing wasn't read


def policy_entries(policies: Iterable[FilterPolicy]) -> tuple[Entry, ...]:
    """The entries that connection filter policies hold. Each names its policy."""
    return tuple(
        Entry(list=ListName.CONNECTION_FILTER, action=action, value=value, policy=policy.identity)
        for policy in policies
        for action, values in ((Action.ALLOW, policy.allow), (Action.BLOCK, policy.block))
        for value in values
    )


def has_ended(entry: Entry, now: datetime) -> bool:
    """Whether an entry's end date has passed: the service may go on listing it for a while."""
    return entry.expires is not None and entry.expires <= now
