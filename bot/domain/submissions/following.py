"""What is learnt of a submission each time it is looked at: Microsoft's result, and the entries that came of it.

Entries can come within moments or only with the next message that they let through; a result can take days. An item
whose submission has an entry that the request names is confirmed; one without stays applied: it was submitted. Once
the entries are gone it has ended, on time or not. What is new is told once; when to look again is `next_look`.

What Microsoft and the lists say, and the items as they stand, come in; the items as they are from now on, what is
logged, and when to look again go out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.auditing.events import PORTCULLIS, EventKind, NewEvent
from bot.domain.lists.entries import Entry, Snapshot, has_ended
from bot.domain.requests.known_entry import KnownEntry
from bot.domain.requests.noted import reference
from bot.domain.requests.request import Item, ItemState, Request
from bot.domain.submissions.came_of_it import entries_of
from bot.domain.submissions.entry_records import has_passed
from bot.domain.submissions.submission import Filed, FiledStatus, Submitted
from bot.domain.submissions.texts import UNREADABLE, entries_words, filed_words, result_words, unnamed_words
from bot.domain.submissions.unnamed import is_named

#: So long after it was filed a submission is asked about, and its entries are looked for.
FOLLOWED_FOR = timedelta(days=3)
_SHORTEST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(days=1)

#: How long after its end an entry is looked for: the service takes a moment, and may have given it a later end.
AFTER_THE_END = timedelta(minutes=15)

ENDED = "the allow that came of its submission has ended"
GONE = "the allow that came of its submission is no longer listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was learnt, just now, of one submission and the items that it is for."""

    filed: tuple[Filed, ...]  #: our record of it, an item each
    items: tuple[Item, ...]
    status: FiledStatus
    result: str  #: what Microsoft made of it, as a sentence; empty until it has
    asks_allow: bool  #: whether entries can come of it
    entries: tuple[Entry, ...]  #: those that act now and that the request names
    unnamed: tuple[Entry, ...] = ()  #: those that act now and that nobody asked for

    @property
    def reference(self) -> str:
        """Microsoft's id of the submission."""
        return self.filed[0].reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What a look means for its items."""

    items: tuple[Item, ...] = ()  #: those that change, as they are from now on
    events: tuple[NewEvent, ...] = ()  #: what is logged of entries that are gone
    news: Look | None = None  #: the look, with the items that it is news for, where it is


_NOTHING = Learnt()


def by_reference(filed: Sequence[Filed]) -> list[tuple[Filed, ...]]:
    """The submissions that Microsoft has: what has the same reference is one."""
    groups: dict[tuple[str, str], list[Filed]] = defaultdict(list)
    for record in filed:
        if record.reference:
            groups[record.kind, record.reference].append(record)
    return [tuple(group) for group in groups.values()]


def lost_answers(request: Request, filed: Sequence[Filed]) -> tuple[list[Item], Mapping[int, Filed]]:
    """The items that were sent with no known answer, and our record of each, by the item's id."""
    lost = {
        record.item_id: record for record in filed if not record.reference and record.status is FiledStatus.INTENDED
    }
    return [item for item in request.items if item.id in lost and item.state is ItemState.INTENDED], lost


def look_at(
    request: Request, filed: tuple[Filed, ...], submitted: Submitted | None, reading: Snapshot, *, now: datetime
) -> Look:
    """What is learnt of a submission. `submitted` is what Microsoft has of it; None: not to be found any more."""
    first = filed[0]
    ids = {record.item_id for record in filed}
    items = tuple(item for item in request.items if item.id in ids)
    status, result = first.status, first.result
    if submitted is not None:
        status, result = submitted.status, result_words(submitted.status, submitted.category, submitted.detail)
    if status.is_open and is_over(first, now):
        status, result = FiledStatus.UNANSWERED, result_words(FiledStatus.UNANSWERED)
    entries = entries_of(
        reading.entries,
        reference=first.reference,
        since=first.filed_at,
        note=reference(request),
        values=[(request.list, item.value) for item in items],
        made=submitted.entries if submitted is not None else (),
    )
    acting = [entry for entry in entries if not has_ended(entry, now)]
    named = tuple(entry for entry in acting if is_named(request, entry.list, entry.value))
    return Look(
        filed=filed,
        items=items,
        status=status,
        result="" if status.is_open else result,
        asks_allow=submitted is None or submitted.asks_allow,
        entries=named,
        unnamed=tuple(entry for entry in acting if entry not in named),
    )


