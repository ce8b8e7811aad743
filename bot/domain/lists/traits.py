"""The tenant's lists, and what each of them can do: one row for each list.

Whatever depends on which list it is goes by a trait, so that a new list is a name, a row and what mypy and the tests
then ask for: each `match` over the lists is complete, and each table of texts has a row for every list.

Source for every figure: Microsoft's pages on the connection filter and on the Tenant Allow/Block List.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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

    @property
    def traits(self) -> ListTraits:
        """What this list can do."""
        return _TRAITS[self]


class Action(StrEnum):
    """What a list does with the mail that an entry covers."""

    ALLOW = "allow"
    BLOCK = "block"

    @property
    def other(self) -> Action:
        """The one that contradicts it."""
        return Action.BLOCK if self is Action.ALLOW else Action.ALLOW


class Plan(StrEnum):
    """The tenant's Defender for Office 365 plan, which sets the capacity of its lists."""

    NONE = "none"
    PLAN1 = "plan1"
    PLAN2 = "plan2"


class Cmdlets(StrEnum):
    """The cmdlets that read and change a list, by their noun."""

    FILTER_POLICY = "HostedConnectionFilterPolicy"  #: edits one policy at a time
    ITEMS = "TenantAllowBlockListItems"  #: goes by `-ListType` and the values alone
    SPOOF_ITEMS = "TenantAllowBlockListSpoofItems"  #: adds pair by pair, and removes by the service's ids


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWords:
    """What people call a list, its two halves, and what it holds."""

    family: str  #: the lists that have the same rule of precedence
    title: str  #: in a sentence, after `the`
    titles: Mapping[Action, str]  #: the same for one half of it
    label: str  #: by itself, on a card or in a report
    labels: Mapping[Action, str]  #: the same for one half of it
    shorts: Mapping[Action, str]  #: the same in a word or two, for who knows the lists
    noun: str  #: one of what it holds
    nouns: str  #: several


@dataclass(frozen=True, slots=True, kw_only=True)
class ListTraits:
    """What a list can do. No trait has a default, so that a new list answers every question."""

    words: ListWords
    kinds: frozenset[Kind]  #: the indicators that go to it
    holds_ips: bool  #: IP addresses of either version: an allow entry here is an IP allow
    cmdlets: Cmdlets
    list_type: str  #: its `-ListType`; empty with other cmdlets than `Cmdlets.ITEMS`
    values_per_addition: int  #: how many values one call adds
    values_per_call: int  #: how many values any other call takes
    in_policies: bool  #: each connection filter policy has one of its own, so that an entry can be in several
    one_entry_a_value: bool  #: it holds a value once, allowed or blocked, not once for each action
    #: One value has several spellings in normal form (a range is a network too), and entries are few: what is on record
    #: of a value is found by looking through the whole list.
    spellings_vary: bool
    stronger_action: Action  #: which action wins when both name the same thing
    kept_days: Mapping[Action, int]  #: the furthest end that the service keeps, in days; empty: it keeps none
    #: An allow entry without an end ends by itself, 45 days after its last use, because "never" isn't to be had.
    #: Source: New-TenantAllowBlockListItems, `-NoExpiration` and `-RemoveAfter`.
    allows_end_by_use: bool
    keeps_notes: bool  #: where the service keeps none with an entry, Portcullis does
    takes_direct_allows: bool  #: the service takes an allow entry without a submission
    takes_submissions: bool  #: a submission to Microsoft makes allow entries here
    limits: Mapping[Plan, Mapping[Action, int]]  #: how many entries fit; in each policy, if it is `in_policies`
    shares_limit: bool  #: the entries of both actions count together

    @property
    def keeps_ends(self) -> bool:
        """Whether the service keeps end dates. Where it doesn't, Portcullis does."""
        return bool(self.kept_days)

    @property
    def adds_by_value_alone(self) -> bool:
        """Whether an addition takes nothing but the values: no policy to add to, no domains to tell them apart by."""
        return self.cmdlets is Cmdlets.ITEMS


def list_for(kind: Kind) -> ListName:
    """The list that an indicator of this kind goes to."""
    return _LIST_OF_KIND[kind]


def title(name: ListName, action: Action | None = None) -> str:
    """What people call a list in a sentence, to be put after `the`; with an action, that half of it."""
    words = name.traits.words
    return words.title if action is None else words.titles[action]


def label(name: ListName, action: Action | None = None) -> str:
    """What people call a list where its name stands by itself; with an action, that half of it."""
    words = name.traits.words
    return words.label if action is None else words.labels[action]


def short_label(name: ListName, action: Action) -> str:
    """What people call a half of a list where there is little room: `Senders`, `IP Block List`."""
    return name.traits.words.shorts[action]


def _block_list(contents: str, *, page: str, noun: str, nouns: str) -> ListWords:
    """The words for a list of the Tenant Allow/Block List: `contents` and `page` are those of Microsoft's portal."""
    name = "Tenant Allow/Block List"
    return ListWords(
        family=name,
        title=f"{name} for {contents}",
        titles={action: f"{name}'s {action.value}ed {contents}" for action in Action},
        label=f"{name}, {page}",
        labels=dict.fromkeys(Action, f"{name}, {page}"),
        shorts=dict.fromkeys(Action, page[:1].upper() + page[1:]),
        noun=noun,
        nouns=nouns,
    )


