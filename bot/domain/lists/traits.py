"""The tenant's lists: what fits where, how much they hold, how long entries last.

Source for every figure: Microsoft's pages on the connection filter and on the Tenant Allow/Block List.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.indicators.indicator import Kind


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
    Kind.FILTER_POLICY: ListName.CONNECTION_FILTER,
}


def list_for(kind: Kind) -> ListName:
    """The list that an indicator of this kind goes to."""
    return LIST_OF_KIND[kind]


#: What the lists of the Tenant Allow/Block List hold, in the words of Microsoft's portal.
_CONTENTS: Mapping[ListName, str] = {
    ListName.SENDER: "domains and addresses",
    ListName.URL: "URLs",
    ListName.FILE: "files",
    ListName.IP: "IPv6 addresses",
    ListName.SPOOF: "spoofed senders",
}


def title(name: ListName, action: Action | None = None) -> str:
    """What people call a list, to be put after `the`; with an action, that half of it."""
    if name is ListName.CONNECTION_FILTER:
        return {None: "connection filter", Action.ALLOW: "IP Allow List", Action.BLOCK: "IP Block List"}[action]
    if action is None:
        return f"Tenant Allow/Block List for {_CONTENTS[name]}"
    return f"Tenant Allow/Block List's {action.value}ed {_CONTENTS[name]}"


def stronger_action(name: ListName) -> Action:
    """Which action wins when both name the same thing: allow in the connection filter, block everywhere else."""
    return Action.ALLOW if name is ListName.CONNECTION_FILTER else Action.BLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """How much a list holds, and what counts against that figure."""

    limit: int  #: entries
    counted: frozenset[Action]  #: whose entries share the limit: one action, or both together
    per_policy: bool = False  #: the limit stands for each connection filter policy by itself


#: Microsoft, "Configure connection filtering": entries in each of the two lists of a policy.
_CONNECTION_FILTER_LIMIT = 1273

#: Microsoft, "Spoofed senders in the Tenant Allow/Block List": allow and block entries together.
_SPOOF_LIMIT = 1024

#: Microsoft, "Entry limits" on each page of the Tenant Allow/Block List: for each list type, by plan.
_LIMITS: Mapping[Plan, Mapping[Action, int]] = {
    Plan.NONE: {Action.ALLOW: 500, Action.BLOCK: 500},
    Plan.PLAN1: {Action.ALLOW: 1000, Action.BLOCK: 1000},
    Plan.PLAN2: {Action.ALLOW: 5000, Action.BLOCK: 10000},
}


def capacity(name: ListName, action: Action, plan: Plan) -> Capacity:
    """How many entries fit, and which entries count. The plan matters for the Tenant Allow/Block List only."""
    if name is ListName.CONNECTION_FILTER:
        return Capacity(limit=_CONNECTION_FILTER_LIMIT, counted=frozenset({action}), per_policy=True)
    if name is ListName.SPOOF:
        return Capacity(limit=_SPOOF_LIMIT, counted=frozenset(Action))
    return Capacity(limit=_LIMITS[plan][action], counted=frozenset({action}))


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRule:
    """How long an entry may last.

    Where the service keeps no end date, or none so far ahead, Portcullis keeps it and removes the entry when it comes.
    """

    service_keeps_end: bool
    service_most_days: int | None  #: the furthest end date that the service keeps; None: it keeps none
    may_be_endless: bool
    most_days: int | None  #: the furthest end date; None: any
    default_days: int  #: when a person gives none


#: When a person gives no end: the service's own default for blocks. Portcullis takes it for every list, the two that
#: know no end dates included, because an entry that nobody looks at again is what it exists to prevent.
DEFAULT_DAYS = 30

#: Microsoft, "Use the Microsoft Defender portal to create block entries": "the maximum value is 90 days from today".
MOST_BLOCK_DAYS = 90

#: The same pages, for allow entries of domains, addresses and URLs.
MOST_ALLOW_DAYS = 30

#: Between a request and the call that carries it out, clocks and rounding may shift an end date by so much.
_TOLERANCE = timedelta(minutes=1)

#: Lists whose entries have neither an end date nor notes: their records have no fields for them.
_NO_ENDS = frozenset({ListName.CONNECTION_FILTER, ListName.SPOOF})
_NO_NOTES = _NO_ENDS

#: What the operator gets for IP allows without setting anything.
DEFAULT_IP_ALLOW_DAYS = 7


def end_rule(name: ListName, action: Action, *, ip_allow_max_days: int = DEFAULT_IP_ALLOW_DAYS) -> EndRule:
    """The rule for the end of an entry. `ip_allow_max_days` is the operator's limit for IP allows, IPv6 included."""
    if name in _NO_ENDS:
        is_ip_allow = name is ListName.CONNECTION_FILTER and action is Action.ALLOW
        return EndRule(
            service_keeps_end=False,
            service_most_days=None,
            may_be_endless=not is_ip_allow,
            most_days=ip_allow_max_days if is_ip_allow else None,
            default_days=ip_allow_max_days if is_ip_allow else DEFAULT_DAYS,
        )
    if action is Action.BLOCK:
        return EndRule(
            service_keeps_end=True,
            service_most_days=MOST_BLOCK_DAYS,
            may_be_endless=True,
            most_days=None,
            default_days=DEFAULT_DAYS,
        )
    kept = MOST_BLOCK_DAYS if name is ListName.IP else MOST_ALLOW_DAYS
    most = min(ip_allow_max_days, kept) if name is ListName.IP else kept
    return EndRule(
        service_keeps_end=True, service_most_days=kept, may_be_endless=False, most_days=most, default_days=most
    )


def ended_by_portcullis(name: ListName, action: Action, *, expires: datetime | None, since: datetime) -> bool:
    """Whether Portcullis ends an entry itself, because the service keeps no end date, or none so far ahead.

    `since` is when the request was made, so that the answer stays the same however late somebody asks.
    """
    if expires is None:
        return False
    rule = end_rule(name, action)
    if rule.service_most_days is None:
        return True
    return rule.may_be_endless and expires - since > timedelta(days=rule.service_most_days) + _TOLERANCE


def keeps_notes(name: ListName) -> bool:
    """Whether the service keeps notes with the entries of a list. Where it doesn't, Portcullis does."""
    return name not in _NO_NOTES


def default_expiry(
    name: ListName, action: Action, *, now: datetime, ip_allow_max_days: int = DEFAULT_IP_ALLOW_DAYS
) -> datetime:
    """When an entry ends if the person who asks for it gives no end."""
    return now + timedelta(days=end_rule(name, action, ip_allow_max_days=ip_allow_max_days).default_days)
