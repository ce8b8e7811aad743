"""Is it allowed? Which entries matter, and which of them win, by the rules of precedence over all lists.

Sources: Microsoft, "Configure connection filtering" (the allow list wins over the block list there) and "Manage allows
and blocks in the Tenant Allow/Block List" (a block wins over an allow there).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.indicators.indicator import Indicator, Kind
from bot.domain.indicators.ip_span import together_hold
from bot.domain.indicators.reader import read, read_as
from bot.domain.lists.coverage import Effect, covers, related_lists, relates, span_of, stands_beside, value_key
from bot.domain.lists.entries import Entry, Snapshot, has_ended
from bot.domain.lists.list_index import ListIndex
from bot.domain.lists.traits import Action, ListName, list_for, title
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.verdict.elsewhere import Elsewhere, look_elsewhere
from bot.domain.verdict.explanation import explain
from bot.domain.verdict.judgement import Judgement, Match
from bot.domain.verdict.limits import limits_of
from bot.errors import InvalidIndicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer, with everything that led to it. `unseen` names what could not be read: say so beside the answer.

    The judgement is the lists'. What the places say of it stands in `elsewhere`, and is told beside it.
    """

    indicator: Indicator
    judgement: Judgement
    because: str
    matches: tuple[Match, ...] = ()
    limits: tuple[str, ...] = ()  #: what the verdict does not mean
    unseen: tuple[str, ...] = ()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)  #: what else lets it through or stops it
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
    below = any(match.effect is Effect.BESIDE and match.entry.value.startswith("*.") for match in found)
    if deciding:
        # It is decided: what could be taken for a reason and isn't would only be in the way.
        found = tuple(match for match in found if match.effect is not Effect.BESIDE)
    records = {(record.list, record.action, value_key(record.list, record.value)): record for record in known}
    matches = sorted((_joined(match, deciding, records) for match in found), key=_rank)
    unseen = _unseen(indicator, lists)
    return Verdict(
        indicator=indicator,
        judgement=judgement,
        because=explain(indicator, judgement, tuple(matches), now=now, unreadable=unreadable, below=below),
        matches=tuple(matches),
        limits=()
        if judgement is Judgement.UNKNOWN
        else limits_of(
            indicator.kind, lists, allowed=judgement is Judgement.ALLOWED, blocked=judgement is Judgement.BLOCKED
        ),
        unseen=unseen,
        elsewhere=look_elsewhere(indicator, lists, judgement),
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
            found.add(_of_list(match.entry.list, value).value)
    return frozenset(found)


def _of_list(name: ListName, value: str) -> Indicator:
    """An entry's value. Those of some lists read as another kind, or as none, when nobody says what they are."""
    if name is ListName.URL:
        return read_as(Kind.URL, value)
    return read_as(Kind.SPOOF_PAIR, value) if name is ListName.SPOOF else read(value)


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
        if effect is None and not has_ended(entry, now) and stands_beside(entry, indicator):
            effect = Effect.BESIDE
        if effect is not None:
            yield Match(entry=entry, effect=Effect.EXPIRED if has_ended(entry, now) else effect)


def _decide(
    indicator: Indicator, name: ListName, found: Sequence[Match], *, unreadable: bool
) -> tuple[Judgement, frozenset[int]]:
    """The judgement, and the ids (`id()`) of the matches that bring it about."""
    strong = name.traits.stronger_action
    for action in (strong, Action.BLOCK if strong is Action.ALLOW else Action.ALLOW):
        judgement = Judgement.ALLOWED if action is Action.ALLOW else Judgement.BLOCKED
        of_action = [match for match in found if match.entry.action is action]
        whole = [match for match in of_action if match.effect in {Effect.EXACT, Effect.COVERS}]
        if whole:
            return judgement, frozenset(map(id, whole))
        parts = [match for match in of_action if match.effect is Effect.PART]
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
    match: Match, deciding: frozenset[int], records: Mapping[tuple[ListName, Action, object], KnownEntry]
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
    Effect.BESIDE: 4,
    Effect.EXPIRED: 5,
}


def _rank(match: Match) -> tuple[bool, int, str, str, str, str]:
    entry = match.entry
    return (not match.wins, _ORDER[match.effect], entry.value, entry.list, entry.action, entry.policy)


def _unseen(indicator: Indicator, lists: Snapshot) -> tuple[str, ...]:
    matter = (list_for(indicator.kind), *sorted(related_lists(indicator.kind)))
    return tuple(f"{title(name)}: {lists.unreadable[name]}" for name in matter if name in lists.unreadable)
