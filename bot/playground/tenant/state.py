"""What the tenant holds: filter policies, block list entries and spoof pairs, as immutable records in one state.

A state can be copied cheaply, because its records never change in place. Two of the faults need that: a read-back that
lags behind a write, and a write that is acknowledged and not done.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

ListType = Literal["Sender", "Url", "FileHash", "IP"]
Action = Literal["Allow", "Block"]
ListSubType = Literal["Tenant", "AdvancedDelivery", "Submission"]
SpoofType = Literal["Internal", "External"]

LIST_TYPES: tuple[ListType, ...] = ("Sender", "Url", "FileHash", "IP")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A connection filter policy."""

    name: str
    created: datetime
    changed: datetime
    allow: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    safe_list: bool = False
    is_default: bool = False
    admin_display_name: str = ""
    edge_block_mode: str = "Default"
    guid: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True, kw_only=True)
class Item:
    """An entry of the Tenant Allow/Block List.

    `expires` set: dated. `remove_after` set (days): bounded by last use. Neither: permanent.
    """

    list_type: ListType
    value: str
    action: Action
    created: datetime
    modified: datetime
    modified_by: str
    notes: str = ""
    sub_type: ListSubType = "Tenant"
    submission_id: str = "Non-Submission"
    expires: datetime | None = None
    remove_after: int | None = None
    last_used: datetime | None = None
    identity: str = field(default_factory=lambda: f"RgAAAA{secrets.token_urlsafe(54)}AAAA0")

    def ends(self) -> datetime | None:
        """When the entry ends by itself, or None when it never does."""
        if self.expires is not None:
            return self.expires
        if self.remove_after is not None:
            return (self.last_used or self.created) + timedelta(days=self.remove_after)
        return None


@dataclass(frozen=True, kw_only=True)
class SpoofPair:
    """A spoofed sender and the infrastructure that sends for it. Pairs never expire."""

    spoofed_user: str
    sending_infrastructure: str
    spoof_type: SpoofType
    action: Action
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class State:
    """Everything the tenant holds. `items` and `spoof` are keyed by what makes an entry the same entry."""

    accepted_domains: tuple[str, ...]
    policies: dict[str, Policy]
    items: dict[ListType, dict[str, Item]] = field(default_factory=lambda: {kind: {} for kind in LIST_TYPES})
    spoof: dict[tuple[str, str], SpoofPair] = field(default_factory=dict)
    overrides: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)  #: records by noun and name

    @classmethod
    def new(cls, *, accepted_domains: tuple[str, ...], now: datetime) -> State:
        """A tenant as it comes: one empty policy named Default."""
        default = Policy(name="Default", is_default=True, created=now, changed=now)
        return cls(accepted_domains=accepted_domains, policies={"default": default})

    def copy(self) -> State:
        """The same contents, independent of what happens to this one afterwards."""
        return replace(
            self,
            policies=dict(self.policies),
            items={kind: dict(entries) for kind, entries in self.items.items()},
            spoof=dict(self.spoof),
            overrides={noun: dict(records) for noun, records in self.overrides.items()},
        )

    def forget_ended(self, *, now: datetime, listed_for: timedelta) -> bool:
        """Drops the entries that ended longer than `listed_for` ago; the service may list an ended entry for a while.

        Returns whether there were any.
        """
        ended = [
            (kind, key)
            for kind, entries in self.items.items()
            for key, item in entries.items()
            if (end := item.ends()) is not None and end + listed_for <= now
        ]
        for kind, key in ended:
            del self.items[kind][key]
        return bool(ended)