def learn(
    request: Request,
    look: Look,
    current: Mapping[int, Item],
    reading: Snapshot,
    gone: Sequence[KnownEntry],
    *,
    now: datetime,
) -> Learnt:
    """What a look means for its items, as they stand: `current` has them by id.

    `gone` is what was on record for the request, and is no longer listed. An entry that the request doesn't name
    confirms nothing. What somebody has dealt with otherwise since
    is left alone, and so is what can't be told, because its list could not be read.
    """
    items = [current[item.id] for item in look.items if current[item.id].state.holds]
    had_entry = [item for item in items if item.state is ItemState.CONFIRMED]
    if had_entry and not look.entries:
        return _NOTHING if request.list in reading.unreadable else _gone(request, look, had_entry, gone, now)
    if not items:
        return _NOTHING
    state = ItemState.CONFIRMED if look.entries else ItemState.APPLIED
    words = _words(request, look, readable=not reading.unreadable, over=is_over(look.filed[0], now))
    is_news = look.result != look.filed[0].result or any(item.state is not state for item in items)
    after = [replace(item, state=state, outcome=words) for item in items]
    return Learnt(
        items=tuple(item for item in after if item not in items),
        news=replace(look, items=tuple(items)) if is_news else None,
    )


def result_event(request: Request, news: Sequence[Look], *, at: datetime) -> NewEvent | None:
    """One event for all that was learnt at one time: it is told as one step. None where nothing is new."""
    values = [item.value for look in news for item in look.items]
    if not values:
        return None
    return NewEvent(
        kind=EventKind.SUBMISSION_RESULT,
        actor=PORTCULLIS,
        target=values[0] if len(values) == 1 else f"request {request.proposal_id}",
        request_id=request.id,
        payload={"results": [_told(look) for look in news]},
        at=at,
    )


def is_over(filed: Filed, now: datetime) -> bool:
    """Whether a submission has been asked about, and looked for, as long as it is worth it."""
    return now - filed.filed_at >= FOLLOWED_FOR


def given_up_for_lost(filed: Sequence[Filed], *, now: datetime) -> list[Filed]:
    """What was sent with no known answer, and has been looked for in vain for long enough."""
    return [record for record in filed if record.status is FiledStatus.INTENDED and is_over(record, now)]


def next_look(
    filed: Sequence[Filed], states: Mapping[int, ItemState], looks: Sequence[Look], *, now: datetime
) -> datetime | None:
    """When to look again: soon at first, then ever later; and once the entries should have ended. None: no more.

    `states` are those of the items by id, now that the `looks` are recorded.
    """
    moments = []
    for record in filed:
        # What is confirmed may bring more: an entry that nobody asked for can come days later.
        may_bring_more = record.reference and states[record.item_id].may_hold
        is_open = record.status.is_open or may_bring_more
        if is_open and not is_over(record, now):
            wait = min(max(now - record.filed_at, _SHORTEST_WAIT), _LONGEST_WAIT)
            moments.append(min(now + wait, record.filed_at + FOLLOWED_FOR))
    acting = [entry for look in looks for entry in (*look.entries, *look.unnamed)]
    ends = [entry.expires for entry in acting if entry.expires is not None]
    return min([*moments, *(max(end, now) + AFTER_THE_END for end in ends)], default=None)


def _gone(request: Request, look: Look, items: Sequence[Item], gone: Sequence[KnownEntry], now: datetime) -> Learnt:
    """What came of a submission is on the lists no more: its end came, or somebody took it out.

    Where nothing is `gone` that was known until now, a request of ours did, and has told it.
    """
    gone = [record for record in gone if is_named(request, record.list, record.value)]
    on_time = all(has_passed(record.expires, now) for record in gone) if gone else has_passed(request.expires, now)
    state, words = (ItemState.EXPIRED, ENDED) if on_time else (ItemState.REMOVED, GONE)
    events = [
        NewEvent(
            kind=EventKind.ITEM_EXPIRED if on_time else EventKind.ITEM_MISSING,
            actor=PORTCULLIS,
            target=item.value,
            request_id=request.id,
            payload={
                "operation": request.operation,
                "action": request.action,
                "list": request.list,
                "reference": look.reference,
                "outcome": words,
            },
            at=now,
        )
        for item in items
        if gone or on_time
    ]
    return Learnt(items=tuple(replace(item, state=state, outcome=words) for item in items), events=tuple(events))


def _words(request: Request, look: Look, *, readable: bool, over: bool) -> str:
    """What stands beside an item: that it was submitted, what Microsoft says, and which entries came of it."""
    any_came = bool(look.entries or look.unnamed)
    submitted = filed_words(look.reference, asks_allow=look.asks_allow or any_came, name=request.list)
    if look.status.is_open and not any_came:
        return submitted
    came = entries_words(look.entries, over=over) if any_came or readable else UNREADABLE
    if not any_came and not look.asks_allow:
        came = ""
    unnamed = unnamed_words(look.unnamed)
    return " ".join(filter(None, [f"{submitted.removesuffix('.')}.", unnamed, look.result, came]))


def _told(look: Look) -> Mapping[str, object]:
    return {
        "items": [item.value for item in look.items],
        "reference": look.reference,
        "status": look.status,
        "result": look.result,
        "entries": [_listed(entry) for entry in look.entries],
        "unnamed": [_listed(entry) for entry in look.unnamed],
    }


def _listed(entry: Entry) -> Mapping[str, object]:
    return {"list": entry.list, "value": entry.value, "expires": entry.expires}
