"""What an entry covers, and how it stands to an indicator that somebody checks or proposes.

Entry values are untrusted: what can't be read covers nothing but a text identical to it, and nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import IpSpan, read_span
from bot.domain.lists.entries import Entry
from bot.domain.lists.sender_pattern import SenderPattern, read_sender, same_host
from bot.domain.lists.traits import Action, ListName, list_for
from bot.domain.lists.url_pattern import UrlPattern, read_url, read_url_entry


class Effect(StrEnum):
    """How an entry stands to an indicator."""

    EXACT = "exact"  #: it names just this
    COVERS = "covers"  #: it names more, this included
    PART = "part"  #: it names a part of this
    EXPIRED = "expired"  #: it would cover this, or a part, but its end date has passed
    RELATED = "related"  #: another list's entry, which acts on mail that this is about, but not on this itself
    BESIDE = "beside"  #: it names a domain above this without its subdomains, or the subdomains of this without itself


#: The lists, beside its own, in which a kind of indicator can be named.
_RELATED_LISTS: dict[Kind, frozenset[ListName]] = {
    Kind.IPV4: frozenset({ListName.SPOOF, ListName.URL}),
    Kind.IPV4_RANGE: frozenset(),
    Kind.IPV4_NETWORK: frozenset({ListName.SPOOF}),
    Kind.IPV6: frozenset({ListName.CONNECTION_FILTER}),
    Kind.IPV6_NETWORK: frozenset({ListName.CONNECTION_FILTER}),
    Kind.DOMAIN: frozenset({ListName.URL, ListName.SPOOF}),
    Kind.ADDRESS: frozenset({ListName.SPOOF}),
    Kind.URL: frozenset({ListName.SENDER}),
    Kind.FILE: frozenset(),
    Kind.SPOOF_PAIR: frozenset({ListName.SENDER}),
    Kind.FILTER_POLICY: frozenset(),
}


_CONCERNED_LISTS = {kind: (list_for(kind), *sorted(others)) for kind, others in _RELATED_LISTS.items()}


def related_lists(kind: Kind) -> frozenset[ListName]:
    """The lists, beside its own, whose entries can matter to somebody who asks about this kind of indicator."""
    return _RELATED_LISTS[kind]


def concerned_lists(kind: Kind) -> tuple[ListName, ...]:
    """The lists whose entries can matter to somebody who asks about this kind of indicator, its own first."""
    return _CONCERNED_LISTS[kind]


def covers(entry: Entry, indicator: Indicator) -> Effect | None:
    """How an entry of the indicator's own list covers what is being checked: exact, covers, part, or not at all.

    A URL without wildcards is taken for that one URL; end dates play no part here.
    """
    if entry.list is not list_for(indicator.kind):
        return None
    entry_text, wanted = entry.value, indicator.value
    match entry.list:
        case ListName.CONNECTION_FILTER | ListName.IP:
            return _span_effect(entry_text, wanted)
        case ListName.SENDER:
            return _pattern_effect(entry, indicator, read_sender(entry_text), read_sender(wanted))
        case ListName.URL:
            return _pattern_effect(entry, indicator, read_url_entry(entry_text, entry.action), read_url(wanted))
        case ListName.SPOOF:
            return _pattern_effect(entry, indicator, read_pair(entry_text), read_pair(wanted))
        case ListName.FILE:
            return Effect.EXACT if _same_text(entry_text, wanted) else None


def covers_proposed(entry: Entry, indicator: Indicator, action: Action) -> Effect | None:
    """How an entry covers all that a *proposed entry* would cover: for a URL that is more than the URL itself.

    With the proposal's own action this says whether the proposal is superfluous (exact, covers); with the other
    action, whether the two contradict each other (all but None).
    """
    if entry.list is not ListName.URL or indicator.kind is not Kind.URL:
        return covers(entry, indicator)
    return _pattern_effect(
        entry,
        indicator,
        read_url_entry(entry.value, entry.action),
        read_url_entry(indicator.value, action),
    )


def stands_beside(entry: Entry, indicator: Indicator) -> bool:
    """Whether a sender entry could be taken to cover the indicator, and doesn't.

    So it is with a domain, which doesn't cover its subdomains, and with `*.evil.example`, which is for the subdomains
    of evil.example.
    """
    if entry.list is not ListName.SENDER or list_for(indicator.kind) is not ListName.SENDER:
        return False
    pattern, wanted = read_sender(entry.value), read_sender(indicator.value)
    if pattern is None or wanted is None or pattern.local:
        return False
    if pattern.below:
        return not wanted.below and wanted.domain == pattern.domain
    if wanted.below and wanted.domain == pattern.domain:
        return True
    return wanted.domain.endswith(f".{pattern.domain}")


def relates(entry: Entry, indicator: Indicator) -> bool:
    """Whether an entry of another list acts on mail that the indicator is about. See `related_lists`."""
    if entry.list not in _RELATED_LISTS[indicator.kind]:
        return False
    match entry.list:
        case ListName.URL:
            pattern, url = read_url_entry(entry.value, entry.action), read_url(indicator.value)
            return pattern is not None and url is not None and pattern.includes(url)
        case ListName.SPOOF:
            return _pair_names(read_pair(entry.value), indicator)
        case ListName.SENDER:
            return _sender_is_behind(read_sender(entry.value), indicator)
        case ListName.CONNECTION_FILTER | ListName.IP:
            return _span_effect(entry.value, indicator.value) in {Effect.EXACT, Effect.COVERS}
        case ListName.FILE:
            return False  # a hash says nothing of mail but that it has this file


def value_key(name: ListName, value: str) -> object:
    """What two spellings of the same entry have in common: equal keys are one entry to the service."""
    key: object
    match name:
        case ListName.CONNECTION_FILTER | ListName.IP:
            key = read_span(value)
        case ListName.SENDER:
            key = read_sender(value)
        case ListName.URL:
            key = read_url(value)
        case ListName.SPOOF:
            key = read_pair(value)
        case ListName.FILE:
            key = None
    return key if key is not None else value.strip().casefold()


def listed_as(entries: Iterable[Entry], indicator: Indicator, action: Action) -> tuple[Entry, ...]:
    """The entries that are this very indicator under this action, as the tenant spells them, one for each policy.

    To remove an indicator, these spellings are what to send: `203.0.113.5/25` and `203.0.113.0/25` are the same
    network, but the connection filter removes only the text that it holds.
    """
    return tuple(entry for entry in entries if entry.action is action and is_same(entry, indicator))


def is_same(entry: Entry, indicator: Indicator) -> bool:
    """Whether an entry is this very indicator, in whichever spelling."""
    if entry.list is not list_for(indicator.kind):
        return False
    return entry.value == indicator.value or value_key(entry.list, entry.value) == value_key(
        entry.list, indicator.value
    )


def span_of(value: str) -> IpSpan | None:
    """The addresses that an IP entry or indicator names, or None for junk."""
    return read_span(value)


@dataclass(frozen=True, slots=True)
class Pair:
    """A spoof pair's two sides: whom the mail claims to be from, and what sends it.

    Source: Microsoft, "Domain pair syntax for spoofed sender entries".
    """

    user: str
    infrastructure: str
    network: IpSpan | None

    def includes(self, other: Pair) -> bool:
        return self._includes_user(other.user) and self._includes_infrastructure(other)

    def _includes_user(self, user: str) -> bool:
        return self.user in {"*", user} or ("@" not in self.user and user.endswith(f"@{self.user}"))

    def _includes_infrastructure(self, other: Pair) -> bool:
        if self.infrastructure in {"*", other.infrastructure}:
            return True
        return self.network is not None and other.network is not None and self.network.holds(other.network)


@lru_cache(maxsize=65536)
def read_pair(text: str) -> Pair | None:
    """The pair that `user, infrastructure` names, or None for anything else. Never raises."""
    user, comma, infrastructure = (part.strip() for part in text.rpartition(","))
    if not comma or not user or not infrastructure:
        return None
    sender = read_sender(user)
    if sender is not None and not sender.below:
        user = f"{sender.local}@{sender.domain}" if sender.local else sender.domain
    network = read_span(infrastructure)
    return Pair(
        user=user.casefold(),
        infrastructure=same_host(infrastructure) if network is None else str(network),
        network=network,
    )


def _same_text(left: str, right: str) -> bool:
    return left == right or left.strip().casefold() == right.strip().casefold()


def _span_effect(entry_value: str, wanted_value: str) -> Effect | None:
    entry, wanted = read_span(entry_value), read_span(wanted_value)
    if entry is None or wanted is None:
        return Effect.EXACT if _same_text(entry_value, wanted_value) else None
    if not entry.meets(wanted):
        return None
    if entry == wanted:
        return Effect.EXACT
    return Effect.COVERS if entry.holds(wanted) else Effect.PART


_Pattern = TypeVar("_Pattern", SenderPattern, UrlPattern, Pair)


def _pattern_effect(
    entry: Entry, indicator: Indicator, pattern: _Pattern | None, wanted: _Pattern | None
) -> Effect | None:
    if pattern is None or wanted is None:
        return Effect.EXACT if _same_text(entry.value, indicator.value) else None
    if pattern.includes(wanted):
        return Effect.EXACT if is_same(entry, indicator) else Effect.COVERS
    return Effect.PART if wanted.includes(pattern) else None


def _pair_names(pair: Pair | None, indicator: Indicator) -> bool:
    """Whether a spoof pair has the indicator on one of its sides; a `*` names nobody."""
    if pair is None:
        return False
    if indicator.kind in {Kind.IPV4, Kind.IPV4_NETWORK}:
        wanted = read_span(indicator.value)
        return wanted is not None and pair.network is not None and pair.network.holds(wanted)
    sender = read_sender(indicator.value)
    if sender is None or sender.below:
        return False
    if sender.local:
        return pair.user in {f"{sender.local}@{sender.domain}", sender.domain}
    return sender.domain in {pair.user.rpartition("@")[2], pair.infrastructure}


def _sender_is_behind(sender: SenderPattern | None, indicator: Indicator) -> bool:
    """Whether a sender entry covers a URL's host, or the spoofed user of a pair."""
    if sender is None:
        return False
    if indicator.kind is Kind.URL:
        url = None if sender.local else read_url(indicator.value)
        return url is not None and sender.includes(SenderPattern(domain=url.host))
    pair = read_pair(indicator.value)
    user = read_sender(pair.user) if pair is not None else None
    return user is not None and sender.includes(user)