_CONNECTION_FILTER = ListWords(
    family="connection filter",
    title="connection filter",
    titles={Action.ALLOW: "IP Allow List", Action.BLOCK: "IP Block List"},
    label="connection filter",
    labels={
        Action.ALLOW: "IP Allow List (connection filter)",
        Action.BLOCK: "IP Block List (connection filter)",
    },
    shorts={Action.ALLOW: "IP Allow List", Action.BLOCK: "IP Block List"},
    noun="IP",
    nouns="IPs",
)

#: How many values go into one call. 20 is the portal's documented limit; the cmdlets' own is undocumented.
_AT_ONCE = 20

#: Microsoft, "Use the Microsoft Defender portal to create block entries": "the maximum value is 90 days from today";
#: the same for allow entries of IPv6 addresses.
MOST_BLOCK_DAYS = 90

#: The same pages, for allow entries of domains, addresses, URLs and files.
MOST_ALLOW_DAYS = 30


def _whatever_the_plan(entries: int) -> Mapping[Plan, Mapping[Action, int]]:
    return dict.fromkeys(Plan, dict.fromkeys(Action, entries))


#: Microsoft, "Entry limits" on each page of the Tenant Allow/Block List: for each list type, by plan.
_BY_PLAN: Mapping[Plan, Mapping[Action, int]] = {
    Plan.NONE: {Action.ALLOW: 500, Action.BLOCK: 500},
    Plan.PLAN1: {Action.ALLOW: 1000, Action.BLOCK: 1000},
    Plan.PLAN2: {Action.ALLOW: 5000, Action.BLOCK: 10000},
}

#: What the four lists of items have in common is said of senders, and of the others what is different.
_SENDER = ListTraits(
    words=_block_list("domains and addresses", page="senders", noun="sender", nouns="senders"),
    kinds=frozenset({Kind.DOMAIN, Kind.ADDRESS}),
    holds_ips=False,
    cmdlets=Cmdlets.ITEMS,
    list_type="Sender",
    values_per_addition=_AT_ONCE,
    values_per_call=_AT_ONCE,
    in_policies=False,
    one_entry_a_value=True,
    spellings_vary=False,
    stronger_action=Action.BLOCK,
    kept_days={Action.ALLOW: MOST_ALLOW_DAYS, Action.BLOCK: MOST_BLOCK_DAYS},
    allows_end_by_use=True,
    keeps_notes=True,
    takes_direct_allows=True,
    takes_submissions=True,
    limits=_BY_PLAN,
    shares_limit=False,
)

_TRAITS: Mapping[ListName, ListTraits] = {
    ListName.CONNECTION_FILTER: ListTraits(
        words=_CONNECTION_FILTER,
        kinds=frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.FILTER_POLICY}),
        holds_ips=True,
        cmdlets=Cmdlets.FILTER_POLICY,
        list_type="",
        values_per_addition=_AT_ONCE,
        values_per_call=_AT_ONCE,
        in_policies=True,
        one_entry_a_value=False,
        spellings_vary=True,
        stronger_action=Action.ALLOW,
        kept_days={},
        allows_end_by_use=False,
        keeps_notes=False,
        takes_direct_allows=True,
        takes_submissions=False,
        limits=_whatever_the_plan(1273),  # Microsoft, "Configure connection filtering"
        shares_limit=False,
    ),
    ListName.SENDER: _SENDER,
    ListName.URL: replace(
        _SENDER,
        words=_block_list("URLs", page="URLs", noun="URL", nouns="URLs"),
        kinds=frozenset({Kind.URL}),
        list_type="Url",
    ),
    ListName.FILE: replace(
        _SENDER,
        words=_block_list("files", page="files", noun="file", nouns="files"),
        kinds=frozenset({Kind.FILE}),
        list_type="FileHash",
        takes_direct_allows=False,
    ),
    ListName.IP: replace(
        _SENDER,
        words=_block_list(
            "IPv6 addresses", page="IPv6 addresses", noun="IPv6 address or network", nouns="IPv6 addresses or networks"
        ),
        kinds=frozenset({Kind.IPV6, Kind.IPV6_NETWORK}),
        holds_ips=True,
        list_type="IP",
        kept_days=dict.fromkeys(Action, MOST_BLOCK_DAYS),
        allows_end_by_use=False,
        takes_submissions=False,
    ),
    ListName.SPOOF: ListTraits(
        words=_block_list("spoofed senders", page="spoofed senders", noun="spoof pair", nouns="spoof pairs"),
        kinds=frozenset({Kind.SPOOF_PAIR}),
        holds_ips=False,
        cmdlets=Cmdlets.SPOOF_ITEMS,
        list_type="",
        values_per_addition=1,
        values_per_call=_AT_ONCE,
        in_policies=False,
        one_entry_a_value=True,
        spellings_vary=True,
        stronger_action=Action.BLOCK,
        kept_days={},
        allows_end_by_use=False,
        keeps_notes=False,
        takes_direct_allows=True,
        takes_submissions=False,
        limits=_whatever_the_plan(1024),  # Microsoft, "Spoofed senders in the Tenant Allow/Block List"
        shares_limit=True,
    ),
}

_LIST_OF_KIND: Mapping[Kind, ListName] = {kind: name for name in ListName for kind in name.traits.kinds}
