"""Is it allowed? Precedence over all lists, with the explanation.

Sources: Microsoft, "Configure connection filtering" (the allow list wins over the block list there) and "Manage allows
and blocks in the Tenant Allow/Block List" (a block wins over an allow there).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bot.domain.indicators.defanging import defanged
from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import together_hold
from bot.domain.indicators.reader import read, read_as
from bot.domain.lists.coverage import Effect, covers, related_lists, relates, span_of, value_key
from bot.domain.lists.entries import Entry, Snapshot, has_ended
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for, stronger_action, title
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.verdict.limits import limits_of
from bot.errors import InvalidIndicator


class Judgement(StrEnum):
    """What the tenant's lists say of an indicator."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    NOT_LISTED = "not_listed"
    UNKNOWN = "unknown"  #: nothing was found, in a list that could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An entry that matters for the verdict. `effect` says how: exact, covers, part, expired, related."""

    entry: Entry
    effect: str
    wins: bool = False
    known: KnownEntry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with everything that led to it. `unseen` names what could not be read: say so beside the answer."""

    indicator: Indicator
    judgement: Judgement
    because: str
    matches: tuple[Match, ...] = ()
    limits: tuple[str, ...] = ()  #: what the verdict does not mean
    unseen: tuple[str, ...] = ()
    as_of: datetime


def judge(
    indicator: Indicator,
    lists: Snapshot,
    *,
    now: datetime,
    known: Sequence[KnownEntry] = (),
    index: ListIndex | None = None,
) -> Verdict:
    """What the tenant's lists say of an indicator at `now`, with every entry that matters, the winners first.

    `known` is what Portcullis has on record; it is joined to the entries by list, action and value. `index` is that of
    these very lists: with it, a long list costs no more than a short one. Never raises on what the lists hold.
    """
    name = list_for(indicator.kind)
    found = tuple(_find(indicator, _looked_at(indicator, lists, index), now))
    unreadable = name in lists.unreadable
    judgement, deciding = _decide(indicator, name, found, unreadable=unreadable)
    records = {(record.list, record.action, value_key(record.list, record.value)): record for record in known}
    matches = sorted((_joined(match, deciding, records) for match in found), key=_rank)
    unseen = _unseen(indicator, lists)
    return Verdict(
        indicator=indicator,
        judgement=judgement,
        because=_because(indicator, judgement, tuple(matches), now=now, unreadable=unreadable),
        matches=tuple(matches),
        limits=()
        if judgement is Judgement.UNKNOWN
        else limits_of(
            indicator.kind, lists, allowed=judgement is Judgement.ALLOWED, blocked=judgement is Judgement.BLOCKED
        ),
        unseen=unseen,
        as_of=lists.as_of,
    )


def spellings(indicator: Indicator, lists: Snapshot, *, index: ListIndex | None = None) -> frozenset[str]:
    """How the entries that matter for a verdict can be spelled in what Portcullis has on record.

    That is as the tenant spells them, and in the normal form of what somebody asked for.
    """
    found: set[str] = {indicator.value}
    for match in _find(indicator, _looked_at(indicator, lists, index), lists.as_of):
        value = match.entry.value
        found.add(value)
        with suppress(InvalidIndicator):
            found.add((read_as(Kind.URL, value) if match.entry.list is ListName.URL else read(value)).value)
    return frozenset(found)


def _looked_at(indicator: Indicator, lists: Snapshot, index: ListIndex | None) -> Iterable[Entry]:
    return lists.entries if index is None else index.concerning(indicator)


def _find(indicator: Indicator, entries: Iterable[Entry], now: datetime) -> Iterable[Match]:
    name = list_for(indicator.kind)
    others = related_lists(indicator.kind)
    for entry in entries:
        effect: Effect | None = None
        if entry.list is name:
            effect = covers(entry, indicator)
        elif entry.list in others and relates(entry, indicator):
            effect = Effect.RELATED
        if effect is not None:
            yield Match(entry=entry, effect=Effect.EXPIRED if has_ended(entry, now) else effect)


def _decide(
    indicator: Indicator, name: ListName, found: Sequence[Match], *, unreadable: bool
) -> tuple[Judgement, frozenset[int]]:
    """The judgement, and the ids (`id()`) of the matches that bring it about."""
    strong = stronger_action(name)
    for action in (strong, Action.BLOCK if strong is Action.ALLOW else Action.ALLOW):
        judgement = Judgement.ALLOWED if action is Action.ALLOW else Judgement.BLOCKED
        of_action = [match for match in found if match.entry.action is action]
        whole = [match for match in of_action if match.effect in {Effect.EXACT, Effect.COVERS}]
        if whole:
            return judgement, frozenset(map(id, whole))
        parts = [match for match in of_action if match.effect == Effect.PART]
        if _parts_make_whole(indicator, parts):
            return judgement, frozenset(map(id, parts))
    return Judgement.UNKNOWN if unreadable else Judgement.NOT_LISTED, frozenset()


def _parts_make_whole(indicator: Indicator, parts: Sequence[Match]) -> bool:
    """Whether several entries together hold every address of a range or network, as two halves do."""
    whole = span_of(indicator.value) if indicator.kind in _IP_KINDS else None
    if whole is None or len(parts) < 2:
        return False
    spans = [span for match in parts if (span := span_of(match.entry.value)) is not None]
    return together_hold(spans, whole)


_IP_KINDS = frozenset({Kind.IPV4, Kind.IPV4_RANGE, Kind.IPV4_NETWORK, Kind.IPV6, Kind.IPV6_NETWORK})


def _joined(
    match: Match, deciding: frozenset[int], records: Mapping[tuple[ListName, str, object], KnownEntry]
) -> Match:
    entry = match.entry
    return replace(
        match,
        wins=id(match) in deciding,
        known=records.get((entry.list, entry.action, value_key(entry.list, entry.value))) if records else None,
    )


_ORDER: Mapping[str, int] = {
    Effect.EXACT: 0,
    Effect.COVERS: 1,
    Effect.PART: 2,
    Effect.RELATED: 3,
    Effect.EXPIRED: 4,
}


def _rank(match: Match) -> tuple[bool, int, str, str, str, str]:
    entry = match.entry
    return (not match.wins, _ORDER[match.effect], entry.value, entry.list, entry.action, entry.policy)


def _unseen(indicator: Indicator, lists: Snapshot) -> tuple[str, ...]:
    matter = (list_for(indicator.kind), *sorted(related_lists(indicator.kind)))
    return tuple(f"{title(name)}: {lists.unreadable[name]}" for name in matter if name in lists.unreadable)


def _because(
    indicator: Indicator, judgement: Judgement, matches: Sequence[Match], *, now: datetime, unreadable: bool
) -> str:
    name = list_for(indicator.kind)
    sentences = [_main_sentence(indicator, judgement, matches, unreadable=unreadable)]
    winners = [match for match in matches if match.wins]
    if winners:
        sentences.extend(_overruled(name, winners[0].entry.action, matches))
        sentences.extend(_overdue(winners, now))
    sentences.extend(_parts(matches, judgement, name))
    expired = [match for match in matches if match.effect == Effect.EXPIRED]
    if expired:
        sentences.append(f"Not counted, because its end date has passed: {_named(expired)}.")
    related = [match for match in matches if match.effect == Effect.RELATED]
    if related:
        sentences.append(f"Related, in another list: {_named(related)}.")
    if unreadable and winners:
        sentences.append(f"The {title(name)} could not be read in full.")
    return " ".join(sentences)


def _main_sentence(indicator: Indicator, judgement: Judgement, matches: Sequence[Match], *, unreadable: bool) -> str:
    shown, name = defanged(indicator.value), list_for(indicator.kind)
    winners = [match for match in matches if match.wins]
    if not winners:
        if unreadable:
            return f"The {title(name)} could not be read, so nothing can be said about {shown}."
        return f"No entry of the {title(name)} covers {shown}{_as_a_whole(matches)}."
    place = title(name, winners[0].entry.action)
    policies = sorted({match.entry.policy for match in winners if match.entry.policy})
    where = f"{place} (policy {', '.join(policies)})" if policies else place
    if winners[0].effect == Effect.EXACT:
        return f"{shown} is {judgement.value}: it is in the {where}."
    if winners[0].effect == Effect.COVERS:
        return f"{shown} is {judgement.value}: it is covered by {defanged(winners[0].entry.value)} in the {where}."
    return f"{shown} is {judgement.value}: entries of the {where} cover it together."


def _as_a_whole(matches: Sequence[Match]) -> str:
    return " as a whole" if any(match.effect == Effect.PART for match in matches) else ""


def _overruled(name: ListName, winning: Action, matches: Sequence[Match]) -> Iterable[str]:
    losers = [
        match
        for match in matches
        if match.entry.action is not winning and match.effect in {Effect.EXACT, Effect.COVERS}
    ]
    if not losers:
        return
    rule = (
        "in the connection filter the allow list wins over the block list"
        if name is ListName.CONNECTION_FILTER
        else "in the Tenant Allow/Block List a block wins over an allow"
    )
    yield f"{_named(losers)} says otherwise, but {rule}."


def _overdue(winners: Sequence[Match], now: datetime) -> Iterable[str]:
    """Where Portcullis alone keeps the end date, an entry goes on acting until Portcullis has removed it."""
    overdue = [
        match for match in winners if match.known and match.known.expires is not None and match.known.expires <= now
    ]
    if overdue:
        yield f"It was to end before now, but the tenant still has it: {_named(overdue)}."


def _parts(matches: Sequence[Match], judgement: Judgement, name: ListName) -> Iterable[str]:
    """What holds for a part only: of a range, a network, or a domain with some of its addresses."""
    strong = stronger_action(name)
    for action in Action:
        parts = [
            match
            for match in matches
            if match.effect == Effect.PART and not match.wins and match.entry.action is action
        ]
        if not parts:
            continue
        word = "allowed" if action is Action.ALLOW else "blocked"
        if judgement is Judgement.NOT_LISTED:
            yield f"Only a part of it is {word}: {_named(parts)}."
        elif judgement.value != word and action is strong:
            yield f"A part of it is {word} all the same, because {action.value} wins: {_named(parts)}."


def _named(matches: Sequence[Match], most: int = 3) -> str:
    """Entries by value and list, the first few of them."""
    names = [f"{defanged(match.entry.value)} ({title(match.entry.list, match.entry.action)})" for match in matches]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
