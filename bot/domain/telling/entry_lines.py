"""An entry of the lists in a line, and how full the lists are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.domain.lists.capacity import capacity
from bot.domain.lists.entries import Entry
from bot.domain.lists.traits import Action, ListName, Plan, label
from bot.domain.requests.browsing import ListedEntry, entry_id
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.telling.sentence import Moment, Sentence, Who, sentence

#: From this share on a list counts as nearly full.
_NEARLY = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLineFacts:
    """An entry as a line. Its texts come from the tenant, or from people: any text."""

    name: str  #: by which buttons know it
    value: str
    action: Action
    place: str  #: `Tenant Allow/Block List, senders`
    until: Sentence  #: `ends ‹time›`, `never ends`, `ends 45 days after its last use`
    asked_by: Sentence  #: `asked by ‹person›`, or that nobody asked for it here; `request_id` belongs behind it
    request_id: int | None  #: by which people know the request that keeps it; None where none is on record
    note: str
    card_url: str = ""  #: where that request's card is read; empty where it isn't known


@dataclass(frozen=True, slots=True, kw_only=True)
class RoomFacts:
    """How full a list is."""

    place: str
    held: int  #: in a connection filter policy: in the one that holds most
    limit: int

    @property
    def is_nearly_full(self) -> bool:
        return self.held >= self.limit * _NEARLY


def entry_line(row: ListedEntry) -> EntryLineFacts:
    """One entry, told."""
    entry, known = row.entry, row.known
    number = row.number if row.number is not None or known is None else known.request_id
    return EntryLineFacts(
        name=entry_id(entry),
        value=entry.value,
        action=entry.action,
        place=label(entry.list, entry.action),
        until=_until(row.end, bounded_by_use=entry.bounded_by_use),
        asked_by=_asked_by(known),
        request_id=number,
        note=row.note,
        card_url=row.card_url,
    )


def _asked_by(known: KnownEntry | None) -> Sentence:
    if known is None:
        return ("nobody asked for it here",)
    asked = "asked by " if known.is_named else "nobody asked for it: it came of the submission of "
    return sentence(asked, Who(known.requester))


def room(entries: Iterable[Entry], plan: Plan) -> tuple[RoomFacts, ...]:
    """How full each list is that holds anything, by the tenant's plan; those that are fullest first."""
    held = Counter((entry.list, entry.action, entry.policy) for entry in entries)
    found: dict[tuple[ListName, frozenset[Action]], RoomFacts] = {}
    for name, action in {(name, action) for name, action, _ in held}:
        rule = capacity(name, action, plan)
        by_policy: Counter[str] = Counter()
        for (other, counted, policy), count in held.items():
            if other is name and counted in rule.counted:
                by_policy[policy if rule.per_policy else ""] += count
        which = _whose(name, action, alone=len(rule.counted) == 1)
        found[name, rule.counted] = RoomFacts(place=which, held=max(by_policy.values()), limit=rule.limit)
    return tuple(sorted(found.values(), key=lambda facts: (-facts.held / facts.limit, facts.place)))


def _whose(name: ListName, action: Action, *, alone: bool) -> str:
    if not alone:
        return label(name)
    place = label(name, action)
    return place if place != label(name) else f"{place}, {action.value}s"


def _until(end: datetime | None, *, bounded_by_use: bool) -> Sentence:
    if end is not None:
        return ("ends ", Moment(end))
    return ("ends 45 days after its last use",) if bounded_by_use else ("never ends",)
